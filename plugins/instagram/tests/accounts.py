"""An account at the fake Graph API under the ids that the captured webhooks have, and a host for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tidings import Account, RawEvent
from tidings.testing import Answer, FakeClock, FakeHost, load_fixture, providers

ACCOUNT_ID, PAGE_ID, PERSON_ID = "17841400000000001", "108812300000001", "8412345678901234"
MEDIA = b"\x89PNG\r\n\x1a\n and a picture"
APP = {"app_id": "1234567890123456", "app_secret": "f" * 32}


def create_graph() -> providers.FakeMetaGraph:
    """The fake with one account and one person; whatever stands below /v/ is a picture."""
    graph = providers.FakeMetaGraph(**APP)
    page = graph.add_page("Corner Shop", page_id=PAGE_ID)
    page.instagram_id = ACCOUNT_ID
    graph.add_person(page, "Ada Ünlü", platform="instagram", person_id=PERSON_ID)
    graph.on("/v/<path:path>")(lambda asked: Answer(200, MEDIA, {"Content-Type": "image/jpeg"}))
    return graph


def page_of(graph: providers.FakeMetaGraph) -> Any:
    return graph.state.pages[PAGE_ID]


def person_of(graph: providers.FakeMetaGraph) -> Any:
    return graph.state.people[PERSON_ID]


def create_account(graph: providers.FakeMetaGraph, **settings: object) -> Account:
    """The account as it was connected."""
    plain = {"instagram_id": ACCOUNT_ID, "page_id": PAGE_ID, "comments": True, "human_agent": False, **settings}
    return Account(1, "instagram", "cornershop", ACCOUNT_ID, plain, secrets={"page_token": page_of(graph).token})


def create_host(graph: providers.FakeMetaGraph, *accounts: Account, settings: Mapping[str, Any] = APP) -> FakeHost:
    """A host whose every request to Meta comes to the fake, and whose clock is the fake's too."""
    config = {"api_base": graph.address}
    host = FakeHost(
        "instagram", accounts, clock=FakeClock(), config=config, settings=settings, package="plugins.instagram"
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
