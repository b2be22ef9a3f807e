"""Contact Form 7 of WordPress: its form templates, bare or in a WordPress export with several of them.

The shortcodes are described at https://contactform7.com/tag-syntax/ and the pages of the single types there.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms.base import translatable
from forms.definitions.importing.drafts import Draft, GetText, Imported, accepted_kinds, nothing_found, same_text
from forms.definitions.importing.markup import MARK, Words, text_of, walk
from forms.definitions.importing.wordpress import WordPressForm, is_export, read_export
from forms.definitions.limits import MAX_MEGABYTES, MAX_VALUE, MOST_FILES
from forms.definitions.types import Kind

__all__ = ["import_contact_form_7"]

MEGABYTE = 1_048_576
USUAL_BYTES = MEGABYTE
"""How large a file may be where its tag does not say, https://contactform7.com/file-uploading-and-attachment/."""
WEB_ADDRESS = r"https?://\S+"

_TAG = re.compile(
    r"\[(?P<type>[a-zA-Z][a-zA-Z0-9_]*)(?P<star>\*?)(?P<rest>(?:\s++(?:\"[^\"]{0,2000}+\"|'[^']{0,2000}+'|[^\s\[\]\"']++)){0,1000}+)\s*+\]"
    r"(?:(?P<content>[^\[]*)\[/(?P=type)\])?"
)
_WORD = re.compile(r"\"([^\"]*)\"|'([^']*)'|([^\s\"']+)")
_SIZES = re.compile(r"\d*(?:x\d*)?/(\d+)")
_LIMIT = re.compile(r"(\d+)\s*(kb|mb)?", re.IGNORECASE)
_RELATIVE = re.compile(r"(today)(?:([+-]\d+)days?)?", re.IGNORECASE)
_LEFTOVER = re.compile(r"\[/?[a-zA-Z_][^\[\]]*\]")


@dataclass(frozen=True, slots=True)
class Tag:
    """One shortcode: `[text* your-name maxlength:80 "Ada"]` has the type "text", is required, named "your-name", with options as they
    stand ("maxlength:80") and values. `content` stands between it and its closing tag."""

    type: str
    is_required: bool
    name: str
    options: tuple[str, ...]
    values: tuple[str, ...]
    content: str

    def option(self, name: str) -> str:
        """What stands behind "name:", or nothing."""
        return next((one[len(name) + 1 :] for one in self.options if one.startswith(f"{name}:")), "")

    @property
    def own_name(self) -> str:
        """Its name without the "your-" that those of the usual form begin with."""
        return self.name.removeprefix("your-") or self.type


def import_contact_form_7(text: str, language: str = "en", gettext: GetText = same_text) -> tuple[Imported, ...]:
    """The forms in a WordPress export or in the template of one form. `language` is that of a form which does not tell its own; remarks are
    said through `gettext`. Raises `DefinitionError` when there is no form that can be taken over."""
    forms = read_export(text) if is_export(text) else (WordPressForm(title="", template=text),)
    found = tuple(_imported(form, form.language or language, gettext) for form in forms if _TAG.search(form.template))
    if not found:
        raise nothing_found(translatable("There is no form of Contact Form 7 in this."))
    return found


def _imported(form: WordPressForm, language: str, gettext: GetText) -> Imported:
    draft = Draft(language, gettext)
    if form.thanks:
        draft.form["thanks"] = draft.said(form.thanks, 5_000)
    tags = [_tag(match) for match in _TAG.finditer(form.template)]
    places = iter(range(len(tags)))
    html = _TAG.sub(lambda match: f"<{MARK} n='{next(places)}'>", form.template)
    html = _LEFTOVER.sub("", html)

    def take(number: int, label: str) -> None:
        TYPES.get(tags[number].type, _unknown)(draft, tags[number], label)

    walk(html, take, lambda words: _words(draft, words))
    return draft.finish(form.title)


def _tag(match: "re.Match[str]") -> Tag:
    words = [(one[1] if one[1] is not None else one[2], one[3]) for one in _WORD.finditer(match["rest"])]
    values = tuple(quoted for quoted, _ in words if quoted is not None)
    bare = [word for _, word in words if word is not None]
    has_name = bool(bare) and match["type"] not in ("submit", "group")
    name, options = (bare[0], bare[1:]) if has_name else ("", bare)
    return Tag(match["type"].lower(), bool(match["star"]), name, tuple(options), values, match["content"] or "")


