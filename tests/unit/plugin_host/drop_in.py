"""Writes plugins into a folder as somebody would put them below `plugins/`, and listens to what they say."""

from pathlib import Path
from typing import Any

from app.plugin_host import PluginHost

HOOKS = "from tidings import hookimpl\n"

HANGS = "while True:\n    pass\n"
SAYS = """
@hookimpl
def account_saved(host, saved):
    saved.append({!r})
"""
"""A plugin that says a word when it is asked by `heard`."""


def manifest_of(name: str, /, **fields: Any) -> str:
    """A manifest as TOML; `fields` replace or add fields, or leave them out (None)."""
    known = {
        "name": name,
        "title": name.title(),
        "summary": "A test.",
        "kind": "automation",
        "version": "1",
        "api": "1",
    }
    return "".join(f"{key} = {value!r}\n" for key, value in {**known, **fields}.items() if value is not None)


def write_folder(plugins: Path, name: str, code: str, /, **fields: Any) -> Path:
    """A plugin as a folder; `fields` replace or add fields of its manifest. Writes over the one that is there."""
    folder = plugins / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").write_text(HOOKS + code)
    (folder / "manifest.toml").write_text(manifest_of(name, **fields))
    return folder


def write_file(plugins: Path, name: str, code: str, /, **fields: Any) -> Path:
    """A plugin as one file."""
    file = plugins / f"{name}.py"
    file.write_text(as_block(manifest_of(name, **fields)) + HOOKS + code)
    return file


def as_block(toml: str) -> str:
    """A manifest as comments in a Python file."""
    return "# /// tidings\n" + "".join(f"# {line}\n" for line in toml.splitlines()) + "# ///\n"


def heard(host: PluginHost) -> list[str]:
    """What the plugins that run say, in the order they are called."""
    said: list[str] = []
    host.dispatcher.announce("account_saved", saved=said)
    return said


def refresh(host: PluginHost) -> None:
    """As half a second later."""
    host._refresh_at = 0.0
    host.refresh()
