"""How the line of each SIP account does, remembered where every process sees it: the worker writes, pages and `fetch` read."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tidings import Host

__all__ = ["LineState", "State", "forget", "remember", "saved_count", "state_of"]


class State(StrEnum):
    """What the registrar says: CONNECTING while nothing is known yet. IMPOSSIBLE: the settings cannot be, or the library is missing."""

    CONNECTING = "connecting"
    REGISTERED = "registered"
    LOST = "lost"
    REFUSED = "refused"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class LineState:
    """A state, why, and since when. `was_told`: the owner was asked to do something about it."""

    state: State
    reason: str
    since: datetime
    was_told: bool = False


def remember(host: Host, account_id: int, state: LineState) -> None:
    """Write the state down; the moment stays while the state does."""
    known = state_of(host, account_id)
    since = known.since if known and known.state is state.state else state.since
    values = {"state": state.state, "reason": state.reason, "since": since.isoformat(), "was_told": state.was_told}
    host.store.set(_key(account_id), values)


def state_of(host: Host, account_id: int) -> LineState | None:
    """What was written down last, None for an account that never ran."""
    values = host.store.get(_key(account_id))
    if not values:
        return None
    return LineState(
        State(values["state"]), values["reason"], datetime.fromisoformat(values["since"]), bool(values["was_told"])
    )


def forget(host: Host, account_id: int) -> None:
    """The account is no SIP line any more."""
    host.store.delete(_key(account_id))


def saved_count(host: Host, account_id: int, *, by: int = 0) -> int:
    """How often the account was saved; raised by `by`. A line that was refused tries again when this changed."""
    key = f"{_key(account_id)}:saved"
    return host.store.increment(key, by) if by else int(host.store.get(key, 0))


def _key(account_id: int) -> str:
    return f"sip:{account_id}"
