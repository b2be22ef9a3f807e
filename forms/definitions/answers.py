"""What a visitor answered: each answer with its label as it was shown, and what the conversation gets from all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from forms.definitions.conditions import Value
from forms.definitions.types import Becomes, FieldDefinition, FormDefinition, Kind, Priority, Routing

__all__ = ["Answer", "Answers", "merge_routings"]

MAX_SUBJECT = 200
FIRST_WORDS = 80
RANKS = tuple(Priority)
JOINED: Mapping[Becomes, str] = {Becomes.NAME: " ", Becomes.MESSAGE: "\n\n"}
"""What may be asked in parts, such as a first and a last name, and what stands between the parts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that was given. `label` and `text` are what the visitor read and what people read as the answer, in the visitor's
    language."""

    field_id: str
    kind: Kind
    label: str
    text: str
    becomes: Becomes = Becomes.FACT


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers in the order of the form; what was left empty or not shown is not among them.

    `values` by field id is what can be read again by programs: a text, or a list of texts of CHOICES and FILE. Numbers are plain decimals,
    dates ISO, phone numbers E.164, a consent is "yes".
    """

    items: tuple[Answer, ...]
    values: Mapping[str, Value] = field(default_factory=dict)
    routing: Routing = Routing()
    subject: str = ""

    def of(self, becomes: Becomes) -> str:
        """What was answered for the inbox: names and messages that were asked in parts are joined, of anything else the first counts."""
        texts = [one.text for one in self.items if one.becomes is becomes]
        return JOINED[becomes].join(texts) if becomes in JOINED else next(iter(texts), "")


def collect(definition: FormDefinition, items: Sequence[Answer], values: Mapping[str, Value]) -> Answers:
    """The answers with what follows from them."""
    chosen = (one for each in definition.fields for one in _routings(each, values.get(each.id, "")))
    routing = merge_routings([definition.routing, *chosen])
    unnamed = Answers(tuple(items), values, routing)
    return Answers(unnamed.items, values, routing, _subject(definition, unnamed))


def merge_routings(routings: Iterable[Routing]) -> Routing:
    """One routing of several: the last team, the highest priority, every tag once."""
    team_id, priority, tags = None, None, dict[str, None]()
    for one in routings:
        team_id = one.team_id if one.team_id is not None else team_id
        if one.priority is not None and (priority is None or RANKS.index(one.priority) > RANKS.index(priority)):
            priority = one.priority
        tags.update(dict.fromkeys(one.tags))
    return Routing(team_id, priority, tuple(tags))


def _routings(definition: FieldDefinition, value: Value) -> Iterable[Routing]:
    chosen = {value} if isinstance(value, str) else set(value)
    return (choice.routing for choice in definition.choices if choice.value in chosen)


def _subject(definition: FormDefinition, answers: Answers) -> str:
    """By the form's pattern, else what became the subject, else the first words of the message; one line, may be empty."""
    text = _filled(definition.subject, answers) if definition.subject else answers.of(Becomes.SUBJECT)
    return (_one_line(text) or _first_words(answers.of(Becomes.MESSAGE)))[:MAX_SUBJECT]


def _filled(pattern: str, answers: Answers) -> str:
    """The pattern with each "{id}" replaced; empty when none of those it names was answered."""
    texts = {one.field_id: one.text for one in answers.items}
    pieces = pattern.split("{")
    found, is_answered = pieces[0], len(pieces) == 1
    for piece in pieces[1:]:
        field_id, brace, rest = piece.partition("}")
        is_answered = is_answered or field_id in texts
        found += texts.get(field_id, "") + rest if brace else "{" + piece
    return found.strip(" -–—:,;|/#") if is_answered else ""


def _first_words(text: str) -> str:
    line = _one_line(text)
    if len(line) <= FIRST_WORDS:
        return line
    return line[:FIRST_WORDS].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _one_line(text: str) -> str:
    return " ".join(text.split())
