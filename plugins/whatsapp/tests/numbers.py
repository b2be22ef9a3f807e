"""A number at the fake Graph API under the ids that the captured webhooks have, and a host for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidings import Account, RawEvent
from tidings.testing import FakeClock, FakeHost, load_fixture, providers

NUMBER_ID, BUSINESS_ID, PERSON = "106540352242922", "104996122399160", "4915112345678"
MEDIA = {"880000000000001": "image/jpeg", "880000000000002": "audio/ogg", "880000000000003": "application/pdf"}
APP = {"app_id": "1234567890123456", "app_secret": "f" * 32}


def create_graph() -> providers.FakeMetaGraph:
    """The fake with one number, somebody who wrote to it just now, and the files of the captured messages."""
    graph = providers.FakeMetaGraph(**APP)
    number = graph.add_number("Corner Shop", number_id=NUMBER_ID, business_id=BUSINESS_ID)
    for media_id, content_type in MEDIA.items():
        graph.add_media(f"bytes of {media_id}".encode(), content_type, media_id=media_id)
    graph.add_template(number, "opening_hours", body="We are open from ten to six.")
    graph.add_template(number, "order_ready", body="Hello {{1}}, your order is ready.")
    graph.add_template(number, "spring_sale", body="Sale!", status="REJECTED")
    return graph


def create_account(graph: providers.FakeMetaGraph) -> Account:
    """The number as it was connected, with the token of a system user."""
    settings = {"number_id": NUMBER_ID, "business_id": BUSINESS_ID, "display_number": "15550100"}
    token = graph.new_token("SYSTEM_USER").text
    return Account(1, "whatsapp", "Corner Shop", "+15550100", settings, secrets={"access_token": token})


def create_host(graph: providers.FakeMetaGraph, *accounts: Account, settings: Mapping[str, Any] = APP) -> FakeHost:
    """A host whose every request to Meta comes to the fake, and whose clock is the fake's too."""
    config = {"api_base": graph.address}
    host = FakeHost(
        "whatsapp", accounts, clock=FakeClock(), config=config, settings=settings, package="plugins.whatsapp"
    )
    graph.now = host.clock.now
    graph.stand_in_for(host.http)
    graph.state.numbers[NUMBER_ID].last_written_at[PERSON] = host.now()
    return host


def captured(name: str) -> RawEvent:
    """A webhook as Meta sends it."""
    return RawEvent(load_fixture(__file__, f"{name}.json"), content_type="application/json")
