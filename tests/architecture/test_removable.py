"""Any shipped plugin can be deleted together with its line in setup.cfg: the host starts and the others run."""

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import GOES_WITH

ROOT = Path(__file__).parents[2]
ROOMS = ("app", "connectors", "forms", "tidings")
NAMES = sorted(path.parent.name for path in (ROOT / "plugins").glob("*/__init__.py"))

START = """
import sys
from pathlib import Path
import app, app.factory
from app.clock import SystemClock
from app.plugin_host import PluginHost, Pulse, SharedHealth

class Backend:
    def pulse(self): return Pulse()
    def activations(self): return {}
    def is_safe_mode(self): return False
    def is_behind(self, info): return False
    def deployment_values(self, plugin): return {}
    def record_health(self, report): print("failed:", *report.failures) if report.failures else None
    def shared_health(self): return SharedHealth()
    def end_reading(self): pass

assert Path(app.__file__).is_relative_to(sys.argv[1]), app.__file__
host = PluginHost(Backend(), SystemClock(), raise_errors=True)
host.start()
print(*(f"{info.name}={info.state}" for info in host.infos()))
"""


def tree_without(name: str, folder: Path) -> None:
    """The tree without one plugin, as a distribution that Python finds before the installed one. Of links: nothing is compiled anew."""
    for room in ROOMS:
        (folder / room).symlink_to(ROOT / room)
    (folder / "plugins").mkdir()
    for path in (ROOT / "plugins").iterdir():
        if path.name not in (name, "__pycache__"):
            (folder / "plugins" / path.name).symlink_to(path)
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    lines = parser["options.entry_points"]["tidings.plugins"].strip().splitlines()
    kept = [line for line in lines if not line.startswith(f"{name} ")]
    assert len(kept) == len(lines) - 1, f"{name} has no line of its own in setup.cfg"
    metadata = folder / "tidings.egg-info"
    metadata.mkdir()
    (metadata / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: tidings\nVersion: 0\n")
    (metadata / "entry_points.txt").write_text("\n".join(["[tidings.plugins]", *kept, ""]))


@pytest.mark.parametrize("name", NAMES)
def test_the_rest_starts_without_it(name, tmp_path):
    tree_without(name, tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path)],
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split() == [f"{other}=active" for other in NAMES if other != name]


@pytest.mark.parametrize("name", sorted(GOES_WITH))
def test_the_tests_that_need_it_go_with_it(name):
    tests = ROOT / "tests"
    going = {path for pattern in GOES_WITH[name] for path in tests.glob(pattern)}
    assert going or name not in NAMES, "nothing is tested there any more"
    address = re.compile(rf"/(plugins|hooks)/{name}\b|plugin=\"{name}\"|create_account\(\"{name}\"")
    staying = [path for path in tests.rglob("test_*.py") if path not in going and address.search(path.read_text())]
    assert not staying, "tests/conftest.py does not know that these need it"
