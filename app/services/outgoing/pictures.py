"""Pictures that stand in the text of a message: which of its files they are, and under which id the HTML names them."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from app.domain.markup import attached_names, renamed_attached
from app.domain.pictures import picture_type
from app.errors import InvalidInput
from app.languages import gettext
from app.services.outgoing.drafts import NewFile
from app.services.outgoing.files import StoredFile

__all__ = ["picture_ids", "refuse_lost_pictures", "with_free_names"]

_HEAD = 16


def refuse_lost_pictures(text: str, files: Iterable[NewFile]) -> None:
    """Raise `InvalidInput` when the text shows a picture that is not among the files, or a file that is none."""
    known: dict[str, NewFile] = {}
    for file in files:
        known.setdefault(file.filename, file)
    for name in attached_names(text):
        if name not in known:
            values = {"name": name}
            lost = (
                gettext("The picture %(name)s is not there any more. Add it again, or take it out of the text.")
                % values
            )
            raise InvalidInput(lost, {"files": lost})
        if picture_type(known[name].data[:_HEAD]) is None:
            none = gettext("%(name)s is no picture that can be shown: use PNG, JPEG, GIF or WebP.") % {"name": name}
            raise InvalidInput(none, {"files": none})


def picture_ids(text: str, files: Sequence[NewFile], host: str) -> Mapping[str, str]:
    """The Content-ID for each file that the text shows, by its name. `host`: the part after the @."""
    names = attached_names(text)
    return {file.filename: f"{secrets.token_hex(12)}@{host}" for file in files if file.filename in names}


def with_free_names(
    text: str, files: Sequence[StoredFile], taken: Mapping[str, str]
) -> tuple[str, Sequence[StoredFile]]:
    """A text and its files, in which pictures of the text have other names where theirs are taken. `taken`: a name and the SHA-256 of what
    has it, empty where nobody knows; the same picture may keep its name."""
    shown = attached_names(text)
    names: dict[str, str] = {}
    for file in files:
        if file.filename in shown and taken.get(file.filename, file.sha256) != file.sha256:
            names.setdefault(file.filename, _free_name(file.filename, {*taken, *shown, *names.values()}))
    return renamed_attached(text, names), [
        replace(file, filename=names.get(file.filename, file.filename)) for file in files
    ]


def _free_name(name: str, taken: Collection[str]) -> str:
    stem, dot, ending = name.rpartition(".")
    made = (f"{stem[:80]}-{number}{dot}{ending[:10]}" for number in range(2, len(taken) + 3))
    return next(one for one in made if one not in taken)
