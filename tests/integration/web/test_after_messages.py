"""Promises about what happens to messages afterwards, on the page: how far they came, what was changed, taken back or reacted to."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.models import Attachment
from app.plugin_api.messages import InboundAttachment, Participant
from app.plugin_api.updates import (
    ConversationUpdate,
    DeliveryUpdate,
    DeliveryWord,
    MessageEdit,
    MessageRemoval,
    Reaction,
)
from tests.integration.core.saying import CEM, NINE, echoed, provider, written  # noqa: F401 - a fixture is found by name

LATER = NINE + timedelta(minutes=5)
PNG = b"\x89PNG\r\n\x1a\n a person"
OGG = b"OggS" + bytes(range(256)) * 8
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def page_of(agent) -> str:
    return agent.get("/conversations/1").text


def card(page: str, message_id: int) -> str:
    return page.split(f'id="message-{message_id}"')[1].split("</article>")[0]


def test_a_message_says_that_it_was_delivered_and_read(agent, provider):  # noqa: F811
    question = provider.say(written(1))
    message_id = provider.answer(question.conversation_id)
    assert 'class="delivery sent"' in card(page_of(agent), message_id)
    provider.say(DeliveryUpdate(DeliveryWord.DELIVERED, LATER, f"sent-{message_id}"))
    assert 'class="delivery delivered"' in card(page_of(agent), message_id)
    provider.say(DeliveryUpdate(DeliveryWord.READ, LATER + timedelta(minutes=1), thread_key="t"))
    shown = card(page_of(agent), message_id)
    assert 'class="delivery read"' in shown
    assert f'datetime="{(LATER + timedelta(minutes=1)).isoformat()}"'.replace("+00:00", "") in shown.replace(
        "+00:00", ""
    ).replace("Z", "")


def test_what_was_changed_says_so_and_what_was_taken_back_is_gone(agent, provider):  # noqa: F811
    first, second = provider.say(written(1)), provider.say(written(2, "A secret"))
    provider.say(MessageEdit("m1", "Better words", LATER), MessageRemoval("m2", LATER))
    page = page_of(agent)
    assert "Better words" in card(page, first.message_id)
    assert ">edited<" in card(page, first.message_id)
    assert "A secret" not in page
    assert "Removed by its author" in card(page, second.message_id)


def test_reactions_stand_below_their_message_with_those_who_gave_them(agent, provider):  # noqa: F811
    received = provider.say(written(1))
    dora = Participant("echo", "dora", "Dora <script>")
    for sender, emoji in ((CEM, "👍"), (dora, "👍"), (Participant("echo", "eve"), "❤")):
        provider.say(Reaction("m1", sender, emoji, LATER))
    signs = re.findall(r'<li title="([^"]+)">', card(page_of(agent), received.message_id))
    assert signs == ["Cem, Dora &lt;script&gt;", "eve"]
    assert "👍 2" in page_of(agent)


def test_what_we_wrote_elsewhere_is_told_apart(agent, provider):  # noqa: F811
    echo = provider.say(echoed(1, "Written *there*"))
    shown = card(page_of(agent), echo.message_id)
    assert "Sent elsewhere" in shown
    assert "Written *there*" in shown
    assert "is-outbound" in page_of(agent)


def test_a_word_of_the_provider_is_a_line_in_the_conversation(agent, provider):  # noqa: F811
    provider.say(written(1))
    provider.say(ConversationUpdate(LATER, "t", activity="Handed over to the <b>bot</b>."))
    assert "Handed over to the &lt;b&gt;bot&lt;/b&gt;." in page_of(agent)


@pytest.fixture
def with_files(core, provider):  # noqa: F811
    """A message with a sound, a page that calls itself a sound, and a sound that calls itself a page; gives the addresses."""
    files = (
        InboundAttachment("voice.ogg", "audio/ogg; codecs=opus", OGG),
        InboundAttachment("evil.mp3", "audio/mpeg", b"<script>alert(1)</script>"),
        InboundAttachment("page.html", "text/html", OGG),
    )
    provider.say(written(1, attachments=files))
    return [f"/attachments/{number}" for number in core.session.scalars(select(Attachment.id).order_by(Attachment.id))]


def test_a_sound_can_be_played_and_saved(agent, with_files):
    page = page_of(agent)
    players = re.findall(r'<audio controls preload="none" src="([^"]+)"', page)
    assert players == [f"{with_files[0]}?inline=1"]
    assert f'href="{with_files[0]}"' in page
    assert "media-src 'self'" in agent.get("/conversations/1").headers["Content-Security-Policy"]


def test_only_what_is_a_sound_is_played(agent, with_files):
    sound, *pages = (agent.get(f"{address}?inline=1") for address in with_files)
    assert (sound.mimetype, sound.headers["Content-Disposition"].partition(";")[0]) == ("audio/ogg", "inline")
    assert sound.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in sound.headers["Content-Security-Policy"]
    for one in pages:
        assert "Download it all the same" in one.text, (
            "what is a page or calls itself one may do harm, and is asked about"
        )


def test_a_player_gets_the_part_it_asks_for(agent, with_files):
    address = f"{with_files[0]}?inline=1"
    whole = agent.get(address)
    assert (whole.status_code, whole.headers["Accept-Ranges"], whole.data) == (200, "bytes", OGG)
    part = agent.get(address, headers={"Range": "bytes=4-9"})
    assert (part.status_code, part.data) == (206, OGG[4:10])
    assert part.headers["Content-Range"] == f"bytes 4-9/{len(OGG)}"
    assert agent.get(address, headers={"Range": f"bytes={len(OGG)}-"}).status_code == 416
    assert agent.get(address, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304


def test_a_contact_is_shown_with_the_picture_that_came(agent, visitor, provider):  # noqa: F811
    provider.say(written(1, sender_picture=InboundAttachment("cem", "text/html", PNG)))
    for path in ("/", "/conversations/1", "/contacts", "/contacts/1"):
        (address,) = set(re.findall(r'<img src="(/contacts/1/picture/[0-9a-f]{16})"', agent.get(path).text))
    answer = agent.get(address)
    assert (answer.data, answer.mimetype) == (PNG, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"].startswith("private")
    assert visitor.get(address).status_code in (302, 401)
    assert agent.get(address.replace("/contacts/1/", "/contacts/2/")).status_code == 404
    assert agent.get("/contacts/1/picture/0000000000000000").status_code == 404


def test_a_failed_message_says_why_and_can_be_sent_again(agent, provider):  # noqa: F811
    question = provider.say(written(1))
    message_id = provider.answer(question.conversation_id)
    provider.say(DeliveryUpdate(DeliveryWord.FAILED, LATER, f"sent-{message_id}", reason="Outside of the window."))
    assert "Outside of the window." in card(page_of(agent), message_id)
    echo = provider.say(replace(echoed(5), external_id="elsewhere"))
    provider.say(DeliveryUpdate(DeliveryWord.FAILED, LATER, "elsewhere", reason="Blocked."))
    shown = card(page_of(agent), echo.message_id)
    assert "Blocked." in shown
    assert "Try again" not in shown
