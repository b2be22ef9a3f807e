"""Stands before the emulator of Google's services and adds what it lacks: `users.getProfile`, a refusal of tokens that nobody gave out,
and trouble on demand. Everything else reaches the emulator as it was asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import requests

from app.plugin_api.testing.provider import Answer, Asked, FakeProvider
from app.plugin_api.testing.providers.gmail import FakeGmail, google_error
from app.testing.servers.emulate import EmulateServer

__all__ = ["EmulateFront", "passed_on"]

_TIMEOUT_S = 10
_METHODS = ("GET", "POST", "PUT", "DELETE")


class EmulateFront(FakeProvider):
    """`address` takes the place of the emulator's `url`. `revoke_everything` ends every sign-in that was made through it."""

    FAULTS = FakeGmail.FAULTS

    def __init__(self, server: EmulateServer) -> None:
        super().__init__()
        self._url = server.url
        self._session = requests.Session()
        self._session.trust_env = False
        self._owners: dict[str, str] = {}
        self._refresh_tokens: set[str] = set()
        self.on("/gmail/v1/users/<user>/profile")(self._profile)
        self.on("/oauth2/token", "POST")(self._token)
        self.on("/gmail/<path:rest>", *_METHODS)(self._guarded)
        self.on("/<path:rest>", *_METHODS)(self._passed_on)

    def revoke_everything(self) -> None:
        """The person takes Tidings off the list of connected applications."""
        for token in self._refresh_tokens:
            self._session.post(f"{self._url}/oauth2/revoke", {"token": token}, timeout=_TIMEOUT_S)
        self._refresh_tokens.clear()
        self._owners = dict.fromkeys(self._owners, EmulateServer.STRANGER)

    def close(self) -> None:
        super().close()
        self._session.close()

    def _profile(self, asked: Asked) -> object:
        owner = self._owner(asked)
        if owner == EmulateServer.STRANGER:
            return google_error(401, "authError", "Invalid Credentials")
        now = self._asked_for("/gmail/v1/users/me/history", asked, {"startHistoryId": "1", "maxResults": "1"})
        listed = self._asked_for("/gmail/v1/users/me/messages", asked, {"maxResults": "1"})
        total = listed.get("resultSizeEstimate", 0)
        return {"emailAddress": owner, "historyId": now["historyId"], "messagesTotal": total, "threadsTotal": total}

    def _guarded(self, asked: Asked) -> object:
        if self._owner(asked) == EmulateServer.STRANGER:
            return google_error(401, "authError", "Invalid Credentials")
        return self._passed_on(asked)

    def _token(self, asked: Asked) -> object:
        answer = self._passed_on(asked)
        assert isinstance(answer.body, bytes)
        if answer.status == 200:
            self._refresh_tokens |= {json.loads(answer.body).get("refresh_token")} - {None}
        return answer

    def _owner(self, asked: Asked) -> str:
        """Whose mailbox the token opens, once found out."""
        token = asked.headers.get("Authorization", "")
        if token not in self._owners:
            found = self._asked_for("/oauth2/v2/userinfo", asked, {})
            self._owners[token] = str(found.get("email", EmulateServer.STRANGER))
        return self._owners[token]

    def _asked_for(self, path: str, asked: Asked, query: Mapping[str, str]) -> dict[str, Any]:
        headers = {"Authorization": asked.headers.get("Authorization", "")}
        return dict(self._session.get(f"{self._url}{path}", params=query, headers=headers, timeout=_TIMEOUT_S).json())

    def _passed_on(self, asked: Asked) -> Answer:
        return passed_on(self._session, self._url, asked)


def passed_on(session: requests.Session, url: str, asked: Asked, path: str = "") -> Answer:
    """What the server at `url` answers to a request; `path` takes the place of the one that was asked for."""
    kept = {
        name: value
        for name, value in asked.headers.items()
        if name.lower() not in ("host", "content-length", "connection", "accept-encoding")
    }
    got = session.request(
        asked.method, f"{url}{path or asked.path}", params=asked.query, headers=kept, data=asked.body,
        allow_redirects=False, timeout=_TIMEOUT_S,
    )  # fmt: skip
    headers = {name: got.headers[name] for name in ("Content-Type", "Location") if name in got.headers}
    return Answer(got.status_code, got.content, headers)
