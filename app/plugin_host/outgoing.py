"""The HTTP session a plugin gets: it says who is calling, never waits for ever, and refuses servers the manifest does not name."""

from collections.abc import Mapping
from math import inf
from time import perf_counter
from typing import Any
from urllib.request import getproxies

import requests
from requests.adapters import HTTPAdapter

from app.plugin_host.calls.watch import WATCHDOG
from app.plugin_host.permissions import Permit

__all__ = ["HostSession"]

CONNECT_S = 10.0
READ_S = 30.0
USUAL_S = (CONNECT_S, READ_S)
SHORTEST_S = 0.05


class HostSession(requests.Session):
    """A `requests.Session` for one plugin. Redirects pass through `send` too, so they cannot leave the declared servers."""

    def __init__(self, permit: Permit) -> None:
        super().__init__()
        self._permit = permit
        self.auth = _as_it_is  # with none, requests takes one from ~/.netrc and overwrites a token with it
        self.headers["User-Agent"] = f"Tidings ({permit.plugin} {permit.manifest.version})"
        for scheme in ("https://", "http://"):
            self.mount(scheme, _HostAdapter(permit))

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a prepared request. Raises RuntimeError when the plugin may not talk to that server."""
        _check(self._permit, request, kwargs.get("proxies", self.proxies))
        slot = WATCHDOG.slot
        if slot.health is not None:
            slot.health.http_calls += 1
        kwargs["timeout"] = _within(kwargs.get("timeout"), slot.due - perf_counter() if slot.due else inf)
        return super().send(request, **kwargs)


class _HostAdapter(HTTPAdapter):
    """What connects. It looks once more, since it may be used without its session."""

    def __init__(self, permit: Permit) -> None:
        super().__init__()
        self._permit = permit

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        _check(self._permit, request, kwargs.get("proxies"))
        return super().send(request, *args, **kwargs)


def _check(permit: Permit, request: requests.PreparedRequest, proxies: Mapping[str, str] | None) -> None:
    """Raise RuntimeError unless the plugin may talk to this server, and through these proxies: those of this machine, or none."""
    permit.require("network")
    if not permit.may_reach(request.url or ""):
        permit.refuse("talk to this server: its manifest does not name it")
    if proxies and not set(filter(None, proxies.values())) <= set(getproxies().values()):
        permit.refuse("talk through this proxy: which one is used stands in the environment of Tidings")


def _within(timeout: Any, left_s: float) -> tuple[float, float]:
    """How long to wait for the connection and for each answer: as wished, but not beyond the time that is left for the call, because
    nothing can interrupt the waiting itself."""
    wished = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    left_s = max(left_s, SHORTEST_S)
    connect_s, read_s = (min(usual if one is None else one, left_s) for one, usual in zip(wished, USUAL_S, strict=True))
    return connect_s, read_s


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """The auth object of a session whose plugins write their own headers."""
    return request
