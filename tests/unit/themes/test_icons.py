"""Promises of the icons: whatever a shipped channel names is drawn, and a name nobody draws becomes the neutral one."""

import importlib
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


def test_icon_nobody_draws_becomes_the_neutral_one(tmp_path):
    (tmp_path / "icons-1.svg").write_text('<svg><symbol id="mail" viewBox="0 0 24 24"></symbol></svg>')
    (tmp_path / "manifest.json").write_text('{"icons.svg": "icons-1.svg"}')
    app = Flask(__name__)
    Babel(app)
    install_addresses(app)
    assets.register(app, tmp_path, "build")
    address = app.jinja_env.globals["icon_address"]

    with app.test_request_context():
        assert address("mail") == "/assets/icons-1.svg#mail"
        assert address("no-such-icon") == f"/assets/icons-1.svg#{assets.NEUTRAL_ICON}"
