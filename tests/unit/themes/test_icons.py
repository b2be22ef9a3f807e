"""Promises of the icons: whatever a shipped channel names is drawn, and a name nobody draws becomes the neutral one."""

import importlib
import json
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel

from app.plugin_api.channel import Channel
from app.web import assets
from app.web.addresses import install_addresses

ROOT = Path(__file__).resolve().parents[3]
ICONS = ROOT / "themes" / "default" / "assets" / "src" / "icons.txt"
CHANNELS = sorted(path.parent.name for path in (ROOT / "plugins").glob("*/channel.py"))


def _drawn() -> set[str]:
    return {line.split("#")[0].strip() for line in ICONS.read_text(encoding="utf-8").splitlines()} - {""}


def _channels(plugin: str) -> list[type[Channel]]:
    found = vars(importlib.import_module(f"plugins.{plugin}.channel")).values()
    return [value for value in found if isinstance(value, type) and issubclass(value, Channel) and value is not Channel]


@pytest.mark.parametrize("plugin", CHANNELS)
def test_icon_of_a_shipped_channel_is_drawn(plugin):
    channels = _channels(plugin)
    assert channels
    assert {channel.icon for channel in channels} <= _drawn()


def test_icon_that_the_host_falls_back_to_is_drawn():
    assert {Channel.icon, assets.NEUTRAL_ICON} <= _drawn()


def build(theme: Path, names: dict[str, str]) -> Path:
    """A theme with built assets; each file holds its plain name, the sprite one icon."""
    dist = theme / "static" / "dist"
    dist.mkdir(parents=True)
    (theme / "assets").mkdir()
    (theme / "assets" / "build.py").touch()
    (dist / "manifest.json").write_text(json.dumps(names))
    for plain, hashed in names.items():
        (dist / hashed).write_text(f'<svg><symbol id="{theme.name}" viewBox="0 0 24 24"></symbol></svg> {plain}')
    return theme


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    Babel(app)
    install_addresses(app)
    return app


def test_icon_nobody_draws_becomes_the_neutral_one(app, tmp_path):
    default = build(tmp_path / "default", {"icons.svg": "icons-1.svg"})
    assets.register(app, default, default, lambda: False)
    address = app.jinja_env.globals["icon_address"]

    with app.test_request_context():
        assert address("default") == "/assets/icons-1.svg#default"
        assert address("no-such-icon") == f"/assets/icons-1.svg#{assets.NEUTRAL_ICON}"


def test_a_themes_own_assets_stand_before_the_default_ones_but_not_in_safe_mode(app, tmp_path):
    default = build(tmp_path / "default", {"icons.svg": "icons-1.svg", "app.css": "app-1.css", "app.js": "app-1.js"})
    lilac = build(tmp_path / "lilac", {"icons.svg": "icons-2.svg", "app.css": "app-2.css"})
    is_plain = [False]
    assets.register(app, lilac, default, lambda: is_plain[0])
    asset, icon = app.jinja_env.globals["asset"], app.jinja_env.globals["icon_address"]

    with app.test_request_context():
        assert [asset("app.css"), asset("app.js")] == ["/assets/app-2.css", "/assets/app-1.js"]
        assert icon("lilac") == "/assets/icons-2.svg#lilac"
        assert icon("default") == f"/assets/icons-2.svg#{assets.NEUTRAL_ICON}"
        is_plain[0] = True
        assert asset("app.css") == "/assets/app-1.css"
        assert icon("default") == "/assets/icons-1.svg#default"
    assert app.test_client().get("/assets/app-2.css").status_code == 200
    assert app.test_client().get("/assets/app-1.js").status_code == 200
    assert app.test_client().get("/assets/app-3.js").status_code == 404


def test_a_theme_without_a_build_has_the_default_assets_and_one_that_was_not_built_is_refused(app, tmp_path):
    default = build(tmp_path / "default", {"app.css": "app-1.css"})
    assets.register(app, tmp_path / "plain", default, lambda: False)
    with app.test_request_context():
        assert app.jinja_env.globals["asset"]("app.css") == "/assets/app-1.css"
    (tmp_path / "new" / "assets").mkdir(parents=True)
    (tmp_path / "new" / "assets" / "build.py").touch()
    with pytest.raises(assets.AssetsMissing, match="build.py"):
        assets.register(Flask("other"), tmp_path / "new", default, lambda: False)
