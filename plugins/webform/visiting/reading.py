"""What stands in a post: texts and uploads by field, from multipart, URL-encoded or JSON bodies, however strange they are."""

import json
import re
from collections.abc import Iterable
from typing import Any

from werkzeug import Request
from werkzeug.datastructures import MultiDict

from forms.definitions import FormDefinition, Kind, clean_text
from plugins.webform.visiting.submission import PostedFile

__all__ = ["file_bytes", "posted_file", "read_values"]

TEXT_BYTES = 1_000_000
"""Most bytes of a post without its files, and of a post over the limit."""
SPARE_BYTES = 64_000_000
"""Too large a post is still read up to here, so that the page can be shown again with its text."""
MEGABYTE = 1_000_000
MAX_FILENAME = 150
MAX_ENDING = 10

_CONTENT_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+\Z")


def read_values(request: Request, definition: FormDefinition, *, with_spare: bool) -> MultiDict[str, Any]:
    """Texts and uploads by name. Without `with_spare` nothing but texts is read. Raises `RequestEntityTooLarge`."""
    has_files = request.mimetype == "multipart/form-data"  # the one kind that is not read into memory at once
    request.max_form_memory_size = TEXT_BYTES
    request.max_content_length = TEXT_BYTES + (file_bytes(definition) + SPARE_BYTES if with_spare and has_files else 0)
    if request.mimetype == "application/json":
        return MultiDict(_json_pairs(request))
    return MultiDict([*request.form.items(multi=True), *request.files.items(multi=True)])


def file_bytes(definition: FormDefinition) -> int:
    """Most bytes that all files of one post may have together."""
    return sum(one.max_megabytes for one in definition.fields if one.kind is Kind.FILE) * MEGABYTE


def posted_file(field_id: str, upload: Any) -> PostedFile:
    """An upload as it is kept: a name without any path, a content type that is one."""
    name = clean_text(re.split(r"[\\/]", upload.filename)[-1]).replace("\n", " ")
    kind = (upload.mimetype or "").lower()
    upload.stream.seek(0)
    return PostedFile(
        filename=_shortened(name) or "file",
        content_type=kind if _CONTENT_TYPE.match(kind) else "application/octet-stream",
        data=upload.stream.read(),
        field_id=field_id,
    )


def _json_pairs(request: Request) -> list[tuple[str, str]]:
    """Texts, numbers, yes and no, and lists of these, of a JSON object; anything else, nested as deep as it may be, is as good as not
    given."""
    try:
        body = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError):
        body = None
    pairs: Iterable[tuple[str, Any]] = body.items() if isinstance(body, dict) else ()
    each = ((name, one) for name, value in pairs for one in (value if isinstance(value, list) else [value]))
    return [(name, _json_text(one)) for name, one in each if isinstance(one, str | int | float)]


def _json_text(value: str | int | float) -> str:
    """Yes and no are "true" and "false", as JSON writes them."""
    return value if isinstance(value, str) else json.dumps(value)


def _shortened(name: str) -> str:
    """At most `MAX_FILENAME` characters, with its ending kept."""
    stem, dot, ending = name.rpartition(".")
    if len(name) <= MAX_FILENAME or len(ending) > MAX_ENDING:
        return name[:MAX_FILENAME]
    return stem[: MAX_FILENAME - len(ending) - 1] + dot + ending
