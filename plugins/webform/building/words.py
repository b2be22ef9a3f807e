"""What the parts of a definition are called on pages for admins. All English; `host.gettext` says them."""

from forms.definitions import Becomes, Display, Kind, Match, Priority, Test, Width
from tidings import translatable

__all__ = ["CHOICE_PARTS", "FIELD_PARTS", "FORM_PARTS", "STEP_PARTS", "TESTS", "VALUES"]

FORM_PARTS = {
    "languages": translatable("Languages"),
    "title": translatable("Title"),
    "intro": translatable("Text above the form"),
    "send_label": translatable("Words on the button"),
    "thanks": translatable("Thank-you text"),
    "redirect": translatable("Page after sending"),
    "sends_confirmation": translatable("Confirm by mail"),
    "confirmation": translatable("Text of the confirmation"),
    "subject": translatable("Subject of the conversation"),
    "routing": translatable("Where it goes"),
    "hours": translatable("Business hours"),
    "zone": translatable("Time zone"),
    "region": translatable("Country of phone numbers"),
    "answers_within_h": translatable("Hours until an answer"),
    "accent": translatable("Accent colour"),
    "theme": translatable("Light or dark"),
}
STEP_PARTS = {"title": translatable("Title"), "show_if": translatable("Shown if")}
FIELD_PARTS = {
    "kind": translatable("Kind"),
    "label": translatable("Label"),
    "help": translatable("Help text"),
    "placeholder": translatable("Example in the field"),
    "is_required": translatable("Must be filled in"),
    "becomes": translatable("Becomes"),
    "width": translatable("Width"),
    "show_if": translatable("Shown if"),
    "minimum": translatable("At least"),
    "maximum": translatable("At most"),
    "pattern": translatable("Pattern"),
    "pattern_hint": translatable("Said when the pattern does not fit"),
    "default": translatable("Filled in at first"),
    "parameter": translatable("Taken from the address"),
    "display": translatable("Looks like"),
    "max_files": translatable("Most files"),
    "max_megabytes": translatable("Most megabytes"),
    "accepts": translatable("Kinds of files"),
}
CHOICE_PARTS = {"label": translatable("Label"), "routing": translatable("Where it goes")}

VALUES = {
    Kind.TEXT: translatable("Text"),
    Kind.LONG_TEXT: translatable("Long text"),
    Kind.EMAIL: translatable("E-mail"),
    Kind.PHONE: translatable("Phone"),
    Kind.NUMBER: translatable("Number"),
    Kind.CHOICE: translatable("Choice"),
    Kind.CHOICES: translatable("Several choices"),
    Kind.DATE: translatable("Date"),
    Kind.FILE: translatable("File"),
    Kind.RATING: translatable("Rating"),
    Kind.CONSENT: translatable("Consent"),
    Kind.HIDDEN: translatable("Hidden context"),
    Kind.HEADING: translatable("Heading"),
    Kind.PARAGRAPH: translatable("Help text"),
    Becomes.FACT: translatable("a fact beside the message"),
    Becomes.NAME: translatable("the contact's name"),
    Becomes.COMPANY: translatable("the contact's company"),
    Becomes.SUBJECT: translatable("the subject"),
    Becomes.MESSAGE: translatable("the message"),
    Display.AUTO: translatable("whatever fits"),
    Display.LIST: translatable("a list that opens"),
    Display.BUTTONS: translatable("all side by side"),
    Width.FULL: translatable("whole line"),
    Width.HALF: translatable("half a line"),
    Match.ALL: translatable("and"),
    Match.ANY: translatable("or"),
    Priority.LOW: translatable("low"),
    Priority.NORMAL: translatable("normal"),
    Priority.HIGH: translatable("high"),
    Priority.URGENT: translatable("urgent"),
}
"""By the member of its enumeration. Members of two of them that are spelt alike ("email") have the same words."""

TESTS = {
    Test.IS: translatable("“%(field)s” is “%(value)s”"),
    Test.IS_NOT: translatable("“%(field)s” is not “%(value)s”"),
    Test.CONTAINS: translatable("“%(field)s” contains “%(value)s”"),
    Test.IS_FILLED: translatable("“%(field)s” is filled in"),
    Test.IS_EMPTY: translatable("“%(field)s” is empty"),
    Test.MORE_THAN: translatable("“%(field)s” is more than “%(value)s”"),
    Test.LESS_THAN: translatable("“%(field)s” is less than “%(value)s”"),
}
