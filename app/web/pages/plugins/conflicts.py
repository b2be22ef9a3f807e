"""The conflict report: names and addresses claimed twice, questions that several plugins answer, values that two plugins changed."""

from collections import Counter
from collections.abc import Iterator

from flask import Response
from flask_babel import gettext

from app.plugin_host.hooks.shapes import Shape
from app.queries.plugin_conflicts import ConflictFacts, seen_conflicts, shared_addresses
from app.web.contexts import ConflictRow, ConflictsPage, PluginMark
from app.web.current import current_core
from app.web.pages.plugins.blueprint import SECTION, blueprint
from app.web.plugin_marks import plugin_mark
from app.web.shell import render_page
from app.web.texts import translated

__all__ = ["conflict_rows"]


@blueprint.get("/conflicts")
def conflicts() -> Response:
    """What collides; those that stop a plugin come first."""
    return render_page("plugins/conflicts.html", ConflictsPage(conflict_rows()), section=SECTION)


def conflict_rows() -> tuple[ConflictRow, ...]:
    """All there are. Two queries."""
    seen = [_met(one) for one in seen_conflicts(current_core().session)]
    return (*_names_claimed_twice(), *_addresses_claimed_twice(), *seen, *_questions_with_several_answers())


def _names_claimed_twice() -> Iterator[ConflictRow]:
    infos = current_core().plugins.infos()
    for name, count in sorted(Counter(info.name for info in infos).items()):
        if count > 1:
            refused = [info for info in infos if info.name == name and info.problem]
            yield ConflictRow(
                what=gettext("The name %(name)s", name=name),
                sentence=translated(refused[0].problem) if refused else gettext("Several plugins are called so."),
                plugins=tuple(plugin_mark(info) for info in infos if info.name == name)[:1],
                is_error=True,
            )


def _addresses_claimed_twice() -> Iterator[ConflictRow]:
    for shared in shared_addresses(current_core().session):
        yield ConflictRow(
            what=gettext("The address %(address)s", address=shared.address),
            sentence=gettext(
                "Several accounts have it, so what arrives there may be fetched more than once: %(names)s.",
                names=", ".join(shared.accounts),
            ),
            plugins=tuple(map(_mark, shared.plugins)),
            what_to_do=gettext("If they read the same mailbox, pause or remove all but one."),
        )


def _met(seen: ConflictFacts) -> ConflictRow:
    spec = current_core().plugins.specs.get(seen.hook)
    what, sentence = (_same_place if spec and spec.shape is Shape.COLLECT else _changed_twice)(seen)
    return ConflictRow(
        what=what,
        sentence=sentence,
        plugins=(_mark(seen.first), _mark(seen.second)),
        what_to_do=gettext("If that is not what you want, switch one of them off."),
        times=seen.times,
        seen_at=seen.seen_at,
    )


def _changed_twice(seen: ConflictFacts) -> tuple[str, str]:
    sentence = gettext(
        "%(first)s changed it, then %(second)s changed it again: what %(second)s made of it counts.",
        first=_mark(seen.first).title,
        second=_mark(seen.second).title,
    )
    return gettext("“%(field)s” in %(hook)s", field=seen.field, hook=seen.hook), sentence


def _same_place(seen: ConflictFacts) -> tuple[str, str]:
    sentence = gettext(
        "%(first)s and %(second)s both show a box with this title at this place, so nobody can tell them apart.",
        first=_mark(seen.first).title,
        second=_mark(seen.second).title,
    )
    return gettext("The box “%(title)s” (%(hook)s)", title=seen.field.partition(": ")[2], hook=seen.hook), sentence


def _questions_with_several_answers() -> Iterator[ConflictRow]:
    host = current_core().plugins
    for name, spec in host.specs.items():
        listeners = host.dispatcher.listeners(name)
        if spec.shape is Shape.ASK and len(listeners) > 1:
            marks = tuple(_mark(one) for one in listeners)
            yield ConflictRow(
                what=gettext("The question %(hook)s", hook=name),
                sentence=gettext(
                    "Several plugins may answer it. They are asked in this order, and the first answer counts: %(names)s.",
                    names=", ".join(mark.title for mark in marks),
                ),
                plugins=marks,
            )


def _mark(name: str) -> PluginMark:
    """A plugin that may be gone by now."""
    return next(
        (plugin_mark(info) for info in current_core().plugins.infos() if info.name == name), PluginMark(name, name)
    )
