"""Drop-ins over the real database: agreed to, updated, rolled back, followed by other processes; and what the command line says."""

import json
import sys
from functools import partial
from importlib.metadata import EntryPoint
from subprocess import CompletedProcess

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from app.errors import NotAllowed
from app.languages import gettext
from app.models import AuditEntry, PluginState
from app.plugin_host import Limits, PluginHost, Sources, State, UpdateFailed, discover
from app.services.plugins.backend import ServicesBackend
from app.services.plugins.switch import rescan_plugins, switch_plugin
from app.testing.commands import run_command
from tests.unit.plugin_host.drop_in import HANGS, heard, refresh, write_file, write_folder

ASKS = """
@hookimpl
def register_routes(host):
    host.log.info("%s accounts", len(host.accounts()))
    return []

@hookimpl
def account_saved(host, saved):
    saved.append({!r})
"""


@pytest.fixture
def plugins(tmp_path):
    folder = tmp_path / "drop-ins"
    folder.mkdir()
    yield folder
    for name in [name for name in sys.modules if name.startswith("tidings_plugin_")]:
        del sys.modules[name]


@pytest.fixture
def create_host(core, clock, plugins):
    """A further process over the same database, in which only drop-ins are."""

    def create(**options) -> PluginHost:
        find = partial(discover, [], Sources(plugins, allow_drop_ins=True))
        host = PluginHost(ServicesBackend(lambda: core), clock, find=find, **options)
        host.start()
        return host

    return create


def test_a_new_version_is_followed_and_one_that_fails_is_undone_everywhere(core, plugins, create_host, tmp_path):
    write_folder(plugins, "box", ASKS.format("one"), permissions=["store"])
    here, there = create_host(), create_host()
    here.activate("box", ["store"])
    refresh(there)
    assert heard(here) == heard(there) == ["one"]

    def swap(code: str) -> None:
        write_folder(plugins, "box", code, version="2", permissions=["store"])

    with pytest.raises(UpdateFailed, match="ValueError: no"):
        here.update("box", partial(swap, "raise ValueError('no')"), partial(swap, ASKS.format("back")))
    refresh(there)
    assert heard(here) == ["back"]
    here.update("box", partial(swap, ASKS.format("two")), lambda: None)
    refresh(there)
    assert heard(here) == heard(there) == ["two"]
    row = core.session.get(PluginState, "box")
    assert (row.version, row.granted, row.is_active) == ("2", ["store"], True)


def test_one_that_asks_for_more_waits_in_all_processes_also_in_those_that_start_later(plugins, create_host):
    write_folder(plugins, "box", ASKS.format("one"), permissions=["store"])
    here, there = create_host(), create_host()
    here.activate("box")
    write_folder(plugins, "box", ASKS.format("two"), permissions=["store", "network"])
    here.rescan()
    refresh(there)
    for host in (here, there, create_host()):
        assert (host.info("box").state, host.info("box").missing_grants) == (State.WAITING, ("network",))
        assert heard(host) == []
    there.activate("box")
    refresh(here)
    assert heard(here) == ["two"]


def test_a_start_that_hangs_leaves_the_database_usable(core, plugins, create_host):
    write_folder(plugins, "hangs", HANGS)
    host = create_host(limits=Limits(start_s=0.3))
    info = host.activate("hangs")
    assert (info.state, "was given up" in info.problem) == (State.QUARANTINED, True)
    row = core.session.get(PluginState, "hangs")
    assert (row.is_active, row.failures) == (False, 1)
    assert "was given up" in row.last_error


def test_the_audit_log_tells_what_was_switched_and_what_did_not_start(core, create_agent, tmp_path, monkeypatch):
    write_folder(tmp_path, "audit_broken", "raise ValueError('no')", name="broken")
    monkeypatch.syspath_prepend(tmp_path)
    points = [*discover(), *discover([EntryPoint("broken", "audit_broken", "tidings.plugins")])]
    monkeypatch.setattr(core.plugins, "_find", lambda: points)
    monkeypatch.setattr(core.plugins._plugins, "_raise_errors", False)
    admin = create_agent("Ada", role="admin")
    rescan_plugins(core, admin)
    switch_plugin(core, admin, "echo", False)
    assert switch_plugin(core, admin, "broken", True).state is State.QUARANTINED
    rows = core.session.query(AuditEntry).filter(AuditEntry.action.like("plugin.%")).all()
    assert [(row.action, row.subject) for row in rows] == [
        ("plugin.rescanned", ""),
        ("plugin.deactivated", "echo"),
        ("plugin.not_started", "broken"),
    ]
    ben = create_agent("Ben", role="agent")
    for verb in (rescan_plugins, partial(switch_plugin, name="echo", is_on=True)):
        with pytest.raises(NotAllowed):
            verb(core, ben)


