"""Google's OAuth 2: the page of consent, codes and refresh tokens for access tokens, giving them back. Storing them is not ours.

Source: https://developers.google.com/identity/protocols/oauth2/web-server. PKCE (RFC 7636) is always used.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from connectors.gmail.faults import from_answer
from connectors.oauth2 import AuthorisationRequest, Tokens, asked_for_tokens, oauth2_client
from connectors.transport import error_from_exception

if TYPE_CHECKING:
    from authlib.oauth2.client import OAuth2Client

__all__ = [
    "GOOGLE",
    "SCOPE_MODIFY",
    "SCOPE_SETTINGS",
    "AuthorisationRequest",
    "GoogleClient",
    "OAuthEndpoints",
    "Tokens",
    "authorisation_request",
    "exchange_code",
    "refresh",
    "revoke",
]

SCOPE_MODIFY = "https://www.googleapis.com/auth/gmail.modify"
"""Read, send and label; everything the Gmail client does except deleting for good."""
SCOPE_SETTINGS = "https://www.googleapis.com/auth/gmail.settings.basic"


@dataclass(frozen=True)
class OAuthEndpoints:
    """Where consent is asked for and where tokens are made and given back."""

    authorise: str
    token: str
    revoke: str


GOOGLE = OAuthEndpoints(
    authorise="https://accounts.google.com/o/oauth2/v2/auth",
    token="https://oauth2.googleapis.com/token",
    revoke="https://oauth2.googleapis.com/revoke",
)


@dataclass(frozen=True)
class GoogleClient:
    """The application as it was registered in the Google Cloud console, with the one address people come back to."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    endpoints: OAuthEndpoints = GOOGLE


def authorisation_request(
    client: GoogleClient,
    scopes: Iterable[str],
    *,
    login_hint: str = "",
    state: str = "",
    code_verifier: str = "",
) -> AuthorisationRequest:
    """Return where to send the browser, with a state and a code verifier (RFC 7636 §4.1), new ones unless given. Nothing is sent.

    Asks for access while the person is away and for consent each time, else Google leaves the refresh token out.
    `login_hint` is the address to preselect.
    """
    verifier, state = code_verifier or secrets.token_urlsafe(48), state or secrets.token_urlsafe(24)
    options = {"access_type": "offline", "prompt": "consent", "include_granted_scopes": "true"}
    if login_hint:
        options["login_hint"] = login_hint
    library = _library(requests.Session(), client, scope=" ".join(scopes))
    url, _state = library.create_authorization_url(
        client.endpoints.authorise, state=state, code_verifier=verifier, **options
    )
    return AuthorisationRequest(url, state, verifier)


def exchange_code(session: requests.Session, client: GoogleClient, code: str, code_verifier: str) -> Tokens:
    """Return the tokens for the code the browser came back with; whether its state was ours is checked before.

    Raises AuthExpired for a code that is used, too old or not meant for this client, RateLimited, Unavailable, Rejected.
    """
    library = _library(session, client)
    return asked_for_tokens(
        client.endpoints.token,
        lambda: library.fetch_token(client.endpoints.token, code=code, code_verifier=code_verifier),
    )


def refresh(session: requests.Session, client: GoogleClient, refresh_token: str) -> Tokens:
    """Return a new access token (RFC 6749 §6).

    Raises AuthExpired when the refresh token was revoked or has expired: the mailbox must be connected again; else RateLimited,
    Unavailable, Rejected.
    """
    library = _library(session, client)
    tokens = asked_for_tokens(
        client.endpoints.token, lambda: library.refresh_token(client.endpoints.token, refresh_token)
    )
    rotated = tokens.refresh_token if tokens.refresh_token != refresh_token else None
    return replace(tokens, refresh_token=rotated)


def revoke(session: requests.Session, client: GoogleClient, token: str) -> None:
    """Give a refresh token or access token back (RFC 7009); with it go all tokens of the same consent.

    Nothing happens if it is no longer good. Raises RateLimited, Unavailable, Rejected.
    """
    address = client.endpoints.revoke
    try:
        response = _library(session, client).revoke_token(address, token=token)
    except requests.RequestException as error:
        raise error_from_exception(error, "POST", address) from None
    if response.status_code == 400 and "invalid_token" in response.text:
        return
    _checked(response)


def _library(session: requests.Session, client: GoogleClient, **options: Any) -> OAuth2Client:
    """Authlib's client over a session of ours."""
    return oauth2_client(
        session,
        client_id=client.client_id,
        client_secret=client.client_secret,
        redirect_uri=client.redirect_uri,
        checked=_checked,
        **options,
    )


def _checked(response: requests.Response) -> requests.Response:
    if response.status_code >= 300:
        host = urlsplit(response.url).hostname or "Google"
        raise from_answer(response.status_code, response.headers, response.content, host)
    return response
