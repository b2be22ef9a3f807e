"""What `complete` puts beside an event and `translate` reads: names, pictures, files, the photo above a comment."""

from collections.abc import Mapping
from dataclasses import dataclass

from tidings import InboundAttachment, RawEvent

__all__ = ["Extras", "extras_of", "is_completed"]

FILE, PICTURE = "file:%d", "picture"


def is_completed(event: RawEvent) -> bool:
    """Whether everything was fetched already that can be."""
    return bool(event.meta.get("completed"))


@dataclass(frozen=True, slots=True)
class Extras:
    """`name`: what the person calls themselves; `person_id`: whom a comment of the page answers, where the event does not say."""

    name: str = ""
    person_id: str = ""
    picture: InboundAttachment | None = None
    files: tuple[InboundAttachment, ...] = ()
    problems: tuple[str, ...] = ()
    post_text: str = ""
    post_url: str = ""


def extras_of(event: RawEvent) -> Extras:
    """What was fetched for an event; empty before it was completed."""
    meta = {key: value for key, value in event.meta.items() if isinstance(value, str)}
    return Extras(
        name=meta.get("name", ""),
        person_id=meta.get("person_id", ""),
        picture=_picture(event),
        files=_files(event),
        problems=tuple(map(str, _list(event.meta.get("problems")))),
        post_text=meta.get("post_text", ""),
        post_url=meta.get("post_url", ""),
    )


def _picture(event: RawEvent) -> InboundAttachment | None:
    data = event.files.get(PICTURE)
    kind = str(event.meta.get("picture_type") or "image/jpeg")
    return InboundAttachment("picture", kind, data) if data else None


def _files(event: RawEvent) -> tuple[InboundAttachment, ...]:
    """In the order in which they stand in the message."""
    found = []
    for number, told in enumerate(_list(event.meta.get("files"))):
        data = event.files.get(FILE % number)
        if data and isinstance(told, Mapping):
            found.append(InboundAttachment(str(told.get("name")), str(told.get("type")), data))
    return tuple(found)


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
