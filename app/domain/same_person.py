"""Whether two contacts look like one person. Only ever a suggestion: an agent decides."""

import re
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Likeness", "Person", "likeness"]

_SHORTEST_NUMBER = 7
"""Fewer digits are an extension, which many people share."""


class Likeness(StrEnum):
    """What two contacts have in common, the surest first."""

    PHONE = "phone"
    COMPANY = "company"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a contact."""

    name: str
    company: str = ""
    phone: str = ""


def likeness(one: Person, other: Person) -> Likeness | None:
    """The same telephone number; the same name at the same company; or the same full name and nothing that speaks against it."""
    number, other_number = _digits(one.phone), _digits(other.phone)
    if number and number == other_number:
        return Likeness.PHONE
    name, company, other_company = _plain(one.name), _plain(one.company), _plain(other.company)
    if not name or name != _plain(other.name):
        return None
    if company and company == other_company:
        return Likeness.COMPANY
    differs = (company and other_company) or (number and other_number)
    return Likeness.NAME if " " in name and not differs else None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _digits(phone: str) -> str:
    """A number without what people put between its digits; a national one and an international one are different."""
    digits = re.sub(r"\D", "", phone)
    return digits if len(digits) >= _SHORTEST_NUMBER else ""
