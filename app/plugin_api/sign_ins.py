"""Signing in at a provider in the owner's browser (OAuth): what a plugin must remember between sending them there and their return."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet

from app.plugin_api.host import Host

__all__ = ["SignIns"]

_AT_ONCE = 16
"""So many may be under way for one plugin; the one begun next takes the place of the oldest."""
_NUMBER, _PLACE = "sign_ins", "sign_ins:{}"


class SignIns:
    """Sign-ins under way, kept in `host.store` (permission `store`), so that a PKCE verifier never leaves the server. What is kept can be
    read with the state alone, which is not kept.

    Make one where you need it: `SignIns(host).begin({"verifier": verifier})` in the route that sends the browser to the provider, and
    `SignIns(host).take(request.args.get("state", ""))` in the one it comes back to. Both must be routes for people who are signed in. A
    state works once, for `lasts`, and only for the agent who began. Since API 3.
    """

    lasts = timedelta(minutes=15)

    def __init__(self, host: Host) -> None:
        self._host = host

    def begin(self, data: Mapping[str, Any]) -> str:
        """The `state` to send to the provider. `data`: small JSON values that `take` gives back, such as the account that signs in anew.

        Raises RuntimeError outside of a request of an agent.
        """
        agent_id = self._agent_id()
        if agent_id is None:
            raise RuntimeError("a sign-in is begun in a route that answers an agent")
        self._sweep()
        place = self._host.store.increment(_NUMBER) % _AT_ONCE
        token = secrets.token_urlsafe(32)
        ends_at = self._host.now() + self.lasts
        kept = {"hash": _hash(token), "agent": agent_id, "ends_at": ends_at.isoformat(), "data": _sealed(data, token)}
        self._host.store.delete(_taken(place))
        self._host.store.set(_PLACE.format(place), kept)
        return f"{place}.{token}"

    def take(self, state: str) -> dict[str, Any] | None:
        """What `begin` was given, once; None for a state that is unknown, too old, used already, or another agent's."""
        place, token = _parts(state)
        kept = self._host.store.get(_PLACE.format(place)) if token else None
        if kept is None or not hmac.compare_digest(kept["hash"], _hash(token)):
            return None
        if kept["agent"] != self._agent_id() or self._is_over(kept):
            return None
        if self._host.store.increment(_taken(place)) > 1:  # two requests at once: the first one has it
            return None
        self._host.store.delete(_PLACE.format(place))
        return _opened(kept["data"], token)

    def _agent_id(self) -> int | None:
        viewer = self._host.viewer()
        return viewer.agent_id if viewer is not None else None

    def _is_over(self, kept: Mapping[str, Any]) -> bool:
        return datetime.fromisoformat(kept["ends_at"]) <= self._host.now()

    def _sweep(self) -> None:
        """Forget those that were never finished."""
        for place in range(_AT_ONCE):
            kept = self._host.store.get(_PLACE.format(place))
            if kept is not None and self._is_over(kept):
                self._host.store.delete(_PLACE.format(place))


def _parts(state: str) -> tuple[int, str]:
    """The place and the token of a state; an empty token for what is none."""
    place, _, token = state.partition(".")
    if place.isascii() and place.isdecimal() and int(place[:9]) < _AT_ONCE:
        return int(place[:9]), token
    return 0, ""


def _taken(place: int) -> str:
    return f"{_PLACE.format(place)}:taken"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _sealed(data: Mapping[str, Any], token: str) -> str:
    return _box(token).encrypt(json.dumps(dict(data)).encode()).decode()


def _opened(text: str, token: str) -> dict[str, Any]:
    return dict(json.loads(_box(token).decrypt(text.encode())))


def _box(token: str) -> Fernet:
    """Opened by the token only; its hash, which is kept, is made otherwise."""
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"data of {token}".encode()).digest()))
