"""What `complete` puts beside an event and `translate` reads: pictures and videos, the face, what could not be fetched."""

from collections.abc import Mapping
from dataclasses import dataclass

from tidings import InboundAttachment, RawEvent

__all__ = ["FACE", "FILE", "Fetched", "fetched_of", "is_completed"]

FILE, FACE = "file:%d", "face"


@dataclass(frozen=True, slots=True)
class Fetched:
    """`problems` are sentences about files that are missing."""

    files: tuple[InboundAttachment, ...] = ()
    picture: InboundAttachment | None = None
    problems: tuple[str, ...] = ()


def is_completed(event: RawEvent) -> bool:
    """Whether everything was fetched already that can be."""
    return bool(event.meta.get("completed"))


def fetched_of(event: RawEvent) -> Fetched:
    """What was fetched for an event; nothing before it was completed."""
    files = []
    for number, told in enumerate(_list(event.meta.get("files"))):
        data = event.files.get(FILE % number)
        if data and isinstance(told, Mapping):
            files.append(InboundAttachment(str(told.get("name")), str(told.get("type")), data))
    face = event.files.get(FACE)
    kind = str(event.meta.get("face_type") or "image/jpeg")
    problems = tuple(map(str, _list(event.meta.get("problems"))))
    return Fetched(tuple(files), InboundAttachment("face", kind, face) if face else None, problems)


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
