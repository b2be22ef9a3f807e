"""The hook explorer: every hook, what it is for, who listens in which order, the last error and the last call."""

from collections.abc import Iterable, Mapping

from flask import Response, request
from flask_babel import gettext

from app.plugin_api.manifest import PERMISSIONS
from app.plugin_host.hooks.shapes import HookSpec, Shape
from app.plugin_host.hooks.text import hook_text
from app.plugin_host.permissions import HOOK_PERMISSIONS
from app.queries.plugin_hooks import HookError, SampleFacts, hook_errors, hook_samples
from app.queries.plugins import resting_hooks
from app.web.contexts import HookGroup, HookRow, HooksPage, Listener, PluginMark
from app.web.current import current_core
from app.web.pages.plugins.blueprint import SECTION, blueprint
from app.web.plugin_marks import plugin_mark
from app.web.shell import render_page
from app.web.texts import translated

__all__: list[str] = []


@blueprint.get("/hooks")
def hooks() -> Response:
    """All hooks by shape, or those that match `q`."""
    core = current_core()
    query = request.args.get("q", "").strip()
    marks = {info.name: plugin_mark(info) for info in core.plugins.infos()}
    known = _Known(marks, hook_errors(core.session), resting_hooks(core.session), hook_samples(core.session))
    rows = [known.row(spec) for spec in core.plugins.specs.values()]
    found = [row for row in rows if _matches(row, query.lower())]
    page = HooksPage(groups=_groups(found), query=query, total=len(rows), found=len(found))
    return render_page("plugins/hooks.html", page, section=SECTION)


class _Known:
    """What was read for all hooks at once."""

    def __init__(
        self,
        marks: Mapping[str, PluginMark],
        errors: Mapping[tuple[str, str], HookError],
        resting: Mapping[str, tuple[str, ...]],
        samples: Mapping[str, SampleFacts],
    ) -> None:
        self.marks, self.errors, self.resting, self.samples = marks, errors, resting, samples

    def row(self, spec: HookSpec) -> HookRow:
        text, sample = hook_text(spec), self.samples.get(spec.name)
        permission = HOOK_PERMISSIONS.get(spec.name, "")
        return HookRow(
            name=spec.name,
            shape=str(spec.shape),
            shape_label=_shapes()[spec.shape][0],
            about=text.about,
            text=text.details,
            arguments=text.arguments,
            answer=text.answer,
            since=text.since,
            permission=f"{permission}: {translated(PERMISSIONS.get(permission, ''))}" if permission else "",
            listeners=tuple(self._listeners(spec.name)),
            example=text.example,
            sample=sample.payload if sample else "",
            sampled_at=sample.seen_at if sample else None,
        )

    def _listeners(self, hook: str) -> Iterable[Listener]:
        for place, plugin in enumerate(current_core().plugins.dispatcher.listeners(hook), start=1):
            error = self.errors.get((plugin, hook))
            yield Listener(
                place=place,
                mark=self.marks.get(plugin, PluginMark(plugin, plugin)),
                error=error.text if error else "",
                failed_at=error.failed_at if error else None,
                is_resting=hook in self.resting.get(plugin, ()),
            )


def _matches(row: HookRow, query: str) -> bool:
    listeners = " ".join(f"{one.mark.name} {one.mark.title}" for one in row.listeners)
    text = f"{row.name} {row.shape} {row.shape_label} {row.permission} {listeners}".lower()
    return all(word in text for word in query.split())


def _groups(rows: Iterable[HookRow]) -> tuple[HookGroup, ...]:
    known = list(rows)
    groups = (
        HookGroup(label, about, tuple(row for row in known if row.shape == shape))
        for shape, (label, about) in _shapes().items()
    )
    return tuple(group for group in groups if group.hooks)


def _shapes() -> Mapping[Shape, tuple[str, str]]:
    return {
        Shape.ANNOUNCE: (
            gettext("Announce"),
            gettext("Something has happened. Every listener hears of it; what it answers is ignored."),
        ),
        Shape.FILTER: (
            gettext("Filter"),
            gettext("A value passes from one listener to the next, and each may change it."),
        ),
        Shape.COLLECT: (gettext("Collect"), gettext("Every listener adds what it has; all of it is put together.")),
        Shape.ASK: (gettext("Ask"), gettext("The listeners are asked in turn, and the first answer that fits counts.")),
    }
