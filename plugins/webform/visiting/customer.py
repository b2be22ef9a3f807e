"""What a site said of its customer, as it is kept beside the journal's submissions and beside conversations: plain JSON."""

from collections.abc import Mapping
from typing import Any

from plugins.webform.sharing.context import Context, ContextState

__all__ = ["kept", "read_kept"]


def kept(customer: Context) -> dict[str, Any]:
    """As JSON: `{"values": {name: text}, "state": "verified"|"unverified"|"expired"}`."""
    return {"values": dict(customer.values), "state": customer.state.value}


def read_kept(written: Mapping[str, Any]) -> Context:
    """The inverse of `kept`; an empty object is nothing said. Raises KeyError, TypeError, AttributeError or ValueError."""
    if not written:
        return Context()
    values = {str(name): str(text) for name, text in written["values"].items()}
    return Context(values, ContextState(written["state"]))
