"""Files that others fetch from us: sounds that callers hear, uploaded by an admin, and files that leave with text messages.

Sounds lie in `sounds/` of the plugin's folder under their own names, files to send in `outgoing/` for a day.
"""

import hashlib
import mimetypes
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tidings import Host, OutboundAttachment

__all__ = [
    "SoundError",
    "add_sound",
    "delete_sound",
    "forget_outgoing",
    "public_file",
    "put_outgoing",
    "sound_path",
    "sounds",
]

LARGEST_SOUND = 10_000_000
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}\.(?:wav|mp3)\Z")
_OUTGOING = re.compile(r"[0-9a-f]{40}\.[a-z0-9]{1,8}\Z")
KEEP_OUTGOING = timedelta(days=1)


class SoundError(ValueError):
    """A file cannot be a sound; the text says why."""


def sounds(host: Host) -> list[str]:
    """The names of all sounds."""
    return sorted(path.name for path in _folder(host, "sounds").iterdir() if _NAME.match(path.name))


def sound_path(host: Host, name: str) -> Path | None:
    """Where a sound lies, or None when there is none of that name."""
    path = _folder(host, "sounds") / name
    return path if _NAME.match(name) and path.is_file() else None


def add_sound(host: Host, filename: str, data: bytes) -> str:
    """Keep a sound under its name, in the place of an older one. Returns the name. Raises `SoundError`."""
    stem, _, suffix = filename.lower().rpartition(".")
    name = f"{re.sub(r'[^a-z0-9]+', '-', stem).strip('-')[:60] or 'sound'}.{suffix}"
    if not _NAME.match(name):
        raise SoundError("Only WAV and MP3 files can be played.")
    if len(data) > LARGEST_SOUND:
        raise SoundError("The file is larger than 10 MB.")
    if not (_is_wav(data) if suffix == "wav" else _is_mp3(data)):
        raise SoundError("The file does not hold what its name says.")
    (_folder(host, "sounds") / name).write_bytes(data)
    return name


def delete_sound(host: Host, name: str) -> None:
    """Nothing happens when there is none of that name."""
    path = sound_path(host, name)
    if path is not None:
        path.unlink()


def put_outgoing(host: Host, attachment: OutboundAttachment) -> str:
    """Let the world fetch a file for a day; returns its address, which nobody can guess."""
    suffix = mimetypes.guess_extension(attachment.content_type) or ".bin"
    key = hashlib.sha256(host.sign({"file": hashlib.sha256(attachment.data).hexdigest()}).encode()).hexdigest()[:40]
    path = _folder(host, "outgoing") / f"{key}{suffix}"
    path.write_bytes(attachment.data)
    return host.url(f"/files/{path.name}")


def public_file(host: Host, name: str) -> Path | None:
    """Where a file to send lies, or None."""
    path = _folder(host, "outgoing") / name
    return path if _OUTGOING.match(name) and path.is_file() else None


def forget_outgoing(host: Host) -> None:
    """Delete files whose day is over."""
    oldest = host.now() - KEEP_OUTGOING
    for path in _folder(host, "outgoing").iterdir():
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < oldest:
            path.unlink(missing_ok=True)


def _folder(host: Host, name: str) -> Path:
    folder = host.data_folder() / name
    folder.mkdir(exist_ok=True)
    return folder


def _is_wav(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WAVE"


def _is_mp3(data: bytes) -> bool:
    return data[:3] == b"ID3" or (len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0)
