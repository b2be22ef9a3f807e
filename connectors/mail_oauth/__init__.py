"""Signing in to mailboxes at Google and Microsoft (OAuth 2): the page of consent, and tokens for IMAP and SMTP. Nothing is stored here."""

from connectors.mail_oauth.client import (
    AuthorisationRequest,
    OAuthApplication,
    Tokens,
    authorisation_request,
    exchange_code,
    refresh,
)
from connectors.mail_oauth.providers import GOOGLE, MICROSOFT, PROVIDERS, MailProvider

__all__ = [
    "GOOGLE",
    "MICROSOFT",
    "PROVIDERS",
    "AuthorisationRequest",
    "MailProvider",
    "OAuthApplication",
    "Tokens",
    "authorisation_request",
    "exchange_code",
    "refresh",
]
