"""Promises of `tidings safe-mode` and `tidings recovery-link`: they work while no plugin can be started."""

import pytest
from click.testing import CliRunner

from app.cli.safe_mode import recovery_link
from app.cli.safe_mode import safe_mode as command
from app.services import safe_mode
from app.services.safe_mode import is_recovery_valid

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def run(core, installation, monkeypatch):
    """Return a function that runs a command on the test's installation, in which starting plugins would fail."""
    from app.plugin_host import PluginHost

    def never(self):
        raise AssertionError("plugins are started")

    monkeypatch.setattr(PluginHost, "start", never)
    monkeypatch.setenv("TIDINGS_DATABASE_URL", installation.database_url)

    def invoke(what, *arguments):
        answer = CliRunner().invoke(what, [*arguments, "--data", str(installation.home)], catch_exceptions=False)
        core.session.rollback()
        return answer.output

    return invoke


def test_safe_mode_is_switched_on_and_off(run, core):
    assert run(command, "on") == "Safe mode is on.\n"
    assert safe_mode.is_safe_mode(core)
    assert run(command, "off") == "Safe mode is off.\n"
    assert not safe_mode.is_safe_mode(core)


def test_the_link_it_prints_is_good_here(run, core):
    link = run(recovery_link).strip()
    assert is_recovery_valid(core, link.rpartition("/")[2])
