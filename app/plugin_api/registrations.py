"""What plugins hand to the host in collecting hooks: routes, services, jobs and panels. The host sorts, mounts and renders them."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from app.plugin_api.messages import WebhookRequest

__all__ = ["Action", "Job", "NavLink", "Panel", "Route", "Service", "WebhookEvent", "WebhookReader", "is_own_path"]


@dataclass(frozen=True, slots=True)
class Route:
    """A page of a plugin, mounted at `/plugins/<name><rule>` (werkzeug rule syntax, starts with a slash).

    `view(request, **values)` returns anything a Flask view may return. Login and CSRF apply unless `is_public` / `needs_csrf=False`
    say otherwise. `is_embeddable` lets other sites show the page in a frame. `role` is the least one that may open it: agent, lead,
    manager or admin, each of which may do what those before it may; it means nothing for a public page.
    """

    rule: str
    view: Callable[..., Any]
    name: str
    methods: tuple[str, ...] = ("GET",)
    is_public: bool = False
    needs_csrf: bool = True
    is_embeddable: bool = False
    role: str = "agent"


@dataclass(frozen=True, slots=True)
class Service:
    """Something that runs beside the worker for as long as it lives, such as a listening socket.

    `run(stop)` blocks until `stop` is set. A service that raises is restarted with growing pauses and counted against its plugin.
    """

    name: str
    run: Callable[[threading.Event], None]


@dataclass(frozen=True, slots=True)
class Job:
    """Something the worker does again and again, `every` so long (a second or more); at first soon after the plugin was switched on.

    One worker runs it at a time. A run that takes longer than `limit` is stopped and counts as failed. After a failure the job waits
    longer, twice as long after each, at most six hours if it does not run more seldom anyway.
    """

    name: str
    every: timedelta
    run: Callable[[], None]
    limit: timedelta = timedelta(minutes=5)

    def __post_init__(self) -> None:
        if not self.name or len(self.name) > 80:
            raise ValueError("a job needs a name of at most 80 characters")
        if self.every < timedelta(seconds=1):
            raise ValueError(f"the job {self.name} wants to run every {self.every}; it must be a second or more")


@dataclass(frozen=True, slots=True)
class Panel:
    """A box on a page. `template` is looked up in the plugin's `templates/` and gets `context`; without one, `rows` are shown as
    label and value. Panels are sorted by `order`, then by title; the core's own stand at 10, 20, 30 …

    Raises TypeError where it is made when a field is of the wrong kind.
    """

    title: str
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[tuple[str, str], ...] = ()
    order: int = 100

    def __post_init__(self) -> None:
        kinds = {"title": str, "template": str, "context": Mapping, "rows": tuple | list, "order": int | float}
        for name, kind in kinds.items():
            if not isinstance(getattr(self, name), kind):
                raise TypeError(f"the {name} of a panel cannot be {getattr(self, name)!r:.80}")
        if not all(isinstance(row, tuple | list) and len(row) == 2 for row in self.rows):
            raise TypeError("the rows of a panel are pairs of label and value")


@dataclass(frozen=True, slots=True)
class Action:
    """A button on a page of the core that posts to one of the plugin's own routes ("/hide/17"), which answers with `host.done`.

    `message_id`: beside which message it stands, for `message_actions`. `confirm`: asked first. `is_danger` colours it. `input_label`:
    asks for a line of text first, posted as `text`. Sorted by `order`, then by label. Since API 3.

    Raises TypeError where it is made when a field is of the wrong kind, ValueError without a label and for a path that is not one below
    the plugin's own address.
    """

    label: str
    path: str
    icon: str = ""
    message_id: int | None = None
    confirm: str = ""
    is_danger: bool = False
    input_label: str = ""
    order: int = 100

    def __post_init__(self) -> None:
        texts = dict.fromkeys(("label", "path", "icon", "confirm", "input_label"), str)
        kinds = {**texts, "message_id": int | None, "is_danger": bool, "order": int | float}
        for name, kind in kinds.items():
            if not isinstance(getattr(self, name), kind):
                raise TypeError(f"the {name} of an action cannot be {getattr(self, name)!r:.80}")
        if not self.label.strip():
            raise ValueError("an action needs a label")
        if not is_own_path(self.path):
            raise ValueError(
                f"the action {self.label!r:.40} leads to {self.path!r:.80}, which is no path of the plugin's own"
            )


@dataclass(frozen=True, slots=True)
class NavLink:
    """A way to one of the plugin's own pages ("/calls") in the navigation of every page, below the core's sections; who may not open that
    page does not see it. `icon` is the name of an icon of lucide.dev that the pages have. `badge` is a number beside the label, such as
    calls that wait; 0 shows none. Sorted by `order`, then by label. Since API 3.

    Raises TypeError where it is made when a field is of the wrong kind, ValueError without a label, for a number below 0, and for a path
    that is not one below the plugin's own address.
    """

    label: str
    path: str
    icon: str = ""
    badge: int = 0
    order: int = 100

    def __post_init__(self) -> None:
        kinds = {"label": str, "path": str, "icon": str, "badge": int, "order": int | float}
        for name, kind in kinds.items():
            if not isinstance(getattr(self, name), kind):
                raise TypeError(f"the {name} of a link cannot be {getattr(self, name)!r:.80}")
        if not self.label.strip() or self.badge < 0:
            raise ValueError("a link needs a label, and a badge that is not below 0")
        if not is_own_path(self.path):
            raise ValueError(
                f"the link {self.label!r:.40} leads to {self.path!r:.80}, which is no path of the plugin's own"
            )


def is_own_path(path: object) -> bool:
    """Whether this is a path below a plugin's own address, perhaps with a query ("/hide/17?now=1"), whatever a browser makes of it."""
    if not isinstance(path, str) or not path.startswith("/") or not path.isprintable() or set(path) & {"\\", "#"}:
        return False
    parts = unquote(path.partition("?")[0])[1:].removesuffix("/").split("/")
    return not ({".", ".."} & set(parts) or "\\" in "".join(parts) or (len(parts) > 1 and "" in parts))


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """One event of a provider's request in the host's words: `kind` is message, edit, delete, read, reaction, call or other. Since
    API 3."""

    kind: str
    external_id: str = ""
    conversation_key: str = ""
    sender_id: str = ""
    sender_name: str = ""
    text: str = ""
    attachments: int = 0
    sent_at: datetime | None = None
    is_echo: bool = False


@dataclass(frozen=True, slots=True)
class WebhookReader:
    """How requests of one provider are verified and read without any account, for the commands `verify-webhook` and `parse-webhook`.

    `verify(secret, request)` raises `BadSignature`. `read(request)` gives the events in it, or raises `UnrecognisedPayload`.
    `answer_challenge(secret, token)` is what the provider wants to hear, where it asks. Since API 3.
    """

    provider: str
    verify: Callable[[str, WebhookRequest], None]
    read: Callable[[WebhookRequest], Sequence[WebhookEvent]]
    answer_challenge: Callable[[str, str], str] | None = None
