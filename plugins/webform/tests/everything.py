"""Forms for looking at and walking through: one with a field of every kind, and one of several steps."""

from typing import Any

from forms.definitions import FormDefinition, read_definition

__all__ = ["create_everything", "create_numbers", "create_steps"]


def create_everything(**changes: Any) -> FormDefinition:
    """Every kind of field, one of which shows only for a certain choice."""
    fields = [
        _field("name", "text", "Name", is_required=True, becomes="name", width="half"),
        _field("email", "email", "E-mail", is_required=True, becomes="email", width="half", help={"en": "Only to answer."}),
        _field("phone", "phone", "Phone", width="half", placeholder={"en": "+30 210 1234567"}),
        _field("pairs", "number", "How many pairs", minimum="1", maximum="20", width="half"),
        _field("boots", "heading", "Your boots"),
        _field("hint", "paragraph", "Tell us what is wrong with them.\nA photo helps more than words."),
        _field("size", "choice", "Size", choices=_choices(*map(str, range(36, 47))), width="half"),
        _field("day", "date", "Bought on", maximum="today", width="half"),
        _field("topic", "choice", "Topic", is_required=True, choices=_choices("Order", "Return", "Repair")),
        _field("order", "text", "Order number", is_required=True, pattern="[A-Z]{2}-[0-9]{4}",
               pattern_hint={"en": "As in AB-1234, please."}, show_if=_only_if("topic", "order")),
        _field("parts", "choices", "What is broken?", is_required=True, maximum="2", choices=_choices("Sole", "Laces", "Zip")),
        _field("message", "long_text", "Message", is_required=True, becomes="message", maximum="300"),
        _field("photos", "file", "Photos", max_files=2, accepts=["image"]),
        _field("rating", "rating", "How did we do?", is_required=True),
        _field("terms", "consent", "You may keep what I wrote until it is answered.", is_required=True),
        _field("campaign", "hidden", "Campaign", parameter="utm_campaign"),
    ]  # fmt: skip
    return _form({"steps": [{"id": "all", "fields": fields}], "title": {"en": "Boots"}, **changes})


def create_steps(**changes: Any) -> FormDefinition:
    """Three steps; the second one counts only for orders."""
    steps = [
        {"id": "what", "title": {"en": "Your request"}, "fields": [
            _field("topic", "choice", "Topic", is_required=True, choices=_choices("Order", "Other")),
            _field("message", "long_text", "Message", is_required=True, becomes="message")]},
        {"id": "which", "title": {"en": "Your order"}, "show_if": _only_if("topic", "order"), "fields": [
            _field("order", "text", "Order number", is_required=True)]},
        {"id": "who", "title": {"en": "Who you are"}, "fields": [
            _field("name", "text", "Name", is_required=True, becomes="name", width="half"),
            _field("email", "email", "E-mail", is_required=True, becomes="email", width="half")]},
    ]  # fmt: skip
    return _form({"steps": steps, "title": {"en": "Ask us"}, **changes})


def create_numbers() -> FormDefinition:
    """A number, and a question that shows only for one of them."""
    fields = [
        _field("seats", "number", "Seats"),
        _field("table", "text", "Which table?", is_required=True, show_if=_only_if("seats", "7")),
        _field("message", "long_text", "Message", becomes="message"),
    ]
    return _form({"steps": [{"id": "all", "fields": fields}]})


def _form(values: dict[str, Any]) -> FormDefinition:
    return read_definition({"languages": ["en"], **values})


def _field(field_id: str, kind: str, label: str, **more: Any) -> dict[str, Any]:
    return {"id": field_id, "kind": kind, "label": {"en": label}, **more}


def _choices(*labels: str) -> list[dict[str, Any]]:
    return [{"value": label.lower(), "label": {"en": label}} for label in labels]


def _only_if(field: str, value: str) -> dict[str, Any]:
    return {"rules": [{"field": field, "test": "is", "value": value}]}
