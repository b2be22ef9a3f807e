"""A page at the fake Graph API under the ids that the captured webhooks have, a host and an account for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tidings import Account, RawEvent
from tidings.testing import Answer, FakeClock, FakeHost, load_fixture, providers

PAGE_ID, PERSON_ID, POST_ID = "108812300000001", "24601234567890123", "108812300000001_122100000000001"
MEDIA = b"\x89PNG\r\n\x1a\n and a picture"
APP = {"app_id": "1234567890123456", "app_secret": "f" * 32}


def create_graph() -> providers.FakeMetaGraph:
    """The fake with one page and one person; whatever stands below /v/ is a picture."""
    graph = providers.FakeMetaGraph(**APP)
    page = graph.add_page("Corner Shop", page_id=PAGE_ID)
    graph.add_person(page, "Ada Ünlü", person_id=PERSON_ID)
    graph.on("/v/<path:path>")(lambda asked: Answer(200, MEDIA, {"Content-Type": "image/jpeg"}))
    return graph


def page_of(graph: providers.FakeMetaGraph) -> Any:
    return graph.state.pages[PAGE_ID]


def person_of(graph: providers.FakeMetaGraph) -> Any:
    return graph.state.people[PERSON_ID]


def create_account(graph: providers.FakeMetaGraph, **settings: object) -> Account:
    """The page as it was connected."""
    plain = {"page_id": PAGE_ID, "comments": True, "human_agent": False, **settings}
    return Account(1, "facebook", "Corner Shop", PAGE_ID, plain, secrets={"page_token": page_of(graph).token})


def create_host(graph: providers.FakeMetaGraph, *accounts: Account, settings: Mapping[str, Any] = APP) -> FakeHost:
    """A host whose every request to Facebook comes to the fake, wherever it goes, and whose clock is the fake's too."""
    host = FakeHost(
        "facebook",
        accounts,
        clock=FakeClock(),
        config={"api_base": graph.address},
        settings=settings,
        package="plugins.facebook",
    )
    graph.now = host.clock.now
    graph.stand_in_for(host.http)
    return host


def captured(name: str) -> RawEvent:
    """A webhook as Meta sends it."""
    return RawEvent(load_fixture(__file__, f"{name}.json"), content_type="application/json")


def webhook_of(name: str) -> dict[str, Any]:
    """The same, to be changed."""
    found: dict[str, Any] = json.loads(captured(name).payload)
    return found
