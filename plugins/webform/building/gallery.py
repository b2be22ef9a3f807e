"""New forms: the gallery of templates, each with its picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug import Request

from forms.definitions import make_template, template_names
from plugins.webform.building.form_list import add_form
from plugins.webform.building.languages import known_language, languages_by_name, own_name
from plugins.webform.building.picture import Picture, picture_of
from plugins.webform.storing.legacy import LANGUAGES
from tidings import Host, translatable

__all__ = ["Gallery", "GalleryPage", "TemplateCard"]

LONGEST_NAME = 120

_TITLES = {
    "contact": translatable("Contact"),
    "support": translatable("Support"),
    "bug_report": translatable("Bug report"),
    "feedback": translatable("Feedback"),
    "callback": translatable("Call-back request"),
    "job_application": translatable("Job application"),
}
_SUMMARIES = {
    "contact": translatable("Name, e-mail and a message. For most sites."),
    "support": translatable("Asks for the order number when it is about an order."),
    "bug_report": translatable("What happened, what should have, and a screenshot."),
    "feedback": translatable("Stars, and a few words if they like."),
    "callback": translatable("A telephone number and a good time to call."),
    "job_application": translatable("In steps, with files and consent."),
}


@dataclass(frozen=True, slots=True)
class TemplateCard:
    """One way to begin. `name` is what is posted."""

    name: str
    title: str
    summary: str
    picture: Picture


@dataclass(frozen=True, slots=True)
class GalleryPage:
    """What `webform/building/gallery.html` gets; `template`, `name`, `language` and `others` are what was chosen, `problem` why it did not
    work. `spoken` are the languages (code, own name) that templates are written in already; `languages` all."""

    cards: tuple[TemplateCard, ...]
    spoken: tuple[tuple[str, str], ...]
    languages: tuple[tuple[str, str], ...]
    language: str
    others: tuple[str, ...] = ()
    template: str = "contact"
    name: str = ""
    problem: str = ""


class Gallery:
    """Choosing a template, and making a form of it."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def show(self, request: Request) -> str:
        """GET `/forms/new`."""
        return self._render(known_language(self._host.language))

    def make(self, request: Request) -> Any:
        """POST `/forms/new` with `template`, `name`, `language` and the `others` that it is also written in."""
        typed = request.form
        template, name = typed.get("template", ""), " ".join(typed.get("name", "").split())[:LONGEST_NAME]
        language = known_language(typed.get("language", ""))
        others = tuple(one for one in LANGUAGES if one in typed.getlist("others") and one != language)
        if template not in template_names():
            problem = self._host.gettext("Choose one of the templates.")
            return self._render(language, others, template="contact", name=name, problem=problem)
        definition = make_template(template, (language, *others), self._host.gettext)
        added = add_form(self._host, name or self._host.gettext(_TITLES[template]), definition)
        return self._host.done(self._host.gettext("The form is made. Fit it to what you need."), f"/forms/{added}")

    def _render(self, language: str, others: Sequence[str] = (), **chosen: str) -> str:
        page = GalleryPage(
            cards=tuple(self._card(name, language) for name in template_names()),
            spoken=tuple((code, own_name(code)) for code in LANGUAGES),
            languages=languages_by_name(),
            language=language,
            others=tuple(others),
            **chosen,
        )
        return self._host.render("webform/building/gallery.html", page=page)

    def _card(self, name: str, language: str) -> TemplateCard:
        title = self._host.gettext(_TITLES[name])
        definition = make_template(name, (language,), self._host.gettext)
        picture = picture_of(definition, language, title)
        return TemplateCard(name, title, self._host.gettext(_SUMMARIES[name]), picture)
