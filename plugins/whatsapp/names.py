"""What things are called on both sides of the plugin: addresses, keys of exchanges, labels of fields, permissions to ask for."""

from tidings import Participant

__all__ = [
    "HIDDEN_KIND",
    "KIND",
    "NAMED",
    "PRESSED",
    "SCOPES",
    "TEXT",
    "digits_of",
    "participant",
    "template_key",
    "template_of",
    "thread_key",
    "wa_id_of",
]

KIND, HIDDEN_KIND = "phone", "whatsapp"
"""The `Participant.kind` of people with a number, shared with other channels, and of those who hide theirs."""

SCOPES = ("whatsapp_business_management", "whatsapp_business_messaging", "business_management")

PRESSED, NAMED = "Pressed", "Came through"
"""Labels of fields."""

TEXT = "text"
"""The way to answer with one's own words; the others are templates."""


def participant(wa_id: str, user_id: str, name: str = "") -> Participant:
    """A person: by their number in E.164 (WhatsApp leaves out the plus), else by their id for this business."""
    return Participant(KIND, f"+{wa_id.lstrip('+')}", name) if wa_id else Participant(HIDDEN_KIND, user_id, name)


def thread_key(wa_id: str, user_id: str) -> str:
    """The key of what is said with one person."""
    return f"person:{wa_id.lstrip('+') or user_id}"


def wa_id_of(key: str | None) -> str:
    """Whom the key of an exchange leads to; empty without one."""
    return (key or "").removeprefix("person:")


def digits_of(person: Participant) -> str:
    """Somebody's number as WhatsApp writes it; empty for who has none."""
    return "".join(filter(str.isdigit, person.value)) if person.kind == KIND else ""


def template_key(name: str, language: str) -> str:
    """The key of a `ReplyChoice` for a template."""
    return f"template:{language}:{name}"


def template_of(choice: str) -> tuple[str, str] | None:
    """Name and language of the template that was chosen, None for one's own words."""
    kind, _, rest = choice.partition(":")
    language, _, name = rest.partition(":")
    return (name, language) if kind == "template" and name else None
