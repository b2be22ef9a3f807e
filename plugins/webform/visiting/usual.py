"""What a form says: its owner's words in the visitor's language, and the usual ones where they left it to us."""

from forms.definitions import Becomes, FormDefinition, say
from plugins.webform.visiting.languages import Catalogue
from tidings import translatable

__all__ = [
    "USUAL_CONFIRMATION",
    "USUAL_THANKS",
    "USUAL_TITLE",
    "confirmation_of",
    "intro_of",
    "send_label_of",
    "thanks_of",
    "title_of",
]

USUAL_TITLE = translatable("Contact us")
USUAL_SEND = translatable("Send")
USUAL_THANKS = translatable("Thank you. Your message has arrived, and the answer will come to your e-mail address.")
UNADDRESSED_THANKS = translatable("Thank you. Your message has arrived.")
USUAL_CONFIRMATION = translatable(
    "Thank you for writing to us. Your message has arrived, and a person will answer it.\n\n"
    "If you want to add something, just answer this mail."
)


def title_of(definition: FormDefinition, catalogue: Catalogue) -> str:
    """What stands above the form."""
    return _said(definition, "title", catalogue) or catalogue.gettext(USUAL_TITLE)


def intro_of(definition: FormDefinition, catalogue: Catalogue) -> tuple[str, ...]:
    """The lines between the title and the form."""
    return tuple(line.strip() for line in _said(definition, "intro", catalogue).splitlines() if line.strip())


def send_label_of(definition: FormDefinition, catalogue: Catalogue) -> str:
    """What stands on the button."""
    return _said(definition, "send_label", catalogue) or catalogue.gettext(USUAL_SEND)


def thanks_of(definition: FormDefinition, catalogue: Catalogue) -> str:
    """What a visitor reads once the message is stored. An answer by mail is promised only where the form asks for an address."""
    usual = USUAL_THANKS if _asks_for_address(definition) else UNADDRESSED_THANKS
    return _said(definition, "thanks", catalogue) or catalogue.gettext(usual)


def confirmation_of(definition: FormDefinition, catalogue: Catalogue, number: int) -> str:
    """The text of the mail that goes out at once. Nothing a visitor wrote stands in it."""
    text = _said(definition, "confirmation", catalogue) or catalogue.gettext(USUAL_CONFIRMATION)
    return text.replace("{number}", str(number))


def _asks_for_address(definition: FormDefinition) -> bool:
    return any(one.becomes is Becomes.EMAIL for one in definition.fields)


def _said(definition: FormDefinition, name: str, catalogue: Catalogue) -> str:
    return say(getattr(definition, name), catalogue.language, definition.languages[0])
