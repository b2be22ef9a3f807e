"""Meta's Graph API for tests: pages, Messenger, Instagram Direct, comments and WhatsApp, on loopback, with state and signed webhooks.

Written from Meta's public documents. Where it is not like the real one: any version in the path is taken and all behave alike; limits
come only as faults; fields in braces are not narrowed; cursors are plain offsets; app review, roles of people and approval of templates
are flags; webhooks go out at once, one event each, and only `redeliver` repeats them (Meta tries again for 36 hours, and may batch,
repeat and reorder); the history is not cut off at 20 messages; comments on Instagram are told apart by who
wrote them; stories, reels, live comments, personas, batches, Instagram login without
a page and conversation routing are not there. Wording and rarer sub-codes of errors follow what Meta documents, which is not all it sends.
"""

import base64
import json
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self
from urllib.parse import parse_qsl

from app.plugin_api.testing.provider import Answer, Asked, FakeProvider
from app.plugin_api.testing.providers import (
    meta_graph_comments,  # noqa: F401 - its edges register themselves
    meta_graph_messages,  # noqa: F401 - the same
    meta_graph_whatsapp,  # noqa: F401 - the same
)
from app.plugin_api.testing.providers.meta_graph_calls import EDGES, node_kind, read_call
from app.plugin_api.testing.providers.meta_graph_login import debug_token, give_token, show_dialog
from app.plugin_api.testing.providers.meta_graph_people import People
from app.plugin_api.testing.providers.meta_graph_state import (
    ALL_SCOPES,
    Media,
    Number,
    Page,
    Person,
    Refused,
    State,
    Token,
)

__all__ = ["FakeMetaGraph"]