def _words(draft: Draft, words: Words) -> None:
    kind = Kind.HEADING if words.is_heading else Kind.PARAGRAPH
    if any(sign.isalnum() for sign in words.text):
        draft.add("note", kind, words.text)


def _text(kind: Kind, **always: Any) -> Callable[[Draft, Tag, str], None]:
    """A field into which text is typed."""

    def take(draft: Draft, tag: Tag, label: str) -> None:
        value = " ".join(tag.values[:1]) or (text_of(tag.content) if kind is Kind.LONG_TEXT else "")
        is_hint = "placeholder" in tag.options or "watermark" in tag.options
        slash = next((match[1] for one in tag.options if (match := _SIZES.fullmatch(one))), "")
        draft.add(
            tag.own_name,
            kind,
            label or (value if is_hint else ""),
            is_required=tag.is_required,
            placeholder=draft.said(value, MAX_VALUE) if is_hint else {},
            default="" if is_hint else value,
            minimum=tag.option("minlength") if kind in (Kind.TEXT, Kind.LONG_TEXT) else "",
            maximum=(tag.option("maxlength") or slash) if kind in (Kind.TEXT, Kind.LONG_TEXT) else "",
            **_parameter(draft, tag),
            **always,
        )

    return take


def _bounded(kind: Kind) -> Callable[[Draft, Tag, str], None]:
    """A number or a day."""

    def take(draft: Draft, tag: Tag, label: str) -> None:
        value = " ".join(tag.values[:1])
        is_hint = "placeholder" in tag.options or "watermark" in tag.options
        draft.add(
            tag.own_name,
            kind,
            label or (value if is_hint else ""),
            is_required=tag.is_required,
            placeholder=draft.said(value, MAX_VALUE) if is_hint else {},
            default="" if is_hint else _bound(value),
            minimum=_bound(tag.option("min")),
            maximum=_bound(tag.option("max")),
            **_parameter(draft, tag),
        )

    return take


def _bound(text: str) -> str:
    """ "today+3days" in our words; anything else as it is."""
    match = _RELATIVE.fullmatch(text)
    return f"today{match[2] or ''}" if match else text


def _chosen(draft: Draft, tag: Tag, label: str) -> None:
    """Lists, buttons and boxes."""
    is_several = (tag.type == "checkbox" and "exclusive" not in tag.options) or "multiple" in tag.options
    values = list(tag.values)
    hint = values.pop(0) if "first_as_label" in tag.options and values else ""
    pairs = [(one.partition("|")[2] or one, one.partition("|")[0]) for one in values]
    _warn_of_choice(draft, tag, label, pairs)
    choices = draft.choices(
        (shown if "@" in value else value, shown) for value, shown in pairs
    )  # addresses stay hidden
    starts = [int(one) - 1 for one in re.findall(r"\d+", tag.option("default"))]
    chosen = [choices[place]["value"] for place in starts if 0 <= place < len(choices)]
    draft.add(
        tag.own_name,
        Kind.CHOICES if is_several else Kind.CHOICE,
        label or hint,
        is_required=tag.is_required or (tag.type == "radio"),
        choices=choices,
        display="" if is_several else ("list" if tag.type == "select" else "buttons"),
        placeholder=draft.said(hint, MAX_VALUE),
        default="\n".join(chosen if is_several else chosen[:1]),
        **_parameter(draft, tag),
    )


def _warn_of_choice(draft: Draft, tag: Tag, label: str, pairs: Sequence[tuple[str, str]]) -> None:
    name = label or tag.own_name
    if "free_text" in tag.options:
        draft.remark(
            translatable("“%(field)s”: visitors could write an answer of their own; add a field for that."), field=name
        )
    if any("@" in value for value, shown in pairs if value != shown):
        draft.remark(
            translatable("“%(field)s”: an answer chose where the mail went; choose a team for each answer instead."),
            field=name,
        )
    if tag.option("data"):
        draft.remark(translatable("“%(field)s”: its answers came from elsewhere and have to be entered."), field=name)


