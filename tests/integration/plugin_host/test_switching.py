"""Plugins are switched on and off over the real database: remembered, followed by other processes, failures kept."""

import sys
from importlib.metadata import EntryPoint
from subprocess import CompletedProcess

import pytest

from app.models import PluginState
from app.plugin_host import PluginHost, State, discover
from app.services.plugins.backend import ServicesBackend
from app.testing.commands import run_command

MANIFEST = 'name = "guest"\ntitle = "Guest"\nsummary = "x"\nkind = "automation"\nversion = "2.1"\napi = "1"\npermissions = ["store"]\n'
CODE = """
from tidings import hookimpl

@hookimpl
def housekeeping_due(host, now):
    if host.store.increment("runs") > 1:
        raise ValueError("once is enough")
"""


@pytest.fixture
def create_host(core, clock, tmp_path, monkeypatch):
    """A further process over the same database, with one plugin that did not come with Tidings."""
    folder = tmp_path / "guests" / "integration_guest"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(CODE)
    (folder / "manifest.toml").write_text(MANIFEST)
    monkeypatch.syspath_prepend(folder.parent)

    def create(**options) -> PluginHost:
        points = [EntryPoint("guest", "integration_guest", "tidings.plugins")]
        host = PluginHost(ServicesBackend(lambda: core), clock, find=lambda: discover(points), **options)
        host.start()
        return host

    yield create
    sys.modules.pop("integration_guest", None)


def test_shipped_plugins_run_and_others_wait_to_be_switched_on(core, create_host):
    assert {info.state for info in core.plugins.infos()} == {State.ACTIVE}
    assert create_host().info("guest").state is State.INACTIVE


def test_switching_is_remembered_and_followed(core, create_host):
    here, there = create_host(), create_host()
    here.activate("guest")
    row = core.session.get(PluginState, "guest")
    assert (row.is_active, row.version, row.granted) == (True, "2.1", ["store"])
    there.refresh()
    assert there.info("guest").state is State.ACTIVE
    assert create_host().info("guest").state is State.ACTIVE, "a process that starts later"
    there.deactivate("guest")
    here._refresh_at = 0.0
    here.refresh()
    assert here.info("guest").state is State.INACTIVE


def test_failures_are_kept_for_the_owner(core, clock, create_host):
    host = create_host()
    host.activate("guest")
    for _ in range(3):
        host.dispatcher.announce("housekeeping_due", now=clock.now())
    host.flush_health()
    core.session.rollback()
    row = core.session.get(PluginState, "guest")
    assert (row.failures, row.last_error) == (2, "housekeeping_due: ValueError: once is enough")
    assert row.failed_at == clock.now()


def run(home, *arguments: str, stdin: str = "") -> CompletedProcess[str]:
    data = ["--data", home] if arguments[0] == "plugin" else []
    return run_command([*arguments, *data], environment={"PATH": "", "TIDINGS_HOME": str(home)}, stdin=stdin)


@pytest.mark.slow
def test_the_command_switches_plugins(tmp_path):
    assert run(tmp_path, "migrate").returncode == 0
    assert run(tmp_path, "plugin", "deactivate", "echo").stdout == "echo is switched off.\n"
    assert "inactive" in next(
        line for line in run(tmp_path, "plugin", "list").stdout.splitlines() if line.startswith("echo")
    )
    asked = run(tmp_path, "plugin", "activate", "echo", stdin="n\n")
    assert "Put messages into the inbox" in asked.stdout
    assert (asked.returncode, asked.stderr) == (1, "tidings: Nothing was changed.\n")
    assert run(tmp_path, "plugin", "activate", "echo", "--yes").stdout == "echo is switched on.\n"
    unknown = run(tmp_path, "plugin", "activate", "nobody", "--yes")
    assert (unknown.returncode, unknown.stderr) == (2, "tidings: There is no plugin called nobody.\n")
