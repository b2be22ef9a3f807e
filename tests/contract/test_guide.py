"""The plugin guide is true: what it tells an author to write passes the contract and starts in the host."""

import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from app.plugin_api.channel import Capability
from app.plugin_api.host import Host
from app.plugin_api.manifest import PERMISSIONS
from app.plugin_host import Activation, PluginHost, PluginInfo, Pulse, State, discover
from tidings.testing import FakeClock

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "plugin-guide.md").read_text(encoding="utf-8")
FILE = re.compile(r"^\*\*`(?P<path>[^`]+)`\*\*\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def written(tmp_path):
    """The folder an author has at the end of the guide."""
    for match in FILE.finditer(GUIDE):
        path = tmp_path / match["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(match["text"], encoding="utf-8")
    return tmp_path


def test_the_guide_writes_every_file_it_announces(written):
    tree = GUIDE.partition("tidings-plugin-pager/\n")[2].partition("```")[0]
    announced = set(re.findall(r"[\w.]+\.(?:py|toml|md)", tree))
    assert announced == {path.name for path in written.rglob("*") if path.is_file()}


def test_the_tutorial_s_plugin_keeps_the_contract(written):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "tests"],
        cwd=written,
        env={"PYTHONPATH": f"{written}:{ROOT}", "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    passed = int(re.search(r"(\d+) passed", done.stdout)[1])
    assert passed >= 30
    assert "skipped" not in done.stdout


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

    def is_behind(self, info: PluginInfo) -> bool:
        return False

    def deployment_values(self, plugin: str) -> dict[str, str]:
        return {}


def test_the_tutorial_s_plugin_starts_in_the_host(written, monkeypatch):
    monkeypatch.syspath_prepend(written)
    point = EntryPoint("pager", "tidings_plugin_pager", "tidings.plugins")
    host = PluginHost(NothingStored(), FakeClock(), raise_errors=True, find=lambda: discover([point]))
    host.start()
    assert host.info("pager").state is State.ACTIVE
    assert host.channels["pager"].title == "Pager"


def test_the_guide_names_every_capability_and_permission_and_nothing_else():
    capabilities = GUIDE.partition("## What a channel can do")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)`", capabilities, re.MULTILINE) == [str(one) for one in Capability]
    permissions = GUIDE.partition("## What a plugin may do")[2].partition("\n## ")[0]
    assert dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", permissions, re.MULTILINE)) == dict(PERMISSIONS)


def test_the_guide_names_everything_the_host_offers():
    offers = GUIDE.partition("## What the host offers")[2].partition("\n## ")[0]
    known = {name for name in vars(Host) if not name.startswith("_")} - {"plugin"}
    assert {name for name in re.findall(r"`host\.(\w+)", offers)} == known


@pytest.mark.parametrize("file", ["hooks.md", "plugin-guide.md"])
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
