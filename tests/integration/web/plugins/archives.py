"""Archives of a small plugin for the pages' tests: "weather", with settings, a route, a job and a hook."""

from app.plugin_host.archives import pack

MANIFEST = """
name = "{name}"
title = "{title}"
summary = "Rain or shine."
kind = "automation"
version = "{version}"
api = "2"
permissions = [{permissions}]
hosts = [{hosts}]
owner = "Ada"
"""
CODE = '''"""Tells the weather."""

from datetime import timedelta

from wtforms import StringField
from wtforms.validators import DataRequired

from tidings import Job, Route, SecretField, SettingsForm, hookimpl


class WeatherSettings(SettingsForm):
    city = StringField("City", [DataRequired("Name a city.")])
    api_key = SecretField("Key of the weather service")


@hookimpl
def register_settings(host):
    return [WeatherSettings]


@hookimpl
def register_routes(host):
    return [Route("/today", lambda request: "Rain in " + host.settings["city"], "today")]


@hookimpl
def register_jobs(host):
    return [Job("ask", every=timedelta(hours=1), run=lambda: None)]


@hookimpl
def message_received(host, message):
    host.store.set("last", message.id)
'''
PERMISSIONS = ("read_conversations", "store", "schedule")


def weather(version="1.0", *, name="weather", permissions=PERMISSIONS, hosts=(), code=CODE):
    """The archive of a version, or of a plugin just like it with another name."""

    def listed(values):
        return ", ".join(f'"{value}"' for value in values)

    manifest = MANIFEST.format(
        name=name, title=name.title(), version=version, permissions=listed(permissions), hosts=listed(hosts)
    )
    files = {"manifest.toml": manifest, "__init__.py": code, "README.md": "# Weather\n\nSays whether it *rains*.\n"}
    return pack({f"{name}/{path}": text.encode() for path, text in files.items()})
