"""Templates of themes, with the default theme behind them: for what they do not bring, for what of them is broken, and for everything in
safe mode.

A theme is a plugin of the kind "theme", whose folder `theme/` carries templates, or the folder that the configuration names. A template
that fails is set aside in this process until plugins come or go, and the next theme's stands in for it: a mistake costs the looks of a page
and not the page. What failed is counted against its plugin and told to the admins.
"""

import logging
import threading
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from jinja2 import BaseLoader, Environment, FileSystemLoader, Template, TemplateError, TemplateNotFound
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from app.errors import AppError
from app.plugin_api.texts import translatable
from app.plugin_host import PluginHost, State
from app.services.core import Core
from app.services.notices import tell_now

__all__ = ["ThemeTemplate", "Themes", "forget_compiled"]

log = logging.getLogger(__name__)

DEFAULT = "default"
"""How a theme names the template it changes: `{% extends "default/base.html" %}`."""
_TROUBLE = translatable(
    "The theme %(theme)s failed in %(template)s, and the default theme stands in for it: %(reason)s"
)
_NOT_ITS_FAULT = (SQLAlchemyError, HTTPException, AppError)


@dataclass(frozen=True, slots=True)
class _Theme:
    """A theme in force; `plugin` is empty for the one that the configuration names."""

    name: str
    folder: Path
    plugin: str = ""


@dataclass(frozen=True, slots=True)
class _Trouble:
    theme: _Theme
    template: str
    error: BaseException


class Themes(BaseLoader):
    """Finds templates: in theme plugins by name, then in the theme of the configuration, then in the default one."""

    def __init__(self, configured: Path, default: Path, plugins: PluginHost) -> None:
        self._configured = _Theme(configured.name, configured / "templates") if configured != default else None
        self._default = FileSystemLoader(default / "templates")
        self._plugins = plugins
        self._in_force: tuple[_Theme, ...] = ()
        self._aside: set[tuple[str, str]] = set()
        self._troubles: dict[tuple[str, str], _Trouble] = {}
        self._lock = threading.Lock()
        self.renew()

    def renew(self) -> None:
        """Plugins came, went or were replaced, or safe mode changed: look anew, and give what failed another chance."""
        found = [
            _Theme(info.name, info.path / "theme", info.name)
            for info in self._plugins.infos()
            if info.state is State.ACTIVE and info.path and info.manifest and info.manifest.kind == "theme"
        ]
        if self._configured is not None and not self._plugins.is_safe_mode:
            found.append(self._configured)
        with self._lock:
            self._in_force = tuple(found)
            self._aside.clear()

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja's name
    ) -> Template:
        if name.startswith(f"{DEFAULT}/"):
            return self._default.load(environment, name.removeprefix(f"{DEFAULT}/"), globals)
        for theme in self._in_force:
            if (theme.name, name) in self._aside:
                continue
            try:
                return FileSystemLoader(theme.folder).load(environment, name, globals)
            except TemplateNotFound:
                continue
            except (TemplateError, OSError, ValueError) as error:
                self._set_aside(theme, name, error)
        return self._default.load(environment, name, globals)

    def set_aside(self, error: BaseException) -> tuple[str, str] | None:
        """The innermost template of a theme in which this happened stands aside from now on; None when it happened in none."""
        if isinstance(error, _NOT_ITS_FAULT):
            return None
        found = [
            (theme, name) for theme, name in self._in(error.__traceback__) if (theme.name, name) not in self._aside
        ]
        if not found:
            return None
        self._set_aside(*found[-1], error)
        return found[-1][0].name, found[-1][1]

    def restore(self, which: tuple[str, str]) -> None:
        """It was not this template's fault: without it the page failed as well."""
        with self._lock:
            self._aside.discard(which)
            self._troubles.pop(which, None)

    def tell(self, core: Core) -> None:
        """Count and tell the admins what failed since the last time. Outside of a transaction."""
        if not self._troubles:
            return
        with self._lock:
            troubles, self._troubles = self._troubles, {}
        for one in troubles.values():
            plugin, health = one.theme.plugin, core.plugins.health
            if plugin:
                health.fail(health.record(plugin, "theme", can_rest=False), one.error, core.clock.now())
            tell_now(
                core,
                subject=f"{f'plugin:{plugin}:' if plugin else ''}theme:{one.theme.name}:{one.template}",
                text=_TROUBLE,
                data={
                    "theme": one.theme.name,
                    "template": one.template,
                    "reason": f"{type(one.error).__name__}: {one.error}",
                },
                path=f"/settings/plugins/{plugin}" if plugin else "",
            )

    def _set_aside(self, theme: _Theme, template: str, error: BaseException) -> None:
        log.error("the theme %s failed in %s", theme.name, template, exc_info=error)
        with self._lock:
            self._aside.add((theme.name, template))
            self._troubles[theme.name, template] = _Trouble(theme, template, error)

    def _in(self, traceback: TracebackType | None) -> Iterator[tuple[_Theme, str]]:
        """The templates of themes in a traceback, the innermost last."""
        while traceback is not None:
            file = Path(traceback.tb_frame.f_code.co_filename)
            for theme in self._in_force:
                if file.is_relative_to(theme.folder):
                    yield theme, file.relative_to(theme.folder).as_posix()
            traceback = traceback.tb_next


class ThemeTemplate(Template):
    """A template that is rendered once more, without what failed, when a part of a theme fails."""

    def render(self, *arguments: Any, **values: Any) -> str:
        try:
            return super().render(*arguments, **values)
        except Exception as error:
            themes: Themes | None = getattr(self.environment, "themes", None)
            failed = themes.set_aside(error) if themes is not None and self.name is not None else None
            if failed is None:
                raise
        forget_compiled(self.environment)
        try:
            return self.environment.get_template(self.name or "").render(*arguments, **values)
        except Exception:
            self.environment.themes.restore(failed)  # type: ignore[attr-defined]  # added by `extend`
            forget_compiled(self.environment)
            raise


def forget_compiled(environment: Environment) -> None:
    """Compile templates anew when they are asked for next."""
    if environment.cache is not None:
        environment.cache.clear()
