"""Plugins are found in all places without importing them, and what may not run is refused with a sentence."""

import os
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from app.plugin_host import Origin, Sources, State, discover
from app.plugin_host.finding.drop_ins import fingerprint_files
from app.plugin_host.finding.sources import Mark, write_mark
from tests.unit.plugin_host.drop_in import as_block, manifest_of, write_file, write_folder

BOMB = "raise RuntimeError('imported')"


def found(plugins: Path, **switches):
    """What is found below `plugins`, drop-ins allowed unless said otherwise."""
    return discover([], Sources(plugins, **{"allow_drop_ins": True, **switches}))


def only(plugins: Path, **switches):
    (info,) = found(plugins, **switches)
    return info


def problem(plugins: Path, **switches) -> str:
    info = only(plugins, **switches)
    assert info.state is State.REFUSED
    return info.problem


# ---- where they come from
def test_folders_and_files_are_found(plugins):
    write_folder(plugins, "box", BOMB, version="2.0")
    write_file(plugins, "pipe", BOMB)
    box, pipe = found(plugins)
    assert (box.name, box.origin, box.state, box.path, box.version) == (
        "box",
        Origin.FOLDER,
        State.INACTIVE,
        plugins / "box",
        "2.0",
    )
    assert (pipe.name, pipe.origin, pipe.state, pipe.module) == (
        "pipe",
        Origin.FILE,
        State.INACTIVE,
        "tidings_plugin_pipe",
    )


def test_what_is_hidden_or_no_plugin_is_passed_over(plugins):
    for name in (".staged", ".snapshots", "__pycache__"):
        write_folder(plugins, "box", BOMB).rename(plugins / name)
    (plugins / "README.txt").write_text("Put plugins here.")
    (plugins / ".hidden.py").write_text(BOMB)
    assert found(plugins) == []


def test_no_folder_is_no_plugin(tmp_path):
    assert discover([], Sources(tmp_path / "nowhere", allow_drop_ins=True)) == []
    assert discover([], Sources(None)) == []


def test_an_installed_module_may_be_one_file(shelf):
    (shelf.folder / "shelf_single.py").write_text(as_block(manifest_of("single")) + BOMB)
    (info,) = discover([EntryPoint("single", "shelf_single", "tidings.plugins")])
    assert (info.state, info.manifest.title) == (State.INACTIVE, "Single")
    assert info.path == shelf.folder / "shelf_single.py"


# ---- trust
def test_drop_ins_run_only_where_allowed(plugins):
    write_folder(plugins, "box", BOMB)
    assert "TIDINGS_ALLOW_DROP_INS=1" in problem(plugins, allow_drop_ins=False, allow_uploads=True)
    assert only(plugins).state is State.INACTIVE


def test_uploads_run_only_where_allowed(plugins):
    write_mark(write_folder(plugins, "box", BOMB), Mark(sha256="00"))
    write_mark(write_file(plugins, "pipe", BOMB), Mark(sha256="00"))
    refused = found(plugins)
    assert [info.is_upload for info in refused] == [True, True]
    assert all("TIDINGS_ALLOW_UPLOADS=1" in info.problem for info in refused)
    assert {info.state for info in found(plugins, allow_drop_ins=False, allow_uploads=True)} == {State.INACTIVE}


@pytest.mark.parametrize("text", ["", "[]", '{"origin": "elsewhere"}', "{" * 100_000, '{"origin": ["upload"]}'])
def test_a_mark_that_cannot_be_read_is_none(plugins, text):
    (write_folder(plugins, "box", BOMB) / ".tidings.json").write_text(text)
    assert not only(plugins).is_upload


def test_signatures_are_asked_for(plugins):
    folder = write_folder(plugins, "box", BOMB)
    assert "TIDINGS_REQUIRE_SIGNATURE" in problem(plugins, require_signature=True)
    write_mark(folder, Mark(signed_by="Ada"))
    info = only(plugins, allow_uploads=True, require_signature=True)
    assert (info.state, info.signed_by) == (State.INACTIVE, "Ada")


def test_no_other_plugin_is_imported_than_those_on_the_list(plugins, shelf):
    write_folder(plugins, "box", BOMB)
    shelf.add("guest", BOMB)
    sources = Sources(plugins, allow_drop_ins=True, allowed=frozenset(["box"]))
    box, guest = discover(shelf.points, sources)
    assert box.state is State.INACTIVE
    assert (guest.state, guest.problem) == (State.REFUSED, "TIDINGS_ALLOWED_PLUGINS does not name it.")


def test_a_plugin_that_must_be_used_and_is_not_there_is_shown(plugins):
    write_folder(plugins, "box", BOMB)
    box, gone = found(plugins, must_use=frozenset(["box", "gone"]))
    assert box.is_must_use
    assert (gone.name, gone.origin, gone.state) == ("gone", Origin.MISSING, State.REFUSED)
    assert gone.problem == "TIDINGS_MUST_USE_PLUGINS names it, but there is no such plugin."


# ---- files
@pytest.mark.parametrize("name", ["Box", "b", "a-b", "1box", "böx", "x" * 41])
def test_what_cannot_be_a_name_is_refused(plugins, name):
    write_folder(plugins, "box", BOMB).rename(plugins / name)
    assert "cannot be the name of a plugin" in problem(plugins)


