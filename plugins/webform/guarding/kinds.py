"""What a file is, by its bytes: its family ("image", "pdf", "document", "archive", "audio", "video", "text"), from puremagic's table of
signatures. What makes a file dangerous is the host's knowledge (`tidings.danger_of_file`)."""

import re

import puremagic

from tidings import is_document, packed_files

__all__ = ["families_of"]

_HEAD = 65_536
"""Bytes from the start of a file that tell text from anything else."""
_DOCUMENT = re.compile(
    r"officedocument|opendocument|msword|ms-excel|ms-powerpoint|vnd\.ms-|rtf|epub|postscript|iwork", re.IGNORECASE
)
_ARCHIVE = re.compile(r"zip|rar|7z|tar|compress|gzip|bzip|x-xz|zstd", re.IGNORECASE)


def families_of(data: bytes) -> frozenset[str]:
    """The families that the bytes may belong to. Several where signatures do not tell them apart; "text" for plain text; empty for unknown
    bytes."""
    members = packed_files(data)
    if members is not None:
        return frozenset({"document"} if is_document(members) else {"archive"})
    try:
        guesses = [guess for guess in puremagic.magic_string(data) if guess.mime_type]
    except (puremagic.PureError, ValueError):
        guesses = []
    if guesses:
        best = max(guess.confidence for guess in guesses)
        return frozenset(filter(None, (_family(guess.mime_type) for guess in guesses if guess.confidence == best)))
    return frozenset({"text"}) if _is_text(data) else frozenset()


def _family(mime_type: str) -> str:
    kind = mime_type.partition("/")[0]
    if kind in ("image", "audio", "video"):
        return kind
    if mime_type == "application/pdf":
        return "pdf"
    if mime_type == "application/ogg":
        return "audio"
    if _DOCUMENT.search(mime_type):
        return "document"
    return "archive" if _ARCHIVE.search(mime_type) else "text" if kind == "text" else ""


def _is_text(data: bytes) -> bool:
    head = data[:_HEAD]
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head) or head.startswith((b"\xff\xfe", b"\xfe\xff"))