def _accepted(draft: Draft, tag: Tag, label: str) -> None:
    if "invert" in tag.options:
        draft.remark(
            translatable("“%(field)s” had to be left unticked; there is no such box here."), field=tag.own_name
        )
        return
    words = text_of(tag.content).replace("\n", " ") or label or " ".join(tag.values)
    draft.add(tag.own_name, Kind.CONSENT, words, is_required="optional" not in tag.options)


def _file(draft: Draft, tag: Tag, label: str) -> None:
    limit = _LIMIT.fullmatch(tag.option("limit") or str(USUAL_BYTES))
    unit = {"kb": 1024, "mb": MEGABYTE}.get((limit[2] or "").lower(), 1) if limit else 1
    megabytes = math.ceil(int(limit[1]) * unit / MEGABYTE) if limit else 1
    kinds, unknown = accepted_kinds(re.split(r"[|,]", tag.option("filetypes")))
    if unknown:
        draft.remark(
            translatable("“%(field)s”: files ending in %(endings)s cannot be asked for by their ending."),
            field=label or tag.own_name,
            endings=", ".join(unknown),
        )
    draft.add(
        tag.own_name,
        Kind.FILE,
        label,
        is_required=tag.is_required,
        max_files=min(max(int(re.sub(r"\D", "", tag.option("max-file")) or 1), 1), MOST_FILES),
        max_megabytes=min(max(megabytes, 1), MAX_MEGABYTES),
        accepts=kinds if not unknown else [],
    )


def _hidden(draft: Draft, tag: Tag, label: str) -> None:
    draft.add(tag.own_name, Kind.HIDDEN, tag.own_name, default=" ".join(tag.values[:1]), **_parameter(draft, tag))
    _put_back(draft, label)


def _submit(draft: Draft, tag: Tag, label: str) -> None:
    draft.form["send_label"] = draft.said(" ".join(tag.values[:1]), MAX_VALUE)
    _put_back(draft, label)


def _put_back(draft: Draft, label: str) -> None:
    """Text before something that shows no label is text."""
    if label:
        draft.add("note", Kind.PARAGRAPH, label)


def _quiz(draft: Draft, tag: Tag, label: str) -> None:
    draft.remark(
        translatable("Questions and pictures against spam were left out; Tidings keeps spam away by other means.")
    )


def _silent(draft: Draft, tag: Tag, label: str) -> None:
    _put_back(draft, label)


def _group(draft: Draft, tag: Tag, label: str) -> None:
    draft.remark(
        translatable("Groups of fields that were shown on conditions are always shown; set their conditions anew.")
    )
    _put_back(draft, label)


def _unknown(draft: Draft, tag: Tag, label: str) -> None:
    draft.remark(
        translatable("“%(field)s” was left out: there is nothing like “%(kind)s” here."),
        field=label or tag.name,
        kind=tag.type,
    )


def _parameter(draft: Draft, tag: Tag) -> dict[str, str]:
    """Which parameter of the page's address fills the field in, where one does."""
    source = tag.option("default")
    if source == "get":
        return {"parameter": tag.name[:60]}
    if source and not re.fullmatch(r"[\d_]+|on", source):
        draft.remark(translatable("“%(field)s”: what stood in it at first came from WordPress."), field=tag.own_name)
    return {}


TYPES: Mapping[str, Callable[[Draft, Tag, str], None]] = {
    "text": _text(Kind.TEXT),
    "textarea": _text(Kind.LONG_TEXT),
    "email": _text(Kind.EMAIL),
    "tel": _text(Kind.PHONE),
    "url": _text(Kind.TEXT, pattern=WEB_ADDRESS),
    "number": _bounded(Kind.NUMBER),
    "range": _bounded(Kind.NUMBER),
    "date": _bounded(Kind.DATE),
    "select": _chosen,
    "checkbox": _chosen,
    "radio": _chosen,
    "acceptance": _accepted,
    "file": _file,
    "multilinefile": _file,
    "mfile": _file,
    "hidden": _hidden,
    "submit": _submit,
    "quiz": _quiz,
    "captchac": _quiz,
    "captchar": _quiz,
    "recaptcha": _quiz,
    "turnstile": _quiz,
    "honeypot": _quiz,
    "count": _silent,
    "response": _silent,
    "previous": _silent,
    "group": _group,
}
"""From a shortcode's type to what takes it over."""