def test_links_are_refused_wherever_they_are(plugins, tmp_path):
    elsewhere = write_folder(tmp_path, "box", BOMB)
    (plugins / "box").symlink_to(elsewhere)
    assert problem(plugins) == "box is a symbolic link; put the files themselves there."
    (plugins / "box").unlink()
    folder = write_folder(plugins, "box", BOMB)
    (folder / "templates").mkdir()
    (folder / "templates" / "secrets").symlink_to("/etc")
    assert "templates/secrets is a symbolic link" in problem(plugins)
    (folder / "templates" / "secrets").unlink()
    (folder / "passwd").symlink_to("/etc/passwd")
    assert "passwd is a symbolic link" in problem(plugins)


@pytest.mark.parametrize("name", ["manifest.toml", "pipe.txt"])
def test_a_pipe_is_refused_and_not_read(plugins, name):
    folder = write_folder(plugins, "box", BOMB)
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    assert problem(plugins) == f"{name} is no ordinary file."


def test_incomplete_folders_and_files_are_refused(plugins):
    (write_folder(plugins, "bare", BOMB) / "__init__.py").unlink()
    (write_folder(plugins, "blank", BOMB) / "manifest.toml").unlink()
    (plugins / "line.py").write_text(BOMB)
    write_folder(plugins, "other", BOMB).rename(plugins / "alias")
    alias, bare, blank, line = found(plugins)
    assert alias.problem == "`name` is 'other', but the plugin was found as 'alias'."
    assert bare.problem == "Its folder has no __init__.py."
    assert blank.problem.startswith("There is no readable manifest.toml")
    assert line.problem.startswith("It has no manifest")
    assert {info.state for info in (alias, bare, blank, line)} == {State.REFUSED}


# ---- what they need
@pytest.mark.parametrize(
    ("requires", "sentence"),
    [
        ("not-there-at-all>=1", "It needs the Python package not-there-at-all>=1, which is not installed."),
        ("pluggy>=99", "It needs the Python package pluggy>=99; "),
        ("PlugGy<99,>=1", ""),
        ("not-there; sys_platform == 'none'", ""),
    ],
)
def test_missing_distributions_are_told(plugins, requires, sentence):
    write_folder(plugins, "box", BOMB, requires=[requires])
    info = only(plugins)
    assert (sentence in info.problem) if sentence else (info.problem == "")
    assert (info.state is State.REFUSED) == bool(sentence)


def test_missing_plugins_are_told_and_so_are_those_that_need_these(plugins):
    write_folder(plugins, "base", BOMB, version="1.4")
    write_folder(plugins, "good", BOMB, requires_plugins=["base>=1.2"])
    write_folder(plugins, "keen", BOMB, requires_plugins=["base>=2"])
    write_folder(plugins, "last", BOMB, requires_plugins=["keen"])
    write_folder(plugins, "lost", BOMB, requires_plugins=["nobody"])
    problems = {info.name: info.problem for info in found(plugins)}
    assert problems == {
        "base": "",
        "good": "",
        "keen": "It needs the plugin base>=2; version 1.4 is there.",
        "last": "It needs the plugin keen, which is not there or cannot be used.",
        "lost": "It needs the plugin nobody, which is not there or cannot be used.",
    }


# ---- names
def test_a_folder_and_a_file_of_one_name_are_both_refused(plugins):
    write_folder(plugins, "box", BOMB)
    write_file(plugins, "box", BOMB)
    first, second = found(plugins)
    assert first.problem == "Another plugin is called box too, from plugins/box.py. Remove one of them."
    assert second.problem == "Another plugin is called box too, from plugins/box. Remove one of them."


def test_a_drop_in_cannot_take_the_place_of_an_installed_plugin(plugins, shelf):
    shelf.add("box", BOMB)
    write_folder(plugins, "box", BOMB)
    assert {info.state for info in discover(shelf.points, Sources(plugins, allow_drop_ins=True))} == {State.REFUSED}
    states = {info.origin: info.state for info in discover(shelf.points, Sources(plugins))}
    assert states == {Origin.INSTALLED: State.INACTIVE, Origin.FOLDER: State.REFUSED}, (
        "one that may not run clashes with none"
    )


def test_a_drop_in_cannot_take_the_place_of_one_that_came_with_tidings(plugins):
    write_folder(plugins, "echo", BOMB)
    infos = [info for info in discover(None, Sources(plugins, allow_drop_ins=True)) if info.name == "echo"]
    assert {info.origin: info.state for info in infos} == {Origin.SHIPPED: State.INACTIVE, Origin.FOLDER: State.REFUSED}


# ---- fingerprints
def test_the_fingerprint_tells_each_change_and_nothing_else(plugins):
    folder = write_folder(plugins, "box", "VALUE = 1")
    first = only(plugins).fingerprint
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert only(plugins).fingerprint == first
    seen = [first]
    for change in (
        lambda: (folder / "__init__.py").write_text("VALUE = 2"),
        lambda: (folder / "more.py").write_text(""),
        lambda: (folder / "more.py").rename(folder / "other.py"),
        lambda: (folder / "other.py").unlink(),
        lambda: (folder / "manifest.toml").write_text(manifest_of("box", version="2")),
    ):
        change()
        seen.append(only(plugins).fingerprint)
        assert seen[-1] != seen[-2]
    assert seen[4] == seen[1], "the files are the same again"


def test_a_swap_is_noticed_though_size_and_time_are_the_same(plugins, tmp_path):
    old, new = write_folder(plugins, "box", "VALUE = 1"), write_folder(tmp_path, "box", "VALUE = 2")
    for file in (old / "__init__.py", new / "__init__.py"):
        os.utime(file, (1_700_000_000, 1_700_000_000))
    before = fingerprint_files(old)
    old.rename(tmp_path / "away")
    new.rename(old)
    assert fingerprint_files(old) != before
