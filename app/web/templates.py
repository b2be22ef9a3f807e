"""Where templates come from: the theme's folder, and below `<plugin>/…` the folder of a running plugin, for as long as it runs."""

from collections.abc import Callable
from pathlib import Path

from flask import Flask
from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, TemplateNotFound

from app.plugin_host import PluginHost, State

__all__ = ["PluginTemplates", "install_templates"]


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


def install_templates(app: Flask, plugins: PluginHost, theme_folder: Path) -> None:
    """Give the app its loader, and forget compiled templates whenever plugins come or go."""
    of_plugins = PluginTemplates(plugins)
    app.jinja_loader = ChoiceLoader([FileSystemLoader(theme_folder / "templates"), of_plugins])
    known: list[dict[str, Path]] = [{}]

    @app.before_request
    def forget_templates() -> None:
        folders = of_plugins.folders()
        if folders != known[0]:
            known[0] = folders
            if app.jinja_env.cache is not None:
                app.jinja_env.cache.clear()
