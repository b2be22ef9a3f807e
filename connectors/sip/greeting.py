"""Announcements from text: the system's program `espeak-ng` speaks them into a WAV file. It is called, never shipped.

How to have it: `apt-get install espeak-ng`. Without it, announcements are files that somebody recorded.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from connectors.errors import Rejected, Unavailable
from connectors.sip.sound import read_wav, write_wav

__all__ = ["MISSING", "can_speak", "speak"]

MISSING = "Text cannot be spoken because the program espeak-ng is not installed on this machine; upload a recorded WAV file instead."
_LONGEST = 2000
_WORDS_A_MINUTE = 150
_LIMIT_S = 60


def can_speak() -> bool:
    """Whether `espeak-ng` is there."""
    return shutil.which("espeak-ng") is not None


def speak(text: str, path: str | Path, *, language: str = "en") -> None:
    """Write the spoken text as a WAV of 8,000 Hz mono. `language`: as espeak-ng calls its voices ("en", "de", "fr").

    Raises `Rejected` when the program is missing, does not know the language, or the text is empty or longer than 2,000 characters;
    `Unavailable` when it takes longer than a minute.
    """
    program = shutil.which("espeak-ng")
    if program is None:
        raise Rejected(MISSING)
    if not text.strip() or len(text) > _LONGEST:
        raise Rejected(f"An announcement has between 1 and {_LONGEST} characters.")
    with tempfile.TemporaryDirectory(prefix="tidings-voice-") as folder:
        spoken = Path(folder) / "spoken.wav"
        command = [program, "--stdin", "-b", "1", "-v", language, "-s", str(_WORDS_A_MINUTE), "-w", str(spoken)]
        try:
            done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=_LIMIT_S, check=False)
        except subprocess.TimeoutExpired:
            raise Unavailable("espeak-ng took longer than a minute.") from None
        if done.returncode or not spoken.exists():
            raise Rejected(f"espeak-ng cannot speak this: {done.stderr.decode(errors='replace').strip()[:200]}")
        write_wav(path, read_wav(spoken))
