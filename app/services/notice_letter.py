"""The words of the mail that tells an admin of notices, as text and as HTML, in the admin's language."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from app.languages import gettext, ngettext
from app.services.notices import notice_text

__all__ = ["Letter", "News", "write_letter"]


@dataclass(frozen=True, slots=True)
class News:
    """A notice as the mail tells it: `text` and `data` as in `notices.tell`, `path` below our address."""

    text: str
    data: dict[str, object]
    path: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's subject and its body twice."""

    subject: str
    text: str
    html: str


def write_letter(news: Sequence[News], *, language: str, business: str, address: str, recovery_link: str) -> Letter:
    """Tell of one or more notices. `address` is ours without a slash at the end; without a `recovery_link` safe mode is not spoken of."""
    sentences = [notice_text(one.text, one.data, language) for one in news]
    links = [f"{address}{one.path}" if one.path else "" for one in news]
    rescue = _rescue(language) if recovery_link else ""
    why = gettext("You get this mail because you are an admin of %(name)s. All notices:", language) % {"name": business}
    all_notices = f"{address}/settings/notices"
    text = [*("\n".join(filter(None, both)) for both in zip(sentences, links, strict=True))]
    html = [_paragraph(sentence, link) for sentence, link in zip(sentences, links, strict=True)]
    if rescue:
        text.append(f"{rescue}\n{recovery_link}")
        html.append(_paragraph(rescue, recovery_link))
    text.append(f"-- \n{why}\n{all_notices}")
    html.append(Markup("<hr>") + _paragraph(why, all_notices))
    return Letter(_subject(sentences, language, business), "\n\n".join(text) + "\n", "\n".join(html))


def _subject(sentences: Sequence[str], language: str, business: str) -> str:
    if len(sentences) == 1:
        told = sentences[0] if len(sentences[0]) <= 140 else f"{sentences[0][:139].rstrip()}…"
    else:
        count = len(sentences)
        told = ngettext("%(count)s notice", "%(count)s notices", count, language) % {"count": count}
    return f"{business}: {told}"


def _rescue(language: str) -> str:
    return gettext(
        "Can you not open Tidings any more? This link switches safe mode on, in which only the plugins that came with Tidings run."
        " It works once, until this time tomorrow, and asks before it does anything:",
        language,
    )


def _paragraph(text: str, link: str) -> Markup:
    address = Markup('<br><a href="{0}">{0}</a>').format(link) if link else ""
    return Markup("<p>{}{}</p>").format(escape(text), address)
