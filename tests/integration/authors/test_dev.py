"""Promises of `tidings dev`: a saved file is a started plugin, a broken one is set aside with its traceback, and the next save heals."""

import os
import time
from dataclasses import replace
from importlib.metadata import Distribution

import pytest
import requests

from app.cli.dev import PluginWatch, fingerprints
from app.plugin_host import State, discover
from app.scaffold import write_plugin
from tests.e2e.running import Running

DOOR = """
from tidings import Route, hookimpl


@hookimpl
def register_routes(host):
    return [Route("/hello", view=lambda request: "{word}", name="hello", is_public=True)]
"""
CARD = """
name = "hello"
title = "Hello"
summary = "Says hello."
kind = "panel"
version = "1"
api = "2"
permissions = ["public_routes"]
"""


def write(folder, word, name="hello"):
    """A plugin that shows a word, or one that cannot be imported."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.toml").write_text(CARD.replace('"hello"', f'"{name}"'))
    (folder / "__init__.py").write_text(DOOR.format(word=word) if word else "raise RuntimeError('not today')\n")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestWatch:
    @pytest.fixture
    def installation(self, installation):
        return replace(installation, allow_drop_ins=True)

    @pytest.fixture
    def plugins(self, core, installation, monkeypatch):
        """The host of the process, in which errors of plugins do not end the test."""
        monkeypatch.setattr(core.plugins._plugins, "_raise_errors", False)
        write(installation.home / "plugins" / "hello", "one")
        core.plugins.rescan()
        core.plugins.activate("hello")
        return core.plugins

    @pytest.fixture
    def folder(self, installation):
        return installation.home / "plugins"

    def test_nothing_is_done_while_nothing_changes(self, plugins, folder):
        watch, before = PluginWatch(plugins, folder), plugins.settings_edition
        assert watch.look() == []
        assert plugins.settings_edition == before

    def test_a_saved_file_starts_the_plugin_again(self, plugins, folder):
        watch = PluginWatch(plugins, folder)
        write(folder / "hello", "two")
        (line,) = watch.look()
        assert line.startswith("hello 1 runs, in ")
        route, _ = plugins.routes.match("hello", "/hello", "GET")
        assert route.view(None) == "two"

    def test_what_is_saved_while_everything_starts_is_not_missed(self, plugins, folder):
        """The processes have imported a file, and it is saved before the watch begins."""
        known = fingerprints(folder, discover())
        write(folder / "hello", "two")
        watch = PluginWatch(plugins, folder, known=known)
        (line,) = watch.look()
        assert line.startswith("hello 1 runs, in ")
        route, _ = plugins.routes.match("hello", "/hello", "GET")
        assert route.view(None) == "two"
        assert watch.look() == []

    def test_a_broken_one_is_set_aside_and_heals(self, plugins, folder, caplog):
        watch = PluginWatch(plugins, folder)
        write(folder / "hello", "")
        (line,) = watch.look()
        assert line.startswith("hello 1 is quarantined: ")
        assert "not today" in line
        assert "Traceback" in caplog.text
        assert plugins.info("hello").state is State.QUARANTINED
        write(folder / "hello", "three")
        assert watch.look()[0].startswith("hello 1 runs, in ")

    def test_one_that_comes_is_told_how_to_be_switched_on_and_one_that_goes_is_said(self, plugins, folder):
        watch = PluginWatch(plugins, folder)
        write_plugin("panel", "counts", folder)
        (line,) = watch.look()
        assert line.startswith("counts 0.1.0 is off; `tidings dev counts` switches it on, in ")
        for path in sorted((folder / "hello").rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
        (folder / "hello").rmdir()
        assert "hello is gone" in watch.look()

    def test_one_that_is_wanted_is_switched_on_and_gets_what_it_asks_for(self, plugins, folder):
        watch = PluginWatch(plugins, folder, wanted=["counts"])
        write_plugin("panel", "counts", folder)
        assert watch.look()[0].startswith("counts 0.1.0 runs, in ")
        card = folder / "counts" / "manifest.toml"
        card.write_text(card.read_text().replace("permissions = [", 'permissions = ["schedule", '))
        assert watch.look()[0].startswith("counts 0.1.0 runs, in ")


class TestEditable:
    """What `pip install --editable` linked, as the metadata beside it says."""

    @pytest.fixture
    def point(self, tmp_path, monkeypatch):
        """Return a function that gives the entry point of a distribution, linked or copied."""
        write(tmp_path / "work" / "tidings_plugin_linked", "one", "linked")
        monkeypatch.syspath_prepend(tmp_path / "work")

        def make(url):
            metadata = tmp_path / "site" / "tidings_plugin_linked-1.dist-info"
            metadata.mkdir(parents=True)
            (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: tidings-plugin-linked\nVersion: 1\n")
            (metadata / "entry_points.txt").write_text("[tidings.plugins]\nlinked = tidings_plugin_linked\n")
            if url is not None:
                (metadata / "direct_url.json").write_text(url)
            return list(Distribution.at(metadata).entry_points)

        return make

    def test_its_fingerprint_follows_its_files(self, point, tmp_path):
        points = point('{"url": "file:///x", "dir_info": {"editable": true}}')
        (before,) = discover(points)
        assert before.is_editable
        write(tmp_path / "work" / "tidings_plugin_linked", "another", "linked")
        assert discover(points)[0].fingerprint != before.fingerprint

    @pytest.mark.parametrize("url", [None, "{", "[]", '{"url": "file:///x", "dir_info": {}}'])
    def test_one_that_was_copied_changes_with_its_version_only(self, point, tmp_path, url):
        points = point(url)
        (before,) = discover(points)
        assert not before.is_editable
        write(tmp_path / "work" / "tidings_plugin_linked", "another", "linked")
        assert discover(points)[0].fingerprint == before.fingerprint


def until(find, timeout_s=30.0):
    """Wait for something true; gives how long it took."""
    began = time.monotonic()
    while not find():
        assert time.monotonic() - began < timeout_s, "it did not happen"
        time.sleep(0.05)
    return time.monotonic() - began


@pytest.mark.slow
def test_a_page_follows_its_file_within_seconds_in_a_running_installation(tmp_path):
    running = Running(tmp_path / "home", arguments=("dev", "hello"))
    folder = running.home / "plugins" / "hello"
    write(folder, "one")
    os.utime(folder / "__init__.py", (1, 1))
    running.start()
    try:
        running.wait_until_up()
        admin = ("--name", "Ada", "--email", "ada@desk.example.com", "--role", "admin")
        assert running.command("agent", "create", *admin).returncode == 0

        def shown():
            return requests.get(f"{running.address}/plugins/hello/hello", timeout=5).text

        until(lambda: shown() == "one")
        until(lambda: "dev: plugins are read from" in running.output)
        write(folder, "two")
        assert until(lambda: shown() == "two") < 5
        write(folder, "")
        until(lambda: "dev: hello 1 is quarantined" in running.output)
        assert "RuntimeError: not today" in running.output
        write(folder, "three")
        assert until(lambda: shown() == "three") < 5
    finally:
        assert running.stop() == 0
