"""WhatsApp, against the fake Graph API."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import Rejected
from connectors.meta_graph import GraphClient, GraphRejected, MetaApp, Refusal, whatsapp

BEN = "15550123"


@pytest.fixture
def number(fake_meta_graph: Any, clock: Any) -> Any:
    """A business number that Ben has just written to."""
    number = fake_meta_graph.add_number()
    fake_meta_graph.write_whatsapp(number.id, BEN, "Ben", text={"body": "Hi"})
    return number


@pytest.fixture
def cloud(app: MetaApp, fake_meta_graph: Any) -> GraphClient:
    """A client with a system user's token."""
    return app.client(fake_meta_graph.new_token("SYSTEM_USER").text)


def test_text_goes_out_and_quotes(cloud: GraphClient, number: Any, fake_meta_graph: Any) -> None:
    done = whatsapp.send_text(cloud, number.id, f"+{BEN}", "Hello", reply_to="wamid.1")
    (sent,) = fake_meta_graph.state.sent

    assert (done.message_id, done.recipient_id) == (sent.id, BEN)
    assert sent.body["text"] == {"body": "Hello", "preview_url": False}
    assert sent.body["context"] == {"message_id": "wamid.1"}


def test_after_a_day_only_templates_arrive(cloud: GraphClient, number: Any, fake_meta_graph: Any, clock: Any) -> None:
    fake_meta_graph.add_template(number, "order_ready")
    clock.pass_by(hours=25)
    with pytest.raises(GraphRejected) as caught:
        whatsapp.send_text(cloud, number.id, BEN, "Hello")
    places = [{"type": "body", "parameters": [{"type": "text", "text": "Ben"}]}]
    whatsapp.send_template(cloud, number.id, BEN, "order_ready", "en", places)

    assert caught.value.refusal is Refusal.OUTSIDE_WINDOW
    assert "24 hours" in caught.value.reason
    assert fake_meta_graph.state.sent[0].body["template"]["components"] == places


def test_a_template_that_is_not_approved_is_refused(cloud: GraphClient, number: Any, fake_meta_graph: Any) -> None:
    fake_meta_graph.add_template(number, "order_ready", status="PENDING")

    with pytest.raises(GraphRejected) as caught:
        whatsapp.send_template(cloud, number.id, BEN, "order_ready", "en")
    assert caught.value.refusal is Refusal.BAD_TEMPLATE
    assert [(one.name, one.status) for one in whatsapp.list_templates(cloud, number.business_id)] == [
        ("order_ready", "PENDING")
    ]


def test_files_go_out_by_id(cloud: GraphClient, number: Any, fake_meta_graph: Any) -> None:
    media_id = whatsapp.upload_media(cloud, number.id, "a.pdf", b"%PDF-1.7", "application/pdf")
    whatsapp.send_media(cloud, number.id, BEN, "document", media_id=media_id, caption="The bill", filename="a.pdf")

    assert fake_meta_graph.state.media[media_id].content == b"%PDF-1.7"
    assert fake_meta_graph.state.sent[0].body["document"] == {
        "id": media_id,
        "caption": "The bill",
        "filename": "a.pdf",
    }
    with pytest.raises(ValueError, match="either"):
        whatsapp.send_media(cloud, number.id, BEN, "image")


def test_files_come_in_within_their_bounds(cloud: GraphClient, fake_meta_graph: Any) -> None:
    media_id = fake_meta_graph.add_media(b"x" * 1000, "image/jpeg")
    allowed = [fake_meta_graph.address]
    got = whatsapp.download_media(cloud, media_id, most_bytes=1000, allowed_hosts=allowed)

    assert (len(got.content), got.content_type) == (1000, "image/jpeg")
    for most_bytes, hosts, code in ((999, allowed, "too_big"), (1000, ["fbsbx.com"], "host_not_allowed")):
        with pytest.raises(Rejected) as caught:
            whatsapp.download_media(cloud, media_id, most_bytes=most_bytes, allowed_hosts=hosts)
        assert caught.value.code == code


def test_messages_are_marked_read_and_reacted_to(cloud: GraphClient, number: Any, fake_meta_graph: Any) -> None:
    whatsapp.mark_read(cloud, number.id, "wamid.1", is_typing=True)
    whatsapp.send_reaction(cloud, number.id, BEN, "wamid.1", "👍")

    assert fake_meta_graph.state.whatsapp_read == ["wamid.1"]
    assert fake_meta_graph.state.sent[0].body["reaction"] == {"message_id": "wamid.1", "emoji": "👍"}


def test_numbers_are_listed_and_the_account_subscribed(cloud: GraphClient, number: Any, fake_meta_graph: Any) -> None:
    (found,) = whatsapp.list_numbers(cloud, number.business_id)
    whatsapp.subscribe(cloud, number.business_id)
    subscribed = set(fake_meta_graph.state.subscribed_businesses)
    whatsapp.unsubscribe(cloud, number.business_id)

    assert (found.id, found.display_number, found.quality) == (number.id, "15550100", "GREEN")
    assert subscribed == {number.business_id}
    assert not fake_meta_graph.state.subscribed_businesses
