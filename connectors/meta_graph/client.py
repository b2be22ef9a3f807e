"""One token's way to the Graph API: requests with appsecret_proof, answers as JSON objects, errors of ours, paging by cursor.

What can be asked is in the modules beside it, one per subject, as functions that take a `GraphClient`. The token travels in the
Authorization header, so that it stands in no address; cursors are used for paging because Meta's `next` addresses hold the token.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import requests

from connectors.errors import ConnectorError, Unavailable
from connectors.meta_graph.borrowed import Caller
from connectors.meta_graph.faults import error_from_answer, refused, usage_from_headers
from connectors.meta_graph.json_fields import Fields, fields, items, text
from connectors.meta_graph.types import Listing, Usage
from connectors.transport import create_session

BASE_URL = "https://graph.facebook.com"
VERSION = "v25.0"

T = TypeVar("T")

_PATH = re.compile(r"/?[\w:=~+-][\w.:=~+-]*(/[\w:=~+-][\w.:=~+-]*)*", re.ASCII)
"""Ids of Meta and names of its edges. With a question mark in an id, whoever gives the id could add parameters ("method=delete")."""


def appsecret_proof(access_token: str, app_secret: str) -> str:
    """Return the proof that whoever holds the token also holds the app's secret: hex HMAC-SHA256.

    https://developers.facebook.com/docs/graph-api/guides/secure-requests
    """
    return hmac.new(app_secret.encode(), access_token.encode(), hashlib.sha256).hexdigest()


class GraphClient:
    """The Graph API as one token sees it: `GraphClient(token, app_secret=secret).get("me", {"fields": "id,name"})`."""

    def __init__(
        self,
        access_token: str,
        *,
        app_secret: str = "",
        base_url: str = BASE_URL,
        version: str = VERSION,
        session: Caller | None = None,
    ) -> None:
        """Nothing is sent yet. Without `app_secret` no proof goes along, which Meta allows unless the app demands it.

        `session` may be shared by clients; without one, the client makes its own.
        """
        self.base_url = base_url.rstrip("/")
        self.version = version
        self.session: Caller = session or create_session()
        self.usage: Usage | None = None
        """What the last answer that told of limits said."""
        self._token = access_token
        self._secret = app_secret

    def __repr__(self) -> str:
        return f"GraphClient({self.base_url}/{self.version})"

    def with_token(self, access_token: str) -> GraphClient:
        """Return a client of the same app and session for another token, such as a page's."""
        return GraphClient(
            access_token, app_secret=self._secret, base_url=self.base_url, version=self.version, session=self.session
        )

    def get(self, path: str, params: Mapping[str, object] | None = None) -> Fields:
        """Read a node or an edge. Raises TokenRefused, RateLimited, Unavailable, GraphRejected."""
        return self.call("GET", path, params=params)

    def post(self, path: str, body: Mapping[str, object] | None = None) -> Fields:
        """Create or change something. Never tried again by itself; raises as `get` does."""
        return self.call("POST", path, json=dict(body or {}))

    def delete(self, path: str, params: Mapping[str, object] | None = None) -> Fields:
        """Delete a node or leave an edge; raises as `get` does."""
        return self.call("DELETE", path, params=params)

    def call(self, method: str, path: str, *, params: Mapping[str, object] | None = None, **kwargs: Any) -> Fields:
        """Send one request with token and proof; `kwargs` are those of requests. The answer is a JSON object. Raises Rejected with the
        code "bad_path", before anything is sent, for what cannot be the id of anything at Meta."""
        if not _PATH.fullmatch(path):
            raise refused("This is no id of Meta's.", "bad_path")
        query = {**(params or {}), **self._proof()}
        url = f"{self.base_url}/{self.version}/{path.lstrip('/')}"
        response = self.session.request(method, url, params=query, headers=self.authorization, **kwargs)
        self.usage = usage_from_headers(response.headers) or self.usage
        if response.status_code >= 400:
            raise self._without_secrets(error_from_answer(response))
        return self._object(response)

    @property
    def authorization(self) -> dict[str, str]:
        """The header that carries the token."""
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def listing(
        self, path: str, params: Mapping[str, object], read: Callable[[Fields], T], *, after: str | None = None
    ) -> Listing[T]:
        """Read one page of an edge. Meta may give pages with fewer items than asked for, or none, before the last one.

        https://developers.facebook.com/docs/graph-api/results
        """
        answer = self.get(path, {**params, **({"after": after} if after else {})})
        paging = fields(answer.get("paging"))
        cursor = text(fields(paging.get("cursors")).get("after")) if paging.get("next") else ""
        return Listing(tuple(read(item) for item in items(answer)), cursor or None)

    def _proof(self) -> dict[str, str]:
        return {"appsecret_proof": appsecret_proof(self._token, self._secret)} if self._secret and self._token else {}

    def _object(self, response: requests.Response) -> Fields:
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if answer is True:  # some edges still answer with a bare "true"
            return {"success": True}
        if not isinstance(answer, dict):
            raise Unavailable("Meta answered with something that is not a JSON object.", step="request")
        return answer

    def _without_secrets(self, error: ConnectorError) -> ConnectorError:
        """Blank out the token where Meta repeats it ("Malformed access token EAAB…")."""
        for secret in filter(None, (self._token, self._secret)):
            error.reason = error.reason.replace(secret, "…")
        error.args = (error.reason,)
        return error


def every(fetch: Callable[[str | None], Listing[T]], *, most: int) -> Iterator[T]:
    """Yield the items of all pages that `fetch(after)` gives, at most `most`; a cursor that repeats ends it."""
    after, seen, count = None, set[str | None](), 0
    while after not in seen:
        seen.add(after)
        page = fetch(after)
        for item in page.items:
            if count >= most:
                return
            count += 1
            yield item
        if page.after is None:
            return
        after = page.after
