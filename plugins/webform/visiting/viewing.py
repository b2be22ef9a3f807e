"""Making what the partial shows: a form's own words in one language, beside ours."""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from werkzeug import Request

from forms.definitions import DefinedForm, FormDefinition, script_facts
from plugins.webform.guarding import proof
from plugins.webform.publication import PublishedForm
from plugins.webform.visiting.languages import Catalogue, direction_of, language_for
from plugins.webform.visiting.only_if import only_if_lines
from plugins.webform.visiting.promise import promise_of
from plugins.webform.visiting.texts import PARTIAL_TEXTS, SCRIPT_TEXTS
from plugins.webform.visiting.usual import intro_of, send_label_of, title_of
from plugins.webform.visiting.view import FormView, ProblemLink
from tidings import Host

__all__ = ["THEMES", "embedded_theme", "language_of", "partial_texts", "view_of"]

THEMES = ("light", "dark", "auto")

_SPOKEN: WeakKeyDictionary[Host, dict[str, tuple[Mapping[str, str], Mapping[str, str]]]] = WeakKeyDictionary()
"""The texts of the partial and of the script by language; they are the same as long as the plugin runs."""


def view_of(
    host: Host,
    published: PublishedForm,
    form: DefinedForm,
    *,
    theme: str,
    base: str = "",
    action: str = "",
    notice: str = "",
    is_headed: bool = True,
    thanks_url: str = "",
) -> FormView:
    """The form in the language it was made in. `base` is the address below which its doors are, absolute where it is shown on another site;
    without one it is a preview and sends nothing. `notice` says why a post was not taken, `thanks_url` where a script goes after one that
    was, and `action` is where the form posts to without a script, if not to the page's own address."""
    definition, catalogue = published.definition, Catalogue(host, form.language)
    return FormView(
        key=published.key,
        definition=definition,
        form=form,
        language=form.language,
        direction=direction_of(form.language),
        theme=theme,
        action=action,
        title=title_of(definition, catalogue),
        intro=intro_of(definition, catalogue),
        send_label=send_label_of(definition, catalogue),
        texts=partial_texts(host, form.language),
        hours=promise_of(definition, host.now(), catalogue),
        notice=notice,
        problem_links=_problem_links(form),
        has_lost_files=bool(form.uploads),
        only_if=only_if_lines(definition, catalogue),
        is_headed=is_headed,
        facts={
            **_doors(host, published, catalogue.language, base),
            **({"thanks": thanks_url} if thanks_url else {}),
            **script_facts(definition, catalogue.language),
            "texts": _spoken(host, form.language)[1],
        },
    )


def partial_texts(host: Host, language: str) -> Mapping[str, str]:
    """`PARTIAL_TEXTS` in a language."""
    return _spoken(host, language)[0]


def language_of(host: Host, request: Request, definition: FormDefinition) -> str:
    """The language in which this visitor reads the form."""
    return language_for(request, definition.languages, host.language)


def embedded_theme(request: Request, definition: FormDefinition) -> str:
    """What the address names, else what the form's owner chose; the page around is light as a rule."""
    wanted = request.args.get("theme", "")
    if wanted in THEMES:
        return wanted
    return "light" if definition.theme == "auto" else definition.theme


def _spoken(host: Host, language: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    known = _SPOKEN.setdefault(host, {})
    if language not in known:
        partial, script = (
            {name: host.gettext(text, language) for name, text in texts.items()}
            for texts in (PARTIAL_TEXTS, SCRIPT_TEXTS)
        )
        known[language] = (partial, script)
    return known[language]


def _doors(host: Host, published: PublishedForm, language: str, base: str) -> Mapping[str, Any]:
    """Where form.js sends things, and what it has to do before; see `FormView.facts_json`."""
    if not base:
        return {"key": published.key, "submit": "", "challenge": "", "proof": False}
    return {
        "key": published.key,
        "submit": f"{base}/submit?lang={language}",
        "challenge": f"{base}/challenge",
        "proof": proof.is_wanted(host, published),
    }


def _problem_links(form: DefinedForm) -> tuple[ProblemLink, ...]:
    """In the order of the form; the partial's elements are called "tf-" and the field's id."""
    return tuple(ProblemLink(f"tf-{name}", form[name].label.text, said) for name, said in form.problems.items())
