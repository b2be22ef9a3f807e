"""Recordings on disk, made so that a crash loses nothing: sound is in the file once it was heard, and a note beside it says whose it is.

`Recorder` writes, in the agent; `leftovers` reads what a crash left, in whoever started it.
"""

from __future__ import annotations

import json
import os
import struct
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.sip.sound import RATE, loudness

__all__ = ["Leftover", "Recorder", "forget", "leftovers"]

_HEADER = 44
_LOUD = 0.01
"""Above this a tenth of a second counts as voice; lines hiss at about a tenth of it."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A recording that nobody took away, and the call it belongs to. `started_at` and `ended_at`: of the recording, since 1970."""

    path: Path
    call: str
    number: str
    name: str
    started_at: float
    ended_at: float
    seconds: float


class Recorder:
    """Writes one WAV file while the sound comes in. `silence_s`: how much of its end is silence."""

    def __init__(self, folder: str | Path, *, call: str, number: str, name: str, started_at: float) -> None:
        self.path = Path(folder) / f"{uuid.uuid4().hex}.wav"
        self.seconds = 0.0
        self.silence_s = 0.0
        self._squares = 0.0
        self._voice_at = time.monotonic()
        note = {"call": call, "number": number, "name": name, "started_at": started_at}
        _note_of(self.path).write_text(json.dumps(note), encoding="utf-8")
        self._file = open(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0)  # noqa: SIM115
        self._file.write(_header(0))

    @property
    def loudness(self) -> float:
        """The root mean square of everything so far, 0 to 1."""
        return float((self._squares / self.seconds) ** 0.5) if self.seconds else 0.0

    @property
    def quiet_s(self) -> float:
        """How long nobody has spoken, by the clock: some telephones send nothing while nobody speaks."""
        return time.monotonic() - self._voice_at

    def write(self, sound: bytes) -> None:
        """Add 16-bit mono sound at 8,000 Hz."""
        if not sound:
            return
        self._file.write(sound)
        seconds, level = len(sound) / 2 / RATE, loudness(sound)
        self.seconds += seconds
        self._squares += level * level * seconds
        if level >= _LOUD:
            self.silence_s, self._voice_at = 0.0, time.monotonic()
        else:
            self.silence_s += seconds

    def close(self) -> None:
        """Say in the header how long it became."""
        self._file.seek(0)
        self._file.write(_header(round(self.seconds * RATE) * 2))
        self._file.close()

    def discard(self) -> None:
        """Throw it away."""
        self._file.close()
        forget(self.path)


def leftovers(folder: str | Path) -> Iterator[Leftover]:
    """The recordings in a folder, oldest first, with headers put right. Ask only while no agent writes there. Files without a note, or
    without any sound, are removed."""
    paths = sorted(Path(folder).glob("*.wav"), key=lambda path: path.stat().st_mtime)
    for path in paths:
        found = _leftover(path)
        if found is None:
            forget(path)
        else:
            yield found


def forget(path: str | Path) -> None:
    """Remove a recording that was taken over, and its note. Nothing happens when it is gone."""
    Path(path).unlink(missing_ok=True)
    _note_of(Path(path)).unlink(missing_ok=True)


def _leftover(path: Path) -> Leftover | None:
    size = path.stat().st_size - _HEADER
    ended_at = path.stat().st_mtime
    try:
        note = json.loads(_note_of(path).read_text(encoding="utf-8"))
        facts = {name: note[name] for name in ("call", "number", "name", "started_at")}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if size < 2:
        return None
    with path.open("r+b") as file:
        file.write(_header(size // 2 * 2))
    return Leftover(path=path, ended_at=ended_at, seconds=size / 2 / RATE, **facts)


def _note_of(path: Path) -> Path:
    return path.with_suffix(".json")


def _header(size: int) -> bytes:
    """The 44 bytes before PCM of 16 bits, one channel."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE") + form + struct.pack("<4sI", b"data", size)
