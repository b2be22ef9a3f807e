"""What every page of the signed-in product shows around its content, and the small marks that all pages share.

`base.html` expects a variable `shell`; marks (avatars, tags, channels, choices) appear inside the contexts of pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zlib import crc32

HUES = 8


@dataclass(frozen=True, slots=True)
class Avatar:
    """A person as a small coloured circle, or as the picture at `picture_url`. `hue` is 0..7 and picks one of the theme's tints."""

    name: str
    initials: str
    hue: int
    picture_url: str | None = None


def avatar(name: str, key: str | int | None = None) -> Avatar:
    """The avatar of a person: always the same tint for the same key (default: the name)."""
    words = [word for word in name.replace("@", " ").replace(".", " ").split() if word[0].isalnum()]
    initials = "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()
    return Avatar(name=name, initials=initials or "?", hue=crc32(str(key if key is not None else name).encode()) % HUES)


@dataclass(frozen=True, slots=True)
class TagMark:
    """A tag on a conversation. `hue` is 0..7."""

    name: str
    hue: int = 0


@dataclass(frozen=True, slots=True)
class ChannelMark:
    """The account a conversation came through. `icon` is a name of the icon sprite, from the plugin's manifest."""

    title: str
    icon: str
    account: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select or a menu form."""

    value: str
    label: str
    is_selected: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link with a label; `icon` is a name of the icon sprite."""

    label: str
    url: str
    icon: str = "puzzle"
    count: int | None = None
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class UndoOffer:
    """What can still be taken back: shown as a toast whose button (`label`, "Undo" when empty) posts `fields` to `url`."""

    text: str
    url: str
    seconds: int
    fields: Mapping[str, str] = field(default_factory=dict)
    label: str = ""


@dataclass(frozen=True, slots=True)
class CurrentAgent:
    """The person who looks at the page. `role` is the translated name of the role."""

    id: int
    name: str
    email: str
    role: str
    mark: Avatar


@dataclass(frozen=True, slots=True)
class Shell:
    """Everything around the content.

    `sections` names the entries of the left rail this agent may see, out of: inbox, dashboard, contacts, accounts,
    plugins, people, audit, undelivered. `counts` maps such a name to the number beside it (0 and absent show nothing).
    `views` are saved filters under the Inbox, `plugin_links` lead to pages of plugins. `current` is the section of this page.
    `theme` is auto, light or dark.
    `stream_url` is the address of the event stream with the cursor of this page, or None when live updates are off.
    """

    business_name: str
    agent: CurrentAgent
    current: str
    sections: frozenset[str]
    counts: Mapping[str, int] = field(default_factory=dict)
    views: tuple[Link, ...] = ()
    plugin_links: tuple[Link, ...] = ()
    theme: str = "auto"
    locale: str = "en"
    text_direction: str = "ltr"
    shortcuts_enabled: bool = True
    stream_url: str | None = None
    undo: UndoOffer | None = None
    search_text: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentMark:
    """A file on a message. `thumbnail_url` is set only for pictures that are safe to show, `sound_url` for sounds that can be played.
    `danger`: why opening it may harm, as a sentence; its `url` then leads to a page that asks first."""

    name: str
    size_bytes: int
    content_type: str
    url: str
    thumbnail_url: str | None = None
    sound_url: str | None = None
    danger: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A promise with a deadline (first reply, next reply). `label` says which one."""

    at: datetime
    label: str
    is_missed: bool = False


@dataclass(frozen=True, slots=True)
class Entrance:
    """Variable `entrance` of pages outside the shell: sign-in, first run, errors. Needs no session and no database."""

    business_name: str = "Tidings"
    locale: str = "en"
    text_direction: str = "ltr"
    theme: str = "auto"


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value in a list of facts; `url` makes the value a link, `is_code` sets it in a fixed width."""

    label: str
    value: str
    url: str | None = None
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """How something that runs by itself is doing.

    `state` is ok, warning, error, paused or waiting (has not run yet). `sentence` says it in words, `what_to_do` what the
    reader can do about it (empty when nothing).
    """

    state: str
    sentence: str
    since: datetime | None = None
    what_to_do: str = ""
