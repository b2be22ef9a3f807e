"""What the fields of a manifest must look like. Each function takes the whole table, gives one checked value, and raises `ManifestError`
with a sentence that names the field."""

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from app.plugin_api.channel import Capability
from app.plugin_api.errors import ManifestError

__all__ = [
    "address",
    "api_range",
    "capabilities",
    "hosts",
    "is_name",
    "name",
    "one_of",
    "optional_text",
    "requirements",
    "some_of",
    "text",
    "texts",
    "version",
]

LONGEST_TEXT = 1000
LONGEST_LIST = 100
LONGEST_VERSION = 40
"""As many characters as the database keeps."""

_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}\Z")
_RANGE = re.compile(r"(\d{1,4})(?:\s*-\s*(\d{1,4}))?\Z")
_HOST = re.compile(
    r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z", re.IGNORECASE
)

RESERVED_NAMES = frozenset(
    {
        "accounts", "audit", "auth", "components", "conflicts", "contacts", "conversation", "core", "dashboard", "default",
        "errors", "hooks", "inbox", "letterheads", "notices", "people", "plugins", "profile", "public", "recovery", "search", "security",
        "setup", "static", "undelivered",
    }
)  # fmt: skip
"""The host keeps its own values as "core", and has pages and folders of templates where those of plugins called so would be."""

Table = Mapping[str, Any]


def is_name(text: str) -> bool:
    """Whether a plugin may be called so: 2 to 40 lower-case letters, digits and underscores, a letter first, and not a name of ours."""
    return bool(_NAME.match(text)) and text not in RESERVED_NAMES


def name(data: Table) -> str:
    value = text(data, "name")
    if value in RESERVED_NAMES:
        raise ManifestError(f"`name` is {value!r}, which Tidings keeps for itself.")
    if not is_name(value):
        raise ManifestError(
            "`name` must be 2 to 40 lower-case letters, digits and underscores, and start with a letter."
        )
    return value


def text(data: Table, key: str) -> str:
    """A text that must be there, without spaces around it."""
    if not optional_text(data, key):
        raise ManifestError(f"`{key}` is missing or is not a text.")
    return optional_text(data, key)


def optional_text(data: Table, key: str) -> str:
    value = data.get(key, "")
    if not isinstance(value, str):
        raise ManifestError(f"`{key}` is missing or is not a text.")
    if len(value) > LONGEST_TEXT:
        raise ManifestError(f"`{key}` is longer than {LONGEST_TEXT} characters.")
    return value.strip()


def texts(data: Table, key: str) -> tuple[str, ...]:
    """A list of texts, none of them twice."""
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ManifestError(f"`{key}` must be a list of texts.")
    if len(value) > LONGEST_LIST or any(len(item) > LONGEST_TEXT for item in value):
        raise ManifestError(f"`{key}` is too long.")
    return tuple(dict.fromkeys(value))


def one_of(data: Table, key: str, known: Collection[str]) -> str:
    value = text(data, key)
    if value not in known:
        raise ManifestError(f"`{key}` must be one of {', '.join(known)}.")
    return value


def some_of(data: Table, key: str, known: Collection[str]) -> tuple[str, ...]:
    for value in texts(data, key):
        if value not in known:
            raise ManifestError(f"`{key}` names {value!r}, which does not exist.")
    return texts(data, key)


def capabilities(data: Table) -> tuple[str, ...]:
    return some_of(data, "capabilities", [str(one) for one in Capability])


def version(data: Table) -> str:
    """A version that can be compared with others (PEP 440), as it was written."""
    value = text(data, "version")
    try:
        Version(value)
    except InvalidVersion:
        raise ManifestError(f'`version` must be a version such as "1.4.2", not {value!r}.') from None
    if len(value) > LONGEST_VERSION:
        raise ManifestError(f"`version` is longer than {LONGEST_VERSION} characters.")
    return value


def api_range(data: Table) -> tuple[int, int]:
    """The lowest and the highest version of the API."""
    match = _RANGE.match(text(data, "api"))
    if not match:
        raise ManifestError('`api` must be a version or a range, such as "1" or "1-2".')
    low = int(match.group(1))
    high = int(match.group(2) or low)
    if high < low:
        raise ManifestError(f"`api` goes from {low} down to {high}.")
    return low, high


def hosts(data: Table) -> tuple[str, ...]:
    """Servers in lower case: a name, "*." and a name for all below it, or "*" for those the accounts name."""
    for value in texts(data, "hosts"):
        if value != "*" and not _HOST.match(value):
            raise ManifestError(
                f'`hosts` names {value!r}; it must be a name such as "api.example.com", "*.example.com" or "*".'
            )
    return tuple(dict.fromkeys(value.lower() for value in texts(data, "hosts")))


def requirements(data: Table, key: str) -> tuple[str, ...]:
    """Names with versions as PEP 508 writes them; addresses are refused, since nothing is downloaded."""
    for value in texts(data, key):
        try:
            requirement = Requirement(value)
            if requirement.marker is not None:
                requirement.marker.evaluate()
        except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName):
            raise ManifestError(
                f'`{key}` names {value!r}; it must be a name with versions, such as "x>=1.2".'
            ) from None
        if requirement.url:
            raise ManifestError(f"`{key}` names an address for {requirement.name}; give versions instead.")
    return texts(data, key)


def address(data: Table, key: str) -> str:
    """An address of the web, or nothing."""
    value = optional_text(data, key)
    try:
        parts = urlsplit(value)
    except ValueError:
        raise ManifestError(f"`{key}` is not an address.") from None
    if value and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ManifestError(f"`{key}` must start with http:// or https://.")
    return value
