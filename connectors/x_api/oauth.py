"""X's OAuth 2: the page of consent, codes and refresh tokens for access tokens, the app's own token. Storing them is not ours.

Source: https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code. PKCE (RFC 7636) is always used. Access tokens end
after two hours, codes after 30 seconds, and a refresh token works once: the new one must be kept before anything else is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client.oauth2_session import OAuth2ClientAuth
from authlib.oauth2.client import OAuth2Client

from connectors.errors import ConnectorError, Unavailable
from connectors.transport import error_from_exception
from connectors.x_api.door import BASE_URL
from connectors.x_api.faults import error_from_answer

__all__ = [
    "SCOPES",
    "SITE_URL",
    "X",
    "OAuthEndpoints",
    "Tokens",
    "XApp",
    "app_token",
    "authorisation_url",
    "exchange_code",
    "new_code_verifier",
    "refresh",
    "revoke",
]

SCOPES = ("tweet.read", "tweet.write", "users.read", "dm.read", "dm.write", "media.write", "offline.access")


@dataclass(frozen=True)
class OAuthEndpoints:
    """Where consent is asked for and where tokens are made and given back. `app_token` is the older address of tokens for apps alone."""

    authorise: str
    token: str
    revoke: str
    app_token: str

    @classmethod
    def at(cls, base_url: str, site: str) -> OAuthEndpoints:
        """Those below the API's and the site's address."""
        api = base_url.rstrip("/")
        return cls(
            f"{site.rstrip('/')}/i/oauth2/authorize",
            f"{api}/2/oauth2/token",
            f"{api}/2/oauth2/revoke",
            f"{api}/oauth2/token",
        )


SITE_URL = "https://x.com"
"""Where people sign in."""
X = OAuthEndpoints.at(BASE_URL, SITE_URL)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class XApp:
    """An app as the Developer Console shows it. Without `client_secret` it is a public client (native or single-page app).

    `consumer_key` and `consumer_secret` are the API key and its secret: of OAuth 1.0a, of the app's own token, of older webhooks.
    """

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    redirect_uri: str = ""
    consumer_key: str = ""
    consumer_secret: str = field(default="", repr=False)
    endpoints: OAuthEndpoints = X
    now: Callable[[], datetime] = field(default=_now, repr=False, compare=False)


@dataclass(frozen=True)
class Tokens:
    """What X handed out. `refresh_token` is empty without the scope offline.access; otherwise it replaces the one used."""

    access_token: str = field(repr=False)
    expires_in_s: int
    scopes: frozenset[str] = frozenset()
    refresh_token: str = field(default="", repr=False)


def new_code_verifier() -> str:
    """Return a new secret for one sign-in (PKCE)."""
    verifier: str = generate_token(64)
    return verifier


def authorisation_url(app: XApp, state: str, code_verifier: str, scopes: Iterable[str] = SCOPES) -> str:
    """Return where to send the browser; `state` and `code_verifier` are kept until it comes back. Nothing is sent."""
    library = _library(requests.Session(), app, scope=" ".join(scopes))
    address = app.endpoints.authorise
    url: str = library.create_authorization_url(address, state=state, code_verifier=code_verifier)[0]
    return url


def exchange_code(session: requests.Session, app: XApp, code: str, code_verifier: str) -> Tokens:
    """Return the tokens for the code the browser came back with; whether its state was ours is checked before.

    Raises XRejected for a code that is used, too old or not meant for this app, AuthExpired when the app's id or secret is refused,
    RateLimited, Unavailable.
    """
    library, address = _library(session, app), app.endpoints.token
    body = {"code": code, "code_verifier": code_verifier, **_public_id(app)}
    return _tokens(_asked(address, lambda: library.fetch_token(address, **body)))


def refresh(session: requests.Session, app: XApp, refresh_token: str) -> Tokens:
    """Return new tokens (RFC 6749 §6); the refresh token given is void from now on.

    Raises AuthExpired when it is refused: used before, revoked, or of another app; else RateLimited, Unavailable, Rejected.
    """
    library, address = _library(session, app), app.endpoints.token
    return _tokens(_asked(address, lambda: library.refresh_token(address, refresh_token, **_public_id(app))))


def revoke(session: requests.Session, app: XApp, token: str) -> None:
    """Give a token back (RFC 7009). Nothing happens if it is no longer good. Raises RateLimited, Unavailable, Rejected."""
    address = app.endpoints.revoke
    try:
        response = _library(session, app).revoke_token(address, token=token, body=_form(_public_id(app)))
    except requests.RequestException as error:
        raise error_from_exception(error, "POST", address) from None
    _checked(app)(response)


def app_token(session: requests.Session, app: XApp) -> str:
    """Return the token of the app itself, which webhooks are managed with; it lasts until it is taken back in the console.

    https://docs.x.com/fundamentals/authentication/oauth-2-0/application-only. Raises AuthExpired when the API key is refused.
    """
    address = app.endpoints.app_token
    try:
        response = session.request(
            "POST",
            address,
            data={"grant_type": "client_credentials"},
            auth=(app.consumer_key, app.consumer_secret),
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise error_from_exception(error, "POST", address) from None
    _checked(app)(response)
    return _tokens(_asked(address, response.json)).access_token


def _library(session: requests.Session, app: XApp, **options: Any) -> OAuth2Client:
    """Authlib's client over a session of ours. An app with a secret signs in with it in the header (RFC 6749 §2.3.1)."""
    method = "client_secret_basic" if app.client_secret else "none"
    library = _AuthlibClient(
        session,
        client_id=app.client_id,
        client_secret=app.client_secret,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        redirect_uri=app.redirect_uri,
        code_challenge_method="S256",
        **options,
    )
    for hook in ("access_token_response", "refresh_token_response"):
        library.register_compliance_hook(hook, _checked(app))
    return library


class _AuthlibClient(OAuth2Client):
    client_auth_class = OAuth2ClientAuth


def _public_id(app: XApp) -> dict[str, str]:
    return {} if app.client_secret else {"client_id": app.client_id}


def _form(values: Mapping[str, str]) -> str:
    return "&".join(f"{key}={value}" for key, value in values.items())


def _checked(app: XApp) -> Callable[[requests.Response], requests.Response]:
    def check(response: requests.Response) -> requests.Response:
        if response.status_code >= 300:
            raise error_from_answer(response, app.now())
        return response

    return check


def _asked(address: str, ask: Callable[[], Any]) -> Mapping[str, Any]:
    """Make the request and give the JSON object that answers it."""
    try:
        answer = ask()
    except ConnectorError:
        raise
    except requests.JSONDecodeError:
        answer = None
    except requests.RequestException as error:
        raise error_from_exception(error, "POST", address) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        answer = None
    if not isinstance(answer, Mapping):
        raise Unavailable("X gave an answer that is not understood.", step="login")
    return answer


def _tokens(answer: Mapping[str, Any]) -> Tokens:
    token = answer.get("access_token")
    if not isinstance(token, str) or not token:
        raise Unavailable("X answered a request for a token without one.", step="login")
    life = answer.get("expires_in", 7200)
    return Tokens(
        access_token=token,
        expires_in_s=int(life) if isinstance(life, (int, str)) and str(life).isdecimal() else 7200,
        scopes=frozenset(str(answer.get("scope", "")).split()),
        refresh_token=str(answer.get("refresh_token") or ""),
    )
