"""Stands before an emulator of Google or Microsoft and lets its access tokens open mailboxes: whoever agreed there may read and send here.

It knows Microsoft's tenants, which the emulator does not, and can end sign-ins.
"""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qsl

import requests

from app.plugin_api.testing.provider import Answer, Asked, FakeProvider
from app.testing.servers.emulate import EmulateServer
from app.testing.servers.emulate_front import passed_on
from app.testing.servers.tokens import TokenAuthority

__all__ = ["SignInFront"]

_TIMEOUT_S = 10


class SignInFront(FakeProvider):
    """`mail` is the authority that the mail servers believe. `shares` says which mailbox somebody's tokens open, if not their own;
    `lasts_s` is told as the life of each refresh token. `used` lists the refresh tokens that were sent in, `tenants` those asked for."""

    def __init__(self, server: EmulateServer, mail: TokenAuthority) -> None:
        super().__init__()
        self.shares: dict[str, str] = {}
        self.lasts_s = 0
        self.used: list[str] = []
        self.tenants: list[str] = []
        self._url = server.url
        self._mail = mail
        self._people: dict[str, str] = {}
        self._access_tokens: list[str] = []
        self._session = requests.Session()
        self._session.trust_env = False
        self.on("/oauth2/token", "POST")(self._token)
        self.on("/<tenant>/oauth2/v2.0/token", "POST")(self._token)
        self.on("/<tenant>/oauth2/v2.0/authorize")(self._of_tenant)
        self.on("/<path:rest>", "GET", "POST")(lambda asked: passed_on(self._session, self._url, asked))

    def addresses(self, provider: str) -> dict[str, str]:
        """What Tidings is to take for the provider's addresses, by the names of the plugin's values."""
        paths = {
            "google": {"authorise_url": "/o/oauth2/v2/auth", "token_url": "/oauth2/token"},
            "microsoft": {
                "authorise_url": "/{tenant}/oauth2/v2.0/authorize",
                "token_url": "/{tenant}/oauth2/v2.0/token",
            },
        }
        return {f"{provider}_{name}": f"{self.address}{path}" for name, path in paths[provider].items()}

    def revoke_everything(self) -> None:
        """Everybody takes Tidings off the list of what may open their mailbox."""
        for token in self._people:
            for path in ("/oauth2/revoke", "/oauth2/v2.0/revoke"):
                self._session.post(f"{self._url}{path}", {"token": token}, timeout=_TIMEOUT_S)
        self.expire_access_tokens()

    def expire_access_tokens(self) -> None:
        """From now on the mail servers take none of those that were handed out."""
        for token in self._access_tokens:
            self._mail.revoke(token)

    def close(self) -> None:
        super().close()
        self._session.close()

    def _of_tenant(self, asked: Asked) -> Answer:
        self.tenants.append(asked.values["tenant"])
        return passed_on(self._session, self._url, asked, "/oauth2/v2.0/authorize")

    def _token(self, asked: Asked) -> Answer:
        sent = dict(parse_qsl(asked.body.decode()))
        self.used += [sent["refresh_token"]] if "refresh_token" in sent else []
        path = "/oauth2/v2.0/token" if "tenant" in asked.values else ""
        got = passed_on(self._session, self._url, asked, path)
        if got.status != 200 or not isinstance(got.body, bytes):
            return got
        tokens = json.loads(got.body)
        person = _person(tokens.get("id_token", "")) or self._people[sent["refresh_token"]]
        self._people[tokens.get("refresh_token") or sent["refresh_token"]] = person
        self._access_tokens.append(tokens["access_token"])
        self._mail.accept(tokens["access_token"], self.shares.get(person, person))
        more = {"refresh_token_expires_in": self.lasts_s} if self.lasts_s else {}
        return Answer(200, {**tokens, **more})


def _person(id_token: str) -> str:
    """Whose ID token it is; empty where there is none."""
    part = id_token.split(".")[1] if id_token else ""
    return str(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["email"]) if part else ""
