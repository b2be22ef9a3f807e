"""Letterheads: `letterheads/index.html` gets `page: LetterheadsPage`, `letterheads/edit.html` `LetterheadPage`, and
`letterheads/preview.html`, the document in its frame, `preview: LetterheadPreview`."""

from dataclasses import dataclass

# `..._html` fields hold a markupsafe.Markup that the sanitiser made.
HTML = str


@dataclass(frozen=True, slots=True)
class LetterheadRow:
    """One letterhead. `place` says what it is for; `begins` is how it begins."""

    id: int
    name: str
    place: str
    begins: str = ""


@dataclass(frozen=True, slots=True)
class LetterheadsPage:
    """All letterheads."""

    rows: tuple[LetterheadRow, ...]


@dataclass(frozen=True, slots=True)
class LetterheadPage:
    """One to change, or a new one (`id` None). `form` holds name, account, team, signature, footer, colour, logo and drops_logo;
    `placeholders` are the names that may stand in its texts."""

    form: object
    id: int | None = None
    name: str = ""
    placeholders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LetterheadPreview:
    """A message with the letterhead below it, in both its parts. `problem`: why there is none to show."""

    locale: str
    html: HTML = ""
    text: str = ""
    problem: str = ""
