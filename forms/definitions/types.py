"""What a form is: its steps, fields, choices and conditions, and what becomes of the answers. Values only.

How JSON becomes these stands in `reading`, the form that takes a visitor's answers in `building`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = [
    "SCHEMA",
    "Becomes",
    "ChoiceDefinition",
    "Condition",
    "ConditionRule",
    "Display",
    "FieldDefinition",
    "FormDefinition",
    "Kind",
    "Match",
    "Priority",
    "Routing",
    "StepDefinition",
    "Test",
    "Text",
    "Width",
    "say",
]

SCHEMA = 1
"""The version of the JSON shape. A change that old readers would misread gets the next number and a way up from the one before."""

Text = Mapping[str, str]
"""A text by language ("en", "de", "pt-BR"); a language that is missing reads the form's first one."""


class Kind(StrEnum):
    """What a field asks, or that it only says something (HEADING, PARAGRAPH) or comes along unseen (HIDDEN)."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    EMAIL = "email"
    PHONE = "phone"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"
    FILE = "file"
    RATING = "rating"
    CONSENT = "consent"
    HIDDEN = "hidden"
    HEADING = "heading"
    PARAGRAPH = "paragraph"

    @property
    def is_asked(self) -> bool:
        """Whether a visitor is asked for something."""
        return self not in (Kind.HIDDEN, Kind.HEADING, Kind.PARAGRAPH)

    @property
    def is_answer(self) -> bool:
        """Whether something of it reaches the conversation."""
        return self not in (Kind.HEADING, Kind.PARAGRAPH)


class Becomes(StrEnum):
    """What an answer is for the inbox; FACT is shown beside the message under its label."""

    FACT = "fact"
    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    COMPANY = "company"
    SUBJECT = "subject"
    MESSAGE = "message"


class Display(StrEnum):
    """How a choice looks: a list that opens, or all choices side by side. AUTO decides by how many there are."""

    AUTO = "auto"
    LIST = "list"
    BUTTONS = "buttons"


class Width(StrEnum):
    FULL = "full"
    HALF = "half"


class Test(StrEnum):
    """How a condition looks at an answer. IS and IS_NOT compare with one choice or text without regard to case; of several choices one
    is enough. MORE_THAN and LESS_THAN compare numbers, ratings and dates."""

    __test__ = False  # no class of tests

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    IS_FILLED = "is_filled"
    IS_EMPTY = "is_empty"
    MORE_THAN = "more_than"
    LESS_THAN = "less_than"


class Match(StrEnum):
    ALL = "all"
    ANY = "any"


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class ConditionRule:
    """One look at the answer of a field that stands earlier in the form. `value` is a choice's value, a text, a number or an ISO date."""

    field_id: str
    test: Test = Test.IS
    value: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """When a field or step is shown. What is not shown is neither required nor kept, and counts as empty for later conditions."""

    rules: tuple[ConditionRule, ...]
    match: Match = Match.ALL


@dataclass(frozen=True, slots=True)
class Routing:
    """What a conversation gets. `priority` None leaves it; of several the highest counts, and the last team."""

    team_id: int | None = None
    priority: Priority | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChoiceDefinition:
    """One of several answers. `value` is what is sent and kept, stable while labels change; `routing` applies when it is chosen."""

    value: str
    label: Text
    routing: Routing = Routing()


@dataclass(frozen=True, slots=True)
class FieldDefinition:
    """One field. `id` (a letter, then letters, digits and _, at most 40 in all) names it in posts, conditions and imports.

    `minimum` and `maximum`: characters of texts, the value of numbers, the count of CHOICES, the highest RATING (3 to 10, 5 as a rule);
    for DATE an ISO date, or "today", "today+14", "today-30" in days of the form's time zone.
    `pattern` is a regular expression the whole text must match, `pattern_hint` what to say when it does not.
    `default` is filled in at first; of a HIDDEN field it is the value where no `parameter` of the page's address gives another.
    FILE: `max_files` files of together `max_megabytes`, `accepts` out of "image", "pdf", "document", "archive", "audio", "video";
    empty: any that is not dangerous. CONSENT shows `label` beside its box and is `required` as a rule; its answer keeps the text agreed to.
    HEADING and PARAGRAPH say `label`.
    """

    id: str
    kind: Kind
    label: Text = field(default_factory=dict)
    help: Text = field(default_factory=dict)
    placeholder: Text = field(default_factory=dict)
    is_required: bool = False
    becomes: Becomes = Becomes.FACT
    width: Width = Width.FULL
    show_if: Condition | None = None
    minimum: str = ""
    maximum: str = ""
    pattern: str = ""
    pattern_hint: Text = field(default_factory=dict)
    default: str = ""
    parameter: str = ""
    choices: tuple[ChoiceDefinition, ...] = ()
    display: Display = Display.AUTO
    max_files: int = 5
    max_megabytes: int = 10
    accepts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """Fields that are shown together. A form of one step shows neither its title nor any progress."""

    id: str
    fields: tuple[FieldDefinition, ...]
    title: Text = field(default_factory=dict)
    show_if: Condition | None = None


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """A whole form. `languages` names at least one; the first is read where a text lacks another.

    Empty `title`, `thanks`, `send_label` and `confirmation` mean the usual ones in the visitor's language. `redirect` (an http or https
    address) is where a visitor goes instead of the thank-you text. `subject` is a pattern for the conversation's subject in which "{id}"
    stands for an answer; empty: the field that becomes the subject, else the first words of the message. `hours` is lines such as
    "Mon-Fri 09:00-17:00" in the time zone `zone`; `answers_within_h` 0 promises nothing. `region` is the country ("DE") whose phone numbers
    need no +; empty: the one where most people speak the visitor's language. `accent` is "#rrggbb" or empty, `theme` "auto", "light" or
    "dark".
    """

    languages: tuple[str, ...]
    steps: tuple[StepDefinition, ...]
    title: Text = field(default_factory=dict)
    intro: Text = field(default_factory=dict)
    send_label: Text = field(default_factory=dict)
    thanks: Text = field(default_factory=dict)
    redirect: str = ""
    sends_confirmation: bool = True
    confirmation: Text = field(default_factory=dict)
    subject: str = ""
    routing: Routing = Routing()
    hours: str = ""
    zone: str = "UTC"
    region: str = ""
    answers_within_h: int = 0
    accent: str = ""
    theme: str = "auto"

    @property
    def fields(self) -> Iterator[FieldDefinition]:
        """All fields in their order."""
        return (one for step in self.steps for one in step.fields)

    def field_named(self, field_id: str) -> FieldDefinition | None:
        """The field with this id, or None."""
        return next((one for one in self.fields if one.id == field_id), None)


def say(text: Text, language: str, base: str) -> str:
    """The text in a language ("de-AT" reads "de"), else in `base`, else as it is in any; empty when there is none."""
    for wanted in (language, language.partition("-")[0], base):
        if text.get(wanted):
            return text[wanted]
    return next((one for one in text.values() if one), "")
