"""Changing a plugin's folder, and asking the check what it says of it."""

from pathlib import Path

from app.plugin_check import Finding, check_plugin

__all__ = ["add", "change", "found"]


def found(folder: Path, rule: str) -> list[Finding]:
    """The findings of one rule."""
    return [finding for finding in check_plugin(folder).findings if finding.rule == rule]


def add(folder: Path, name: str, text: str) -> None:
    """Write a file of the plugin, in place of the one that may be there."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def change(folder: Path, name: str, old: str, new: str) -> None:
    """Put one text in the place of another, which must be there."""
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    add(folder, name, text.replace(old, new))
