"""Where templates come from: the themes, and below `<plugin>/…` the folder of a running plugin, for as long as it runs."""

import logging
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response
from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, TemplateNotFound
from sqlalchemy.exc import SQLAlchemyError

from app.plugin_host import PluginHost, State
from app.web.addresses import url_for
from app.web.current import current_core
from app.web.themes import Themes, ThemeTemplate, forget_compiled

__all__ = ["PluginTemplates", "install_templates", "plugin_url"]

log = logging.getLogger(__name__)


class PluginTemplates(BaseLoader):
    """`webform/page.html` is `templates/webform/page.html` in the folder of the plugin `webform`; no plugin reaches another's."""

    def __init__(self, plugins: PluginHost) -> None:
        self._plugins = plugins

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        name, _, _ = template.partition("/")
        folder = self.folders().get(name)
        if folder is None:
            raise TemplateNotFound(template)
        return FileSystemLoader(folder / "templates").get_source(environment, template)

    def folders(self) -> dict[str, Path]:
        """The folders of running plugins by name."""
        return {info.name: info.path for info in self._plugins.infos() if info.state is State.ACTIVE and info.path}


def install_templates(app: Flask, plugins: PluginHost, theme_folder: Path, default_folder: Path) -> None:
    """Give the app its loaders, and forget compiled templates whenever plugins or safe mode come or go."""
    themes = Themes(theme_folder, default_folder, plugins)
    environment = app.jinja_env
    environment.extend(themes=themes)
    environment.loader = ChoiceLoader([themes, PluginTemplates(plugins), *filter(None, [environment.loader])])
    environment.template_class = ThemeTemplate
    environment.globals["plugin_url"] = plugin_url
    known = [(plugins.edition, plugins.is_safe_mode)]

    @app.before_request
    def forget_templates() -> None:
        now = plugins.edition, plugins.is_safe_mode
        if now != known[0]:
            known[0] = now
            themes.renew()
            forget_compiled(environment)

    @app.after_request
    def tell_of_themes(response: Response) -> Response:
        try:
            themes.tell(current_core())
        except SQLAlchemyError:  # the page itself is fine
            log.exception("a theme's failure could not be told")
        return response


def plugin_url(name: str, path: str = "") -> str:
    """The address of a page or a file of a plugin: `plugin_url("weather", "static/map.css")`."""
    return url_for("plugin_pages.page", name=name, path=path)
