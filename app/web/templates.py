"""Where templates come from: running themes first, then the default theme, and below `<plugin>/…` the folder of a running plugin.

A theme is a plugin of that kind; its folder `theme/` holds only what differs, and extends `default/<template>`. One whose template fails
is left out of this process until its files change, so that a page is shown in the default looks rather than not at all.
"""

import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, Template, TemplateNotFound

from app.clock import Clock
from app.plugin_host import PluginHost, PluginInfo, State
from app.web.addresses import url_for

__all__ = ["PluginTemplates", "ThemeTemplates", "install_templates"]

DEFAULT = "default"
HOOK = "theme"
"""What a theme's failures are counted under."""

Source = tuple[str, str | None, Callable[[], bool] | None]


class PluginTemplates(BaseLoader):
    """`webform/page.html` is `templates/webform/page.html` in the folder of the plugin `webform`; no plugin reaches another's."""

    def __init__(self, plugins: PluginHost) -> None:
        self._plugins = plugins

    def get_source(self, environment: Environment, template: str) -> Source:
        name, _, _ = template.partition("/")
        folder = self.folders().get(name)
        if folder is None:
            raise TemplateNotFound(template)
        return FileSystemLoader(folder / "templates").get_source(environment, template)

    def folders(self) -> dict[str, Path]:
        """The folders of running plugins by name."""
        return {info.name: info.path for info in self._plugins.infos() if info.state is State.ACTIVE and info.path}


class ThemeTemplates(BaseLoader):
    """The templates of running themes, the first by name in front, without those that failed."""

    def __init__(self, plugins: PluginHost, clock: Clock) -> None:
        self._plugins = plugins
        self._clock = clock
        self._failed: set[tuple[str, str]] = set()

    def get_source(self, environment: Environment, template: str) -> Source:
        for info in self.running():
            try:
                found = FileSystemLoader(_folder(info)).get_source(environment, template)
            except TemplateNotFound:
                continue
            try:
                environment.parse(found[0], template, found[1])
            except Exception as error:  # noqa: BLE001 - a theme's mistake, which is told on the plugins page
                self.leave_out(info, error)
                continue
            return found
        raise TemplateNotFound(template)

    def running(self) -> Iterator[PluginInfo]:
        for info in self._plugins.infos():
            is_theme = info.manifest is not None and info.manifest.kind == HOOK
            if is_theme and info.path and info.state is State.ACTIVE and _key(info) not in self._failed:
                yield info

    def leave_out(self, info: PluginInfo, error: BaseException) -> None:
        """Go on without this theme until it is another one, and count the failure against it."""
        self._failed.add(_key(info))
        health = self._plugins.health
        health.fail(health.record(info.name, HOOK), error, self._clock.now())

    def culprit(self, error: BaseException) -> PluginInfo | None:
        """The theme whose template raised; None when the last template on the way was another one."""
        frames = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        last = next((name for name in reversed(frames) if name.endswith((".html", ".txt"))), "")
        missing = isinstance(error, TemplateNotFound)  # its place is the line that names the template
        return next((one for one in self.running() if last.startswith(str(_folder(one))) or (missing and not last)), None)


def install_templates(app: Flask, plugins: PluginHost, theme_folder: Path, clock: Clock) -> None:
    """Give the app its loaders, and forget compiled templates whenever plugins come or go."""
    of_plugins, themes = PluginTemplates(plugins), ThemeTemplates(plugins, clock)
    default = FileSystemLoader(theme_folder / "templates")
    app.jinja_loader = ChoiceLoader([themes, default, PrefixLoader({DEFAULT: default}), of_plugins])
    app.jinja_env.template_class = _forgiving(themes)
    app.jinja_env.globals["plugin_url"] = _plugin_url
    known: list[object] = [{}]

    @app.before_request
    def forget_templates() -> None:
        now = of_plugins.folders(), [_key(info) for info in themes.running()]
        if now != known[0]:
            known[0] = now
            if app.jinja_env.cache is not None:
                app.jinja_env.cache.clear()


def _forgiving(themes: ThemeTemplates) -> type[Template]:
    """Templates that are rendered once more, without the theme, when a theme's part of them fails."""

    class ForgivingTemplate(Template):
        def render(self, *values: Any, **named: Any) -> str:
            try:
                return super().render(*values, **named)
            except Exception as error:
                culprit = themes.culprit(error)
                if culprit is None or self.name is None:
                    raise
                themes.leave_out(culprit, error)
            if self.environment.cache is not None:
                self.environment.cache.clear()
            return self.environment.get_template(self.name).render(*values, **named)

    return ForgivingTemplate


def _plugin_url(name: str, path: str = "") -> str:
    """The address of a page of a plugin, for templates of themes."""
    return url_for("plugin_pages.page", name=name, path=path) if path else url_for("plugin_pages.page", name=name)


def _folder(info: PluginInfo) -> Path:
    assert info.path is not None
    return info.path / "theme"


def _key(info: PluginInfo) -> tuple[str, str]:
    return info.name, info.fingerprint or info.version
