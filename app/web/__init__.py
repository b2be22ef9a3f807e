"""Everything a browser sees: pages, sign-in, the event stream, pages and webhooks of plugins. Thin; verbs are in `app.services`."""

from collections.abc import Callable
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.errors import ConfigError
from app.realtime import Feed
from app.services.core import Core
from app.services.plugins.backend import DONE, VIEWER
from app.web import assets, formats, plain, plugin_routes, webhooks
from app.web.addresses import install_addresses
from app.web.alerts import install_alerts
from app.web.current import current_actor, current_core, current_viewer
from app.web.errors import install_errors
from app.web.guard import install_guard
from app.web.headers import install_headers
from app.web.locale import install_locale
from app.web.once import install_once
from app.web.pages import BLUEPRINTS
from app.web.plugin_actions import action_done
from app.web.remembered import install_remembered
from app.web.security import install_security
from app.web.shell import shell_variables
from app.web.templates import install_templates
from app.web.texts import install_texts

__all__ = ["current_actor", "current_core", "install_web"]


def install_web(app: Flask, core: Core, themes: Path) -> None:
    """Give the app its pages. Raises `ConfigError` when the theme is missing or its browser assets are not built."""
    config = core.config
    default_theme = themes / "default"
    theme_folder = default_theme if config.safe_mode else themes / config.theme
    if not (theme_folder / "templates").is_dir():
        raise ConfigError(f"TIDINGS_THEME: there is no theme called {config.theme!r}.")
    install_security(app, core)
    install_guard(app)
    install_templates(app, core.plugins, theme_folder, default_theme)
    _install_assets(app, theme_folder, default_theme, lambda: core.plugins.is_safe_mode)
    install_locale(app)
    install_texts(app)
    install_addresses(app)
    formats.register(app)
    install_remembered(app)
    install_once(app)
    app.context_processor(shell_variables)
    install_alerts(app, core)
    install_errors(app)
    install_headers(app, is_https=config.is_https)
    with app.app_context():
        app.extensions[DONE], app.extensions[VIEWER] = action_done, current_viewer
        app.extensions["tidings.feed"] = Feed(_engine(), config.max_streams)
    for blueprint in (*BLUEPRINTS, plain.blueprint, plugin_routes.blueprint, webhooks.blueprint):
        app.register_blueprint(blueprint)
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # how Flask means middleware to be added
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops
        )


def _install_assets(app: Flask, theme_folder: Path, default_theme: Path, is_plain: Callable[[], bool]) -> None:
    try:
        assets.register(app, theme_folder, default_theme, is_plain)
    except assets.AssetsMissing as error:
        raise ConfigError(str(error)) from error


def _engine():
    from app.extensions import db

    return db.engine
