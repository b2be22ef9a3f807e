"""From an entry of the feed to the topics that elements of a page name in `data-live`."""

from collections.abc import Mapping
from typing import Any

__all__ = ["topics_of"]


def topics_of(topic: str, data: Mapping[str, Any]) -> tuple[str, ...]:
    """("conversation", {"number": 12, "contact_id": 5}) → ("inbox", "conversation:12", "case:5"). An unknown topic stands for itself."""
    if topic == "conversation":
        named = {"conversation": data.get("number"), "case": data.get("contact_id")}
        return ("inbox", *(f"{name}:{value}" for name, value in named.items() if value is not None))
    return (_NAMES.get(topic, topic),)


_NAMES = {"account": "accounts", "contact": "contacts"}
