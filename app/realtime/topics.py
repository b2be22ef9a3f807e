"""From an entry of the feed to the topics that elements of a page name in `data-live`."""

from collections.abc import Mapping
from typing import Any

__all__ = ["topics_of"]


def topics_of(topic: str, data: Mapping[str, Any]) -> tuple[str, ...]:
    """("conversation", {"number": 12}) → ("inbox", "conversation:12"). An unknown topic stands for itself."""
    if topic == "conversation":
        number = data.get("number")
        return ("inbox", f"conversation:{number}") if number is not None else ("inbox",)
    return (_NAMES.get(topic, topic),)


_NAMES = {"account": "accounts", "contact": "contacts"}
