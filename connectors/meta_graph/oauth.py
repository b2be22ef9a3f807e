"""Tokens: the address people are sent to, the code they come back with, longer lives, what a token may do, giving it back.

Pages: https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow,
https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived,
https://developers.facebook.com/docs/graph-api/reference/debug_token
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from connectors.errors import Unavailable
from connectors.meta_graph.borrowed import Caller
from connectors.meta_graph.client import BASE_URL, VERSION, GraphClient
from connectors.meta_graph.json_fields import Fields, fields, items, number, text, texts, time
from connectors.meta_graph.types import Token, TokenInfo
from connectors.transport import create_session

DIALOG_URL = "https://www.facebook.com"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class MetaApp:
    """An app as its dashboard shows it, and where it is asked. `now` tells the time that lifetimes are added to."""

    app_id: str
    app_secret: str = field(repr=False)
    base_url: str = BASE_URL
    dialog_url: str = DIALOG_URL
    version: str = VERSION
    session: Caller = field(default_factory=create_session, repr=False, compare=False)
    now: Callable[[], datetime] = field(default=_now, repr=False, compare=False)

    def client(self, access_token: str) -> GraphClient:
        """Return a client for a token that this app got; each of its calls carries the proof."""
        return GraphClient(
            access_token,
            app_secret=self.app_secret,
            base_url=self.base_url,
            version=self.version,
            session=self.session,
        )


def authorization_url(
    app: MetaApp, redirect_uri: str, state: str, scopes: Sequence[str], *, asks_again: bool = False
) -> str:
    """Return where to send the person. `asks_again` shows scopes once more that they declined before."""
    query = {
        "client_id": app.app_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "response_type": "code",
        "scope": ",".join(scopes),
        **({"auth_type": "rerequest"} if asks_again else {}),
    }
    return f"{app.dialog_url.rstrip('/')}/{app.version}/dialog/oauth?{urlencode(query)}"


def exchange_code(app: MetaApp, code: str, redirect_uri: str) -> Token:
    """Return the user token for a code; `redirect_uri` is the very one the person was sent with.

    Raises GraphRejected (code 100: spent, expired or of another address), RateLimited, Unavailable.
    """
    return _token(app, {"redirect_uri": redirect_uri, "code": code})


def extend(app: MetaApp, user_token: str) -> Token:
    """Return a long-lived token (about 60 days) for a short-lived one; page tokens read with it do not end by themselves."""
    return _token(app, {"grant_type": "fb_exchange_token", "fb_exchange_token": user_token})


def debug_token(app: MetaApp, access_token: str) -> TokenInfo:
    """Return what Meta knows of a token: whether it holds, until when, for which scopes. An ended one raises nothing."""
    query = {"input_token": access_token}
    data = fields(_client(app).call("GET", "debug_token", params=query).get("data"))
    return TokenInfo(
        is_valid=data.get("is_valid") is True,
        app_id=text(data.get("app_id")),
        kind=text(data.get("type")),
        user_id=text(data.get("user_id")),
        profile_id=text(data.get("profile_id")),
        scopes=texts(data.get("scopes")),
        granular_scopes={
            text(one.get("scope")): texts(one.get("target_ids")) for one in items(data.get("granular_scopes"))
        },
        expires_at=time(data.get("expires_at")),
        data_access_expires_at=time(data.get("data_access_expires_at")),
        error=text(fields(data.get("error")).get("message")),
    )


def revoke(app: MetaApp, user_token: str) -> None:
    """Take the app's permissions away from it: all tokens of this person for the app end.

    https://developers.facebook.com/docs/graph-api/reference/user/permissions
    """
    app.client(user_token).delete("me/permissions")


def _client(app: MetaApp) -> GraphClient:
    """Speaks as the app itself, with the app token "id|secret", which needs no proof."""
    return GraphClient(
        f"{app.app_id}|{app.app_secret}", base_url=app.base_url, version=app.version, session=app.session
    )


def _token(app: MetaApp, question: dict[str, str]) -> Token:
    client = GraphClient("", base_url=app.base_url, version=app.version, session=app.session)
    body = {"client_id": app.app_id, "client_secret": app.app_secret, **question}
    return _read_token(client.call("POST", "oauth/access_token", data=body), app.now())


def _read_token(answer: Fields, now: datetime) -> Token:
    token, life_s = text(answer.get("access_token")), number(answer.get("expires_in"))
    if not token:
        raise Unavailable("Meta answered a request for a token without one.", step="login")
    return Token(token, now + timedelta(seconds=life_s) if life_s else None)
