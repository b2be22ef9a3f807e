"""What our OAuth 2 clients share: Authlib's client over a session of ours, and reading what a token address answers.

What goes wrong is translated by each connector, since every provider has errors of its own. PKCE (RFC 7636) is always used.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from connectors.errors import ConnectorError, Unavailable
from connectors.transport import error_from_exception

if TYPE_CHECKING:
    from authlib.oauth2.client import OAuth2Client

__all__ = ["AuthorisationRequest", "Checked", "Tokens", "asked_for_tokens", "oauth2_client"]

Checked = Callable[[requests.Response], requests.Response]
"""Gives an answer back if it is a good one; raises a `ConnectorError` for any other."""
USUAL_LIFE_S = 3600


@dataclass(frozen=True)
class AuthorisationRequest:
    """Send the browser to `url`; keep `state` and `code_verifier` on the server until it comes back."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    code_verifier: str = field(repr=False)


@dataclass(frozen=True)
class Tokens:
    """What a provider handed out. `refresh_token` is None where it gave no new one: keep the old one then.

    `scopes` are those that were granted; people may untick some of those that were asked for. `refresh_expires_in_s`: how long the
    refresh token is good, None where nobody says. `address`: who signed in, as the ID token says; nobody checked its signature, since it
    came straight from the provider (OpenID Connect Core §3.1.3.7) and opens nothing.
    """

    access_token: str = field(repr=False)
    expires_in_s: int
    scopes: frozenset[str] = frozenset()
    refresh_token: str | None = field(default=None, repr=False)
    refresh_expires_in_s: int | None = None
    address: str = ""


def oauth2_client(
    session: requests.Session,
    *,
    client_id: str,
    client_secret: str,
    checked: Checked,
    redirect_uri: str = "",
    **options: Any,
) -> OAuth2Client:
    """Authlib's client over a session of ours. The client's secret goes in the body, which all our providers take; an application without
    one is public (RFC 6749 §2.1)."""
    method = "client_secret_post" if client_secret else "none"
    library = _client_class()(
        session,
        client_id=client_id,
        client_secret=client_secret or None,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        redirect_uri=redirect_uri or None,
        code_challenge_method="S256",
        **options,
    )
    for hook in ("access_token_response", "refresh_token_response"):
        library.register_compliance_hook(hook, checked)
    return library


def asked_for_tokens(address: str, ask: Callable[[], Mapping[str, Any]]) -> Tokens:
    """Make the request to a token address and read its answer. Raises what `checked` raises, and Unavailable for what is no answer."""
    try:
        return _tokens(ask())
    except ConnectorError:
        raise
    except requests.JSONDecodeError:
        pass
    except requests.RequestException as error:
        raise error_from_exception(error, "POST", address) from None
    except (ValueError, KeyError, TypeError):
        pass
    raise Unavailable(f"{urlsplit(address).hostname} gave an answer that is not understood.", step="login")


@cache
def _client_class() -> type[OAuth2Client]:
    """Made when it is first needed, since Authlib takes a while to import. A redirect would carry our secrets elsewhere."""
    from authlib.integrations.requests_client.oauth2_session import OAuth2ClientAuth
    from authlib.oauth2.client import OAuth2Client

    class Client(OAuth2Client):
        client_auth_class = OAuth2ClientAuth

        def _fetch_token(self, *args: Any, **kwargs: Any) -> Any:
            return super()._fetch_token(*args, allow_redirects=False, **kwargs)

        def _http_post(self, *args: Any, **kwargs: Any) -> Any:
            return super()._http_post(*args, allow_redirects=False, **kwargs)

    return Client


def _tokens(answer: Mapping[str, Any]) -> Tokens:
    token, refresh_token = answer["access_token"], answer.get("refresh_token")
    if not isinstance(token, str) or not token:
        raise ValueError("no access token")
    life = _seconds(answer.get("expires_in"))
    return Tokens(
        access_token=token,
        expires_in_s=USUAL_LIFE_S if life is None else life,
        scopes=frozenset(str(answer.get("scope") or "").split()),
        refresh_token=refresh_token if isinstance(refresh_token, str) and refresh_token else None,
        # Google's name for it, and that of several others.
        refresh_expires_in_s=_seconds(answer.get("refresh_token_expires_in") or answer.get("refresh_expires_in")),
        address=_address(answer.get("id_token")),
    )


def _seconds(value: object) -> int | None:
    """A number of seconds, which some providers write as a text; None when it is missing or no number."""
    return int(value) if isinstance(value, int | str) and str(value).isascii() and str(value).isdecimal() else None


def _address(id_token: object) -> str:
    """The e-mail address in an ID token, in small letters; empty where there is none."""
    try:
        part = str(id_token).split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        found = (claims.get(name) for name in ("email", "preferred_username"))
        return next((name.lower() for name in found if isinstance(name, str) and "@" in name), "")
    except (IndexError, ValueError, AttributeError):
        return ""
