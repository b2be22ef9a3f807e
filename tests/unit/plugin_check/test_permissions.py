"""Promises about permissions and servers: what is used and not asked for is an error, what is asked for and not used a warning."""

import ast
from pathlib import Path

import pytest

from app.plugin_api.manifest import PERMISSIONS
from app.plugin_check import Level, Tier, check_plugin
from app.plugin_check.usage import HOST_MEMBERS
from tests.unit.plugin_check.folders import add, change, found

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("code", "permission"),
    [
        ("def f(host):\n    host.store.set('a', 1)", "store"),
        ("class A:\n    def f(self):\n        self._host.store.get('a')", "store"),
        ("from tidings import Host\ndef f(services: Host):\n    services.send_automatic(1, 'x')", "send_automatic"),
        ("def f(host):\n    with host.tables.begin():\n        pass", "tables"),
        ("def f(host):\n    return host.raw_message('x')", "read_conversations"),
        ("from tidings import hookimpl\n@hookimpl\ndef filter_inbound(message):\n    pass", "change_messages"),
        ("from tidings import hookimpl\n@hookimpl(specname='choose_team')\ndef f():\n    pass", "read_conversations"),
        ("from tidings import Service\ndef f():\n    return Service('a', run=print)", "listen"),
        ("from tidings import Job\ndef f():\n    return Job('a', run=print)", "schedule"),
        ("from tidings import Route\ndef f():\n    return Route('/', print, 'a', is_public=True)", "public_routes"),
    ],
)
def test_a_permission_that_is_used_and_not_asked_for_is_an_error(folder, code, permission):
    add(folder, "more.py", code + "\n")
    (finding,) = found(folder, "permission_missing")
    assert finding.level is Level.ERROR
    assert repr(permission) in finding.text
    assert finding.path == "more.py"
    assert finding.line >= 1
    change(folder, "manifest.toml", "permissions = [", f'permissions = ["{permission}", ')
    assert not found(folder, "permission_missing")


def test_a_capability_needs_its_permission(folder):
    change(folder, "manifest.toml", '"send_messages", ', "")
    (finding,) = found(folder, "permission_missing")
    assert "the capability send needs the permission 'send_messages'" in finding.text


def test_a_route_for_those_who_are_signed_in_needs_none(folder):
    add(folder, "more.py", "from tidings import Route\ndef f():\n    return Route('/', print, 'a', is_public=False)\n")
    assert not found(folder, "permission_missing")


@pytest.mark.parametrize("permission", sorted(set(PERMISSIONS) - {"receive_messages", "send_messages", "network"}))
def test_a_permission_that_is_asked_for_and_not_used_is_a_warning(folder, permission):
    change(folder, "manifest.toml", "permissions = [", f'permissions = ["{permission}", ')
    (finding,) = found(folder, "permission_unused")
    assert (finding.level, finding.place) == (Level.WARNING, "manifest.toml")
    assert check_plugin(folder).tier is Tier.SILVER


def test_everything_of_the_host_that_needs_a_permission_is_known():
    """Read from the host itself: each method or class that requires one."""
    enforced = {}
    for path in (ROOT / "app" / "plugin_host").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                calls = [
                    one
                    for one in ast.walk(node)
                    if isinstance(one, ast.Call) and ast.unparse(one.func).endswith("permit.require")
                ]
                enforced.setdefault(node.name, set()).update(one.args[0].value for one in calls)
    names = {"_check": "http", "PluginStore": "store", "PluginTables": "tables"}
    asked = {names.get(name, name): permissions for name, permissions in enforced.items() if permissions}
    for name, permission in HOST_MEMBERS.items():
        assert permission in asked[name], name
    assert {permission for permissions in asked.values() for permission in permissions} <= set(HOST_MEMBERS.values())


def test_a_server_that_is_called_and_not_named_is_an_error(folder):
    add(folder, "more.py", '"""See https://docs.example.com."""\n\nADDRESS = "https://files.pager.example/v1"\n')
    (finding,) = found(folder, "host_missing")
    assert (finding.level, finding.place) == (Level.ERROR, "more.py:3")
    assert "files.pager.example" in finding.text
    change(folder, "manifest.toml", "hosts = [", 'hosts = ["*.pager.example", ')
    assert not found(folder, "host_missing")


def test_addresses_that_people_read_are_not_called(folder):
    change(folder, "settings.py", "From the page Developers", "See https://pager.example/developers")
    add(folder, "more.py", "def f():\n    '''https://else.example'''\n")
    assert not found(folder, "host_missing")


def test_a_server_that_is_named_and_not_called_is_a_warning(folder):
    change(folder, "manifest.toml", "hosts = [", 'hosts = ["spare.example", ')
    (finding,) = found(folder, "host_unused")
    assert finding.level is Level.WARNING
    assert "spare.example" in finding.text
