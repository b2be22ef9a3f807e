"""Asking for a page of this installation as a visitor's browser does: in this process where it serves pages, else over HTTP."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import requests
from werkzeug.datastructures import MultiDict
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.plugin_api.errors import Temporary
from app.plugin_api.host import Visited
from app.services.core import Core

__all__ = ["Visit", "from_here", "over_http"]

_TIMEOUT_S = 10.0
_LARGEST = 2_000_000
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}
"""Addresses to listen on that are no addresses to ask at."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What is asked for: a path of the installation, perhaps with a query, and what a form would send along. `files` are (field, file
    name, content type, bytes)."""

    path: str
    method: str
    data: Mapping[str, str | Sequence[str]]
    files: Sequence[tuple[str, str, str, bytes]]
    headers: Mapping[str, str]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Name and value of each field, a name once for each of its values."""
        return [
            (name, one)
            for name, value in self.data.items()
            for one in ([value] if isinstance(value, str) else list(value))
        ]


def from_here(wsgi_app: Any, core: Core, asked: Visit) -> Visited:
    """Ask this process itself, in a thread of its own, because a request's time limit and context belong to its thread. Raises
    `Temporary` when that takes too long."""
    answer: Future[Visited] = Future()

    def visit() -> None:
        try:
            answer.set_result(_answered(wsgi_app, core.config.address, asked))
        except BaseException as error:  # noqa: BLE001 - handed over to whoever waits for the answer
            answer.set_exception(error)

    threading.Thread(target=visit, name="visit", daemon=True).start()
    try:
        return answer.result(_TIMEOUT_S)
    except TimeoutError:
        raise _nobody() from None


def over_http(core: Core, asked: Visit) -> Visited:
    """Ask at the installation's public address, and at its own port when nobody answers there. Raises `Temporary` when neither does."""
    config = core.config
    host = _ANYWHERE.get(config.host, f"[{config.host}]" if ":" in config.host else config.host)
    public = config.address.partition("://")[2].partition("/")[0]
    for address, headers in (
        (config.address, {}),
        (f"http://{host}:{config.port}", {"Host": public}),
    ):
        try:
            return _fetched(address, asked, headers)
        except requests.RequestException:
            continue
    raise _nobody()


def _nobody() -> Temporary:
    return Temporary(f"Nobody answered within {_TIMEOUT_S:.0f} seconds.")


def _answered(wsgi_app: Any, address: str, asked: Visit) -> Visited:
    path, _, query = asked.path.partition("?")
    builder = EnvironBuilder(
        path,
        address,
        query_string=query or None,
        method=asked.method,
        headers=list(asked.headers.items()),
        data=_body(asked),
    )
    builder.environ_base = {**(builder.environ_base or {}), "REMOTE_ADDR": "127.0.0.1"}
    try:
        chunks, status, headers = run_wsgi_app(wsgi_app, builder.get_environ(), buffered=True)
    finally:
        builder.close()
    text = b"".join(chunks)[:_LARGEST].decode("utf-8", "replace")
    return Visited(int(status.split(" ", 1)[0]), dict(headers.items()), text)


def _body(asked: Visit) -> MultiDict[str, Any] | None:
    if asked.method in ("GET", "HEAD"):
        return None
    files = [(field, (BytesIO(data), name, kind)) for field, name, kind, data in asked.files]
    return MultiDict([*asked.fields, *files])


def _fetched(address: str, asked: Visit, headers: Mapping[str, str]) -> Visited:
    with requests.Session() as session:
        session.trust_env = False
        with session.request(
            asked.method,
            address + asked.path,
            data=asked.fields or None,
            files=[(field, (name, data, kind)) for field, name, kind, data in asked.files] or None,
            headers={**asked.headers, **headers},
            allow_redirects=False,
            timeout=_TIMEOUT_S / 2,
            stream=True,
        ) as response:
            body = response.raw.read(_LARGEST, decode_content=True)
            return Visited(response.status_code, dict(response.headers), body.decode("utf-8", "replace"))
