"""Notices about plugins that cannot run: one that is in quarantine, one that waits for its owner's consent."""

from sqlalchemy import select

from app.models import Notice
from app.plugin_api.texts import translatable
from app.plugin_host import PluginInfo, State
from app.services.core import Core, Unit, writing
from app.services.notices import over, tell

__all__ = ["PluginNews"]

_QUARANTINED = translatable("The plugin %(name)s could not start and is in quarantine: %(reason)s")
_WAITING = translatable("The plugin %(name)s asks for more than was agreed to, and waits for an answer.")
_PREFIX = "plugin:"


class PluginNews:
    """Tells what one process sees of its plugins. `look` is called often, outside of a transaction, and does something only when a plugin
    fares differently than at the last look."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._seen: list[PluginInfo] | None = None

    def look(self) -> None:
        """Tell of plugins in trouble; close what was told of those that are well again."""
        infos = self._core.plugins.infos()
        if infos == self._seen:
            return
        troubled = {_subject(info): info for info in infos if info.state in (State.QUARANTINED, State.WAITING)}
        ended = [] if self._core.plugins.is_safe_mode else self._told() - troubled.keys()
        seen = {_subject(info): info for info in self._seen or ()}
        news = {subject: info for subject, info in troubled.items() if seen.get(subject) != info}
        if news or ended:
            with writing(self._core) as unit:
                for subject, info in news.items():
                    _tell(unit, subject, info)
                for subject in ended:
                    over(unit, subject)
        self._seen = infos

    def _told(self) -> set[str]:
        """The subjects of open notices that are told here."""
        is_open = Notice.subject.startswith(_PREFIX) & Notice.closed_at.is_(None)
        subjects = self._core.session.scalars(select(Notice.subject).where(is_open)).all()
        return {one for one in subjects if one.rpartition(":")[2] in (State.QUARANTINED, State.WAITING)}


def _subject(info: PluginInfo) -> str:
    return f"{_PREFIX}{info.name}:{info.state}"


def _tell(unit: Unit, subject: str, info: PluginInfo) -> None:
    page = f"/settings/plugins/{info.name}"
    title = info.manifest.title if info.manifest else info.name
    if info.state is State.WAITING:
        tell(unit, subject=subject, text=_WAITING, data={"name": title}, path=f"{page}/agree")
    else:
        data = {"name": title, "reason": info.problem}
        tell(unit, subject=subject, text=_QUARANTINED, data=data, path=page, level="error")
