"""The plugin guide is true: what it tells an author to write passes the contract and starts in the host."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.plugin_api.channel import Capability
from app.plugin_api.host import Host
from app.plugin_api.manifest import PERMISSIONS
from app.plugin_check import check_plugin
from app.plugin_host import Activation, PluginHost, PluginInfo, Pulse, State, discover
from app.plugin_host.finding.sources import Sources
from app.scaffold import write_plugin
from tidings import ConversationSummary, testing
from tidings.testing import FakeClock, FakeProvider

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "plugin-guide.md").read_text(encoding="utf-8")
FILE = re.compile(r"^\*\*`(?P<path>[^`]+)`\*\*\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The folder in which an author has both plugins of the guide at its end."""
    folder = tmp_path_factory.mktemp("guide")
    for match in FILE.finditer(GUIDE):
        path = folder / match["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(match["text"], encoding="utf-8")
    return folder


def test_the_guide_writes_every_file_it_announces(written):
    tree = GUIDE.partition("```\npager/\n")[2].partition("```")[0]
    announced = set(re.findall(r"[\w.]+\.(?:py|toml|md|json)", tree))
    assert announced == {path.name for path in (written / "pager").rglob("*") if path.is_file()}


def test_the_guide_shows_what_the_command_writes(written, tmp_path):
    made = {path.relative_to(tmp_path): path.read_text() for path in write_plugin("channel", "pager", tmp_path)}
    shown = {path.relative_to(written): path.read_text() for path in (written / "pager").rglob("*") if path.is_file()}
    assert shown == {path: text for path, text in made.items() if path.name != ".gitignore"}


def test_the_tutorial_s_plugin_keeps_the_contract(written):
    """Run as an author does, inside the folder: that is on Python's path then, and its modules must not hide others."""
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"],
        cwd=written / "pager",
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    passed = int(re.search(r"(\d+) passed", done.stdout)[1])
    assert passed >= 45
    assert "skipped" not in done.stdout


@pytest.mark.parametrize("name", ["pager", "visits"])
def test_the_check_finds_no_error_in_the_guide_s_plugins(written, name):
    found = [finding for finding in check_plugin(written / name).findings if finding.rule not in ("readme", "quality")]
    assert not found


class NothingStored:
    """The little that starting asks of the application."""

    def pulse(self) -> Pulse:
        return Pulse()

    def activations(self) -> dict[str, Activation]:
        return {
            "pager": Activation(
                True, frozenset(["receive_messages", "send_messages", "network", "host:api.pager.example"])
            )
        }

    def is_safe_mode(self) -> bool:
        return False

    def record_health(self, report: object) -> bool:
        return True

    def end_reading(self) -> None:
        """Nothing was read."""

    def is_behind(self, info: PluginInfo) -> bool:
        return False

    def deployment_values(self, plugin: str) -> dict[str, str]:
        return {}


def test_the_tutorial_s_plugin_starts_in_the_host(written):
    sources = Sources(folder=written, allow_drop_ins=True)
    host = PluginHost(NothingStored(), FakeClock(), raise_errors=True, find=lambda: discover([], sources))
    host.start()
    assert host.info("pager").state is State.ACTIVE
    assert host.channels["pager"].title == "Pager"


class TestVisits:
    """The plugin with tables, a job and settings, in an installation on each database."""

    @pytest.fixture
    def installation(self, installation, written):
        shutil.copytree(written / "visits", installation.home / "plugins" / "visits")
        return replace(installation, allow_drop_ins=True)

    def test_it_remembers_shows_and_forgets(self, core, clock, receive_mail):
        assert core.plugins.activate("visits").problem == ""
        for number in (1, 2):
            receive_mail(
                f"From: Ada <ada@example.com>\nTo: help@example.com\nMessage-ID: <{number}@x.test>\nSubject: {number}\n\nHello"
            )
        (job,) = core.plugins.jobs["visits"]
        assert self.shown(core) == "2"
        job.run()
        assert self.shown(core) == "2"
        clock.advance(days=366)
        job.run()
        assert self.shown(core) == "0"

    def shown(self, core) -> str:
        now = core.clock.now()
        conversation = ConversationSummary(1, 1, "1", "open", "mailbox", 1, 1, "Ada", "ada@example.com", now)
        found = core.plugins.dispatcher.collect("conversation_panels", only="visits", conversation=conversation)
        ((_, panel),) = found
        return panel.rows[0][1]


def test_the_guide_names_every_capability_and_permission_and_nothing_else():
    capabilities = GUIDE.partition("## What a channel can do")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)`", capabilities, re.MULTILINE) == [str(one) for one in Capability]
    permissions = GUIDE.partition("## What a plugin may do")[2].partition("\n## ")[0]
    assert dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", permissions, re.MULTILINE)) == dict(PERMISSIONS)


def test_the_guide_names_everything_the_host_offers():
    offers = GUIDE.partition("## What the host offers")[2].partition("\n## ")[0]
    known = {name for name in vars(Host) if not name.startswith("_")} - {"plugin"}
    assert {name for name in re.findall(r"`host\.(\w+)", offers)} == known


def test_the_guide_names_every_fault_and_everything_for_tests():
    about = GUIDE.partition("## Testing")[2].partition("\n## ")[0]
    kit, _, faults = about.partition("| fault |")
    assert set(re.findall(r"^\| `(\w+)` \|", faults, re.MULTILINE)) == set(FakeProvider.FAULTS)
    named = set(re.findall(r"^\| `(\w+)", kit, re.MULTILINE)) | {"Answer", "Asked", "import_from_folder"}
    assert named == set(testing.__all__)


@pytest.mark.parametrize("file", ["hooks.md", "plugin-guide.md", "types.md"])
def test_links_lead_somewhere(file):
    path = ROOT / "docs" / file
    for target, anchor in re.findall(
        r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([\w-]+))?\)", path.read_text(encoding="utf-8")
    ):
        linked = (path.parent / target).resolve() if target else path
        assert linked.exists(), f"{file} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}