REGAIN_MINUTES = 3
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""How pages and people look: a PNG of one dot."""


def _now() -> datetime:
    return datetime.now(UTC)


class FakeMetaGraph(People, FakeProvider):
    """`graph = FakeMetaGraph(callback_url=…)`; its `address` is the API's base address and the login dialog's.

    `now` tells its time. Flags: `requires_proof`, `has_human_agent` (the tag is approved), `is_primary_receiver`, `person_declines` and
    `declined_scopes` (in the dialog). `delivered` holds (payload, status) of each webhook, `undelivered` those that were not taken.
    """

    RETRY_AFTER_S = REGAIN_MINUTES * 60
    FAULTS: Mapping[str, Answer | None] = {
        **FakeProvider.FAULTS,
        "expired_credential": Refused(
            "Error validating access token: Session has expired.", 190, 463, status=401
        ).answer,
        "rate_limited": Refused(
            "(#80006) There have been too many messaging calls to this account. Wait a bit and try again.",
            80006,
            headers={
                "X-Business-Use-Case-Usage": json.dumps(
                    {"1": [{"type": "messenger", "call_count": 100, "estimated_time_to_regain_access": REGAIN_MINUTES}]}
                )
            },
        ).answer,
        "app_limit": Refused(
            "(#4) Application request limit reached",
            4,
            status=403,
            headers={"X-App-Usage": '{"call_count": 101, "total_time": 20}'},
        ).answer,
        "server_trouble": Refused(
            "An unexpected error has occurred. Please retry your request later.", 2, status=500
        ).answer,
        "refused": Refused("(#100) Invalid parameter", 100).answer,
        "no_permission": Refused(
            "(#200) The user hasn't authorized the application to perform this action", 200, status=403
        ).answer,
    }

    def __init__(
        self,
        *,
        app_id: str = "1234567890123456",
        app_secret: str = "f" * 32,
        verify_token: str = "verify-me",
        callback_url: str = "",
        now: Callable[[], datetime] = _now,
    ) -> None:
        super().__init__()
        self.app_id, self.app_secret = app_id, app_secret
        self.verify_token, self.callback_url = verify_token, callback_url
        self.now = now
        self.state = State()
        self.user_id = self.state.new_id()
        self.requires_proof = self.has_human_agent = self.is_primary_receiver = True
        self.person_declines = False
        self.declined_scopes: set[str] = set()
        self.requested_threads: list[tuple[str, str]] = []
        self.delivered, self.undelivered = [], []
        self._one_at_a_time = threading.RLock()
        self._listen()

    def __enter__(self) -> Self:
        return self

    def new_token(
        self,
        kind: str,
        *,
        user_id: str = "",
        page_id: str = "",
        life: timedelta | None = None,
        scopes: Sequence[str] = ALL_SCOPES,
    ) -> Token:
        """Give out a token: kind USER, PAGE or SYSTEM_USER; `life` None never ends."""
        ends_at = self.now() + life if life else None
        token = Token(f"EAAB{secrets.token_hex(24)}", kind, user_id, page_id, ends_at, tuple(scopes))
        self.state.tokens[token.text] = token
        return token

    def kill(self, token: str, subcode: int = 460) -> None:
        """Let a token end: 460 the person changed the password, 458 removed the app, 463 it expired."""
        self.state.tokens[token].dead_subcode = subcode

    def add_page(
        self,
        name: str = "Corner Shop",
        *,
        instagram: bool = False,
        scopes: Sequence[str] = ALL_SCOPES,
        page_id: str = "",
    ) -> Page:
        """A page of the one person that this fake knows, with a page token that never ends; under a new id unless one is given."""
        page_id = page_id or self.state.new_id()
        token = self.new_token("PAGE", user_id=self.user_id, page_id=page_id, scopes=scopes)
        page = Page(page_id, name, token.text, instagram_id=self.state.new_id() if instagram else "")
        self.state.pages[page_id] = page
        self._add_picture(page_id)
        return page

    def add_person(
        self,
        page: Page,
        name: str = "Ben Example",
        *,
        platform: str = "messenger",
        has_profile: bool = True,
        person_id: str = "",
    ) -> Person:
        """Somebody who can write to the page; under a new id unless one is given."""
        person = Person(person_id or self.state.new_id(), page.id, name, platform, has_profile)
        self.state.people[person.id] = person
        self._add_picture(person.id)
        return person

    def add_number(
        self, name: str = "Corner Shop", display: str = "15550100", *, number_id: str = "", business_id: str = ""
    ) -> Number:
        """A WhatsApp number with a business account of its own; under new ids unless some are given."""
        ids = number_id or self.state.new_id(), business_id or self.state.new_id()
        number = Number(*ids, display, name)
        self.state.numbers[number.id] = number
        self.state.businesses[number.business_id] = []
        return number

    def add_template(
        self, number: Number, name: str, language: str = "en", *, status: str = "APPROVED", body: str = "Hello {{1}}"
    ) -> None:
        """A message template of the number's account."""
        components = [{"type": "BODY", "text": body}]
        template = {
            "id": self.state.new_id(),
            "name": name,
            "language": language,
            "status": status,
            "category": "UTILITY",
        }
        self.state.businesses[number.business_id] = [
            *self.state.businesses[number.business_id],
            {**template, "components": components},
        ]

    def add_media(self, content: bytes, content_type: str, *, media_id: str = "") -> str:
        """A file at WhatsApp; returns its id, a new one unless one is given."""
        media = Media(media_id or self.state.new_id(), content, content_type)
        self.state.media[media.id] = media
        return media.id

    def add_file(self, content: bytes, content_type: str, name: str = "") -> str:
        """A file at Messenger's servers; returns its address."""
        return f"{self.address}/files/{self.add_media(content, content_type)}?name={name}"

    def _add_picture(self, owner_id: str) -> None:
        self.state.media[f"picture-{owner_id}"] = Media(f"picture-{owner_id}", PICTURE, "image/png")

    def _listen(self) -> None:
        self.on("/<version>/dialog/oauth")(lambda asked: show_dialog(self, asked))
        self.on("/<version>/oauth/access_token", "GET", "POST")(self._give_token)
        self.on("/files/<name>")(self._file)
        self.on("/whatsapp_business/attachments/")(self._whatsapp_file)
        self.on("/<version>/<path:path>", "GET", "POST", "DELETE")(self._answer)

    def _answer(self, asked: Asked) -> object:
        path = asked.values["path"].strip("/")
        try:
            with self._one_at_a_time:
                call = read_call(self, asked, path)
                if path == "debug_token":
                    return debug_token(self, call)
                kind = node_kind(self.state, call)
                if not kind:
                    raise _no_such(asked.method, call.node)
                handler = EDGES.get((kind, call.edge, asked.method))
                if handler is None:
                    raise Refused(f"(#2500) Unknown path components: /{call.edge}", 2500)
                return handler(self, call)
        except Refused as refused:
            return refused.answer

    def _give_token(self, asked: Asked) -> object:
        form = parse_qsl(asked.body.decode("latin-1"))
        try:
            return give_token(self, {**asked.query, **dict(form)})
        except Refused as refused:
            return refused.answer

    def _file(self, asked: Asked) -> object:
        media = self.state.media.get(asked.values["name"])
        if media is None:
            return Answer(404, "URL signature expired")
        return Answer(200, media.content, {"Content-Type": media.content_type})

    def _whatsapp_file(self, asked: Asked) -> object:
        holder = asked.headers.get("Authorization", "").removeprefix("Bearer ")
        media = self.state.media.get(asked.query.get("mid", ""))
        if holder not in self.state.tokens or media is None:
            return Answer(404 if holder in self.state.tokens else 401, "")
        return Answer(200, media.content, {"Content-Type": media.content_type})


def _no_such(method: str, node: str) -> Refused:
    words = f"Unsupported {method.lower()} request. Object with ID '{node}' does not exist, cannot be loaded due to missing permissions"
    return Refused(f"{words}, or does not support this operation", 100, 33, kind="GraphMethodException")
