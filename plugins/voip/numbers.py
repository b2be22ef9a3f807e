"""Telephone numbers: as people dial them, as the world writes them (E.164), as people read them."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

__all__ = ["is_e164", "is_premium", "normalised", "region_of", "shown"]

WITHHELD = frozenset(
    {"anonymous", "restricted", "unavailable", "unknown", "private", "+266696687", "+86282452253", "+2562533"}
)
"""What stands in the place of a number that was withheld; the digits spell "anonymous" and "blocked" on a telephone's keys."""


SHORTEST = 8
"""Plus sign and digits; what is shorter is an extension or a service, which nobody elsewhere can dial."""


def normalised(text: str, region: str) -> str:
    """The number in E.164, read as one dials in `region` ("DE"); "" for what is no number, withheld ones included."""
    text = text.strip().removeprefix("tel:").removeprefix("sip:").partition("@")[0]
    if not text or text.lower() in WITHHELD:
        return ""
    try:
        number = phonenumbers.parse(text, region.upper() or None)
    except NumberParseException:
        return ""
    written = str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    is_possible = phonenumbers.is_possible_number(number) and len(written) >= SHORTEST
    return written if is_possible else ""


def is_e164(text: str) -> bool:
    return text.startswith("+") and normalised(text, "") == text


def is_premium(number: str) -> bool:
    """Whether calls to a number in E.164 cost more than a call: whoever rings once from such a number wants to be called back."""
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(number))
    except NumberParseException:
        return False
    return bool(kind == PhoneNumberType.PREMIUM_RATE)


def shown(number: str) -> str:
    """As people read it: "+49 30 123456". What is no number stays as it is."""
    try:
        return str(phonenumbers.format_number(phonenumbers.parse(number), PhoneNumberFormat.INTERNATIONAL))
    except NumberParseException:
        return number


def region_of(number: str) -> str:
    """The country of a number in E.164, in two letters; "" where that cannot be told."""
    try:
        return str(phonenumbers.region_code_for_number(phonenumbers.parse(number)) or "")
    except NumberParseException:
        return ""
