"""Captured payloads that stand in `fixtures/` beside a test."""

from pathlib import Path

__all__ = ["load_fixture"]


def load_fixture(test_file: str, name: str) -> bytes:
    """The bytes of `fixtures/<name>` beside a test: `load_fixture(__file__, "message__html.json")`. Raises FileNotFoundError."""
    return (Path(test_file).parent / "fixtures" / name).read_bytes()
