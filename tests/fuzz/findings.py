"""Findings in a folder: the smallest case that fails, and beside it what happened. A file's name begins with its target."""

import hashlib
from pathlib import Path

from tests.fuzz.watching import Failure

FOLDER = Path(__file__).parents[2] / ".build" / "fuzz"


def keep(target: str, data: bytes, failure: Failure, origin: str, *, folder: Path = FOLDER) -> Path:
    """Write a finding; `origin` says which seed and number made it. Returns the file with the case."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{target}-{hashlib.sha256(failure.signature.encode()).hexdigest()[:10]}.bin"
    path.write_bytes(data)
    path.with_suffix(".txt").write_text(f"{failure.signature}\n{origin}\n\n{failure.details}", encoding="utf-8")
    return path


def target_of(path: Path) -> str:
    """The target that a kept case is for."""
    return path.name.partition("-")[0]
