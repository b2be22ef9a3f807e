"""Asking for consent to open a mailbox, and getting tokens for it: Authlib's client, our errors. Works for any OAuth 2 provider."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from connectors.errors import AuthExpired, ConnectorError, Unavailable
from connectors.oauth2 import AuthorisationRequest, Tokens, asked_for_tokens, oauth2_client
from connectors.transport import error_from_response, redact

if TYPE_CHECKING:
    from authlib.oauth2.client import OAuth2Client

__all__ = [
    "AuthorisationRequest",
    "OAuthApplication",
    "Tokens",
    "authorisation_request",
    "exchange_code",
    "refresh",
]

_KINDS: Mapping[str, type[ConnectorError]] = {
    "invalid_grant": AuthExpired,
    "invalid_client": AuthExpired,  # of Microsoft also: the secret of the application has ended (AADSTS7000222)
    "unauthorized_client": AuthExpired,
    "access_denied": AuthExpired,
    "interaction_required": AuthExpired,
    "consent_required": AuthExpired,
    "login_required": AuthExpired,
    "deleted_client": AuthExpired,
    "admin_policy_enforced": AuthExpired,
    "temporarily_unavailable": Unavailable,
    "server_error": Unavailable,
    "internal_failure": Unavailable,
}
"""By the error of the answer (RFC 6749 §5.2, OpenID Connect, and those two providers); what is not here goes by the status."""


@dataclass(frozen=True)
class OAuthApplication:
    """An application as it was registered with a provider: where it asks for consent and for tokens, what for, and where people come back
    to. `scopes` and `options` go to the page of consent, `refresh_scopes` with each refresh."""

    client_id: str
    client_secret: str = field(repr=False)
    token_url: str
    authorise_url: str = ""
    redirect_uri: str = ""
    scopes: tuple[str, ...] = ()
    refresh_scopes: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


def authorisation_request(
    application: OAuthApplication, *, state: str, code_verifier: str = "", login_hint: str = ""
) -> AuthorisationRequest:
    """Return where to send the browser, with a code verifier (RFC 7636 §4.1), a new one unless given. Nothing is sent.

    `login_hint` is the address to preselect.
    """
    verifier = code_verifier or secrets.token_urlsafe(48)
    options = {**application.options, **({"login_hint": login_hint} if login_hint else {})}
    with requests.Session() as unused:
        library = _library(unused, application, application.scopes)
        url, _state = library.create_authorization_url(
            application.authorise_url, state=state, code_verifier=verifier, **options
        )
    return AuthorisationRequest(url, state, verifier)


def exchange_code(session: requests.Session, application: OAuthApplication, code: str, code_verifier: str) -> Tokens:
    """Return the tokens for the code the browser came back with; whether its state was ours is checked before.

    Raises AuthExpired for a code that is used, too old or not meant for this application, RateLimited, Unavailable, Rejected.
    """
    library = _library(session, application)
    return _asked(
        application, lambda: library.fetch_token(application.token_url, code=code, code_verifier=code_verifier)
    )


def refresh(session: requests.Session, application: OAuthApplication, refresh_token: str) -> Tokens:
    """Return a new access token (RFC 6749 §6); with a `refresh_token` only if it takes the place of the old one.

    Raises AuthExpired when the refresh token was revoked or has expired, or when the application itself is not accepted any more: `code`
    tells them apart; else RateLimited, Unavailable, Rejected.
    """
    library = _library(session, application, application.refresh_scopes)
    tokens = _asked(application, lambda: library.refresh_token(application.token_url, refresh_token))
    return replace(tokens, refresh_token=None) if tokens.refresh_token == refresh_token else tokens


def _library(session: requests.Session, application: OAuthApplication, scopes: tuple[str, ...] = ()) -> OAuth2Client:
    return oauth2_client(
        session,
        client_id=application.client_id,
        client_secret=application.client_secret,
        redirect_uri=application.redirect_uri,
        checked=_checked,
        scope=" ".join(scopes) or None,
    )


def _asked(application: OAuthApplication, ask: Callable[[], Any]) -> Tokens:
    return asked_for_tokens(application.token_url, ask)


def _checked(response: requests.Response) -> requests.Response:
    """The answer of a token address, if it is one. Some say what went wrong with a status of 200."""
    said = _said(response)
    if response.status_code < 300 and not said.get("error"):
        return response
    kind = _KINDS.get(str(said.get("error")))
    if kind is None:
        raise error_from_response(response)
    host = urlsplit(response.url).hostname or "The provider"
    words = " ".join(str(said.get("error_description") or "").split()).partition(" Trace ID:")[0]
    reason = (
        f"{host} no longer accepts the sign-in ({said['error']})" if kind is AuthExpired else f"{host}: {said['error']}"
    )
    raise kind(redact(f"{reason}. {words}").strip()[:400], step="login", code=str(said["error"]))


def _said(response: requests.Response) -> dict[str, Any]:
    try:
        value = response.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