# ---- the command line
def run(home, *arguments: str, stdin: str = "", **environment: str) -> CompletedProcess[str]:
    known = {"PATH": "", "TIDINGS_HOME": str(home)}
    return run_command(arguments, environment={**known, **environment}, stdin=stdin)


@pytest.mark.slow
def test_the_command_tells_where_plugins_come_from_and_what_they_ask_for(tmp_path):
    assert run(tmp_path, "migrate").returncode == 0
    (tmp_path / "plugins").mkdir()
    write_file(tmp_path / "plugins", "pipe", "", permissions=["network"], hosts=["*.example.com"])
    refused = run(tmp_path, "plugin", "activate", "pipe", "--yes")
    assert (refused.returncode, "TIDINGS_ALLOW_DROP_INS=1" in refused.stderr) == (2, True)
    allowed = {"TIDINGS_ALLOW_DROP_INS": "1"}
    asked = run(tmp_path, "plugin", "activate", "pipe", stdin="y\n", **allowed)
    assert "  - Talk to other servers\n  - Talk to all servers below example.com\n" in asked.stdout
    assert asked.stdout.endswith("pipe is switched on.\n")
    listed = run(tmp_path, "plugin", "list", "--json", **allowed).stdout.splitlines()
    cards = {card["name"]: card for card in map(json.loads, listed)}
    assert cards["pipe"] == {
        **cards["pipe"],
        "origin": "file",
        "state": "active",
        "granted": ["network", "host:*.example.com"],
        "missing": [],
        "problem": "",
    }
    assert cards["echo"]["origin"] == "shipped"
    write_file(tmp_path / "plugins", "pipe", "", permissions=["network", "store"], hosts=["*.example.com"])
    scanned = run(tmp_path, "plugin", "rescan", **allowed).stdout.splitlines()
    assert next(line for line in scanned if line.startswith("pipe")).split()[1:4] == ["1", "file", "waiting"]
    found = run(tmp_path, "doctor", "--json", TIDINGS_MUST_USE_PLUGINS="gone", **allowed).stdout.splitlines()
    findings = {one["subject"]: one for one in map(json.loads, found)}
    assert findings["Plugin pipe"]["level"] == "warning"
    assert findings["Plugin pipe"]["detail"] == "waiting: It asks for more than was agreed to: store."
    assert findings["Plugin gone"]["level"] == "serious"


# ---- texts
def write_texts(folder, texts: dict[str, str]) -> None:
    catalogue = Catalog(locale="de")
    for text, german in texts.items():
        catalogue.add(text, german)
    target = folder / "translations" / "de" / "LC_MESSAGES" / "messages.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, catalogue)


def test_texts_come_and_go_with_their_plugin_and_broken_ones_harm_nobody(core, plugins, monkeypatch):
    write_texts(write_folder(plugins, "zoo", ""), {"Zebra crossing": "Zebrastreifen"})
    write_texts(write_folder(plugins, "broken", ""), {})
    (plugins / "broken" / "translations" / "de" / "LC_MESSAGES" / "messages.mo").write_bytes(b"\xde\x12\x04\x95\0")
    found = discover(None, Sources(plugins, allow_drop_ins=True))
    monkeypatch.setattr(core.plugins, "_find", lambda: found)
    assert gettext("Zebra crossing", "de") == "Zebra crossing"
    core.plugins.activate("broken")
    core.plugins.activate("zoo")
    assert gettext("Zebra crossing", "de") == "Zebrastreifen"
    core.plugins.deactivate("zoo")
    assert gettext("Zebra crossing", "de") == "Zebra crossing"
