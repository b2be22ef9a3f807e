"""A small picture of a form, drawn from its definition: boxes, lines and words that a template makes an SVG of. Pure."""

from dataclasses import dataclass, field

from forms.definitions import Display, FieldDefinition, FormDefinition, Kind, Width, say

__all__ = ["Picture", "Shape", "picture_of"]

WIDTH, HEIGHT = 280, 190
MARGIN, GAP, LINE = 18, 8, 11
LETTER = 4.3
"""About how wide a letter of a label is."""
LIST_FROM = 5
"""So many choices are shown as a list that opens."""

_BOX = {Kind.LONG_TEXT: 34, Kind.FILE: 18, Kind.RATING: 12, Kind.CONSENT: 10}


@dataclass(frozen=True, slots=True)
class Shape:
    """A rectangle of the class `look`, or words that stand with their base line at (x, y)."""

    look: str
    x: float
    y: float
    width: float = 0
    height: float = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn, in units of a box of `width` by `height`; what is longer is cut off below."""

    shapes: tuple[Shape, ...]
    width: int = WIDTH
    height: int = HEIGHT


def picture_of(definition: FormDefinition, language: str = "", title: str = "") -> Picture:
    """The first step of a form in a language (its own first one if empty). `title` stands where the form has none of its own."""
    language = language or definition.languages[0]
    drawing = _Drawing(language, definition.languages[0])
    drawing.heading(say(definition.title, language, definition.languages[0]) or title, len(definition.steps))
    for one in definition.steps[0].fields:
        if one.kind is not Kind.HIDDEN:
            drawing.field(one)
    drawing.button()
    return Picture(tuple(drawing.shapes))


@dataclass
class _Drawing:
    """A pen that goes down the page; `beside` is the field of half width that waits for another one."""

    language: str
    base: str
    y: float = 20
    shapes: list[Shape] = field(default_factory=list)
    beside: bool = False
    row_end: float = 0

    def heading(self, title: str, steps: int) -> None:
        self.shapes.append(Shape("title", MARGIN, self.y + 4, text=_cut(title, 190, LETTER * 1.35)))
        for number in range(steps if steps > 1 else 0):
            look = "step-now" if number == 0 else "step"
            self.shapes.append(Shape(look, WIDTH - MARGIN - 9 * (steps - number), self.y - 2, 6, 6))
        self.y += 14

    def field(self, one: FieldDefinition) -> None:
        if one.width is Width.HALF and self.beside:
            self._draw(one, WIDTH / 2 + GAP / 2, self.y, (WIDTH - 2 * MARGIN - GAP) / 2)
            self.y, self.beside = self.row_end, False
            return
        if self.beside:
            self.y, self.beside = self.row_end, False
        is_half = one.width is Width.HALF
        end = self._draw(one, MARGIN, self.y, (WIDTH - 2 * MARGIN - GAP) / 2 if is_half else WIDTH - 2 * MARGIN)
        if is_half:
            self.row_end, self.beside = end, True
        else:
            self.y = end

    def button(self) -> None:
        if self.beside:
            self.y = self.row_end
        self.shapes.append(Shape("send", MARGIN, self.y + 2, 54, 17))
        self.shapes.append(Shape("send-line", MARGIN + 14, self.y + 9.5, 26, 2.5))

    def _draw(self, one: FieldDefinition, x: float, y: float, width: float) -> float:
        """Draw one field; gives where the next row begins."""
        label = say(one.label, self.language, self.base)
        if one.kind is Kind.HEADING:
            self.shapes.append(Shape("label strong", x, y + 9, text=_cut(label, width)))
            return y + 16
        if one.kind is Kind.PARAGRAPH:
            self.shapes.append(Shape("words", x, y + 8, text=_cut(label, width)))
            return y + 14
        if one.kind is Kind.CONSENT:
            self.shapes.append(Shape("box", x, y + 2, 9, 9))
            self.shapes.append(Shape("words", x + 14, y + 9.5, text=_cut(label, width - 14)))
            return y + 18
        star = " *" if one.is_required else ""
        self.shapes.append(Shape("label", x, y + 8, text=_cut(label, width - 8) + star))
        return self._control(one, x, y + LINE + 2, width) + GAP

    def _control(self, one: FieldDefinition, x: float, y: float, width: float) -> float:
        if one.kind is Kind.RATING:
            count = int(one.maximum) if one.maximum.isdecimal() else 5
            self.shapes += [Shape("star", x + 15 * n, y, 11, 11) for n in range(min(count, 10))]
            return y + 11
        if one.kind in (Kind.CHOICE, Kind.CHOICES) and _shows_buttons(one):
            return self._choices(one, x, y, width)
        height = _BOX.get(one.kind, 17)
        self.shapes.append(Shape("drop" if one.kind is Kind.FILE else "box", x, y, width, height))
        if one.kind in (Kind.CHOICE, Kind.DATE):
            self.shapes.append(Shape("mark", x + width - 13, y + 6, 7, 5))
        return y + height

    def _choices(self, one: FieldDefinition, x: float, y: float, width: float) -> float:
        at, end = x, x + width
        for choice in one.choices:
            words = say(choice.label, self.language, self.base)
            needed = min(len(words) * LETTER + 14, width)
            if at > x and at + needed > end:
                at, y = x, y + 18
            self.shapes.append(Shape("pill", at, y, needed, 14))
            self.shapes.append(Shape("words", at + 7, y + 9.8, text=_cut(words, needed - 12)))
            at += needed + 5
        return y + 14


def _shows_buttons(one: FieldDefinition) -> bool:
    if one.kind is Kind.CHOICES:
        return True
    return one.display is Display.BUTTONS or (one.display is Display.AUTO and len(one.choices) < LIST_FROM)


def _cut(text: str, width: float, letter: float = LETTER) -> str:
    """As much of a line as there is room for."""
    line, room = " ".join(text.split()), max(int(width / letter), 1)
    return line if len(line) <= room else line[: max(room - 1, 1)].rstrip() + "…"
