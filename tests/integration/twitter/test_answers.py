"""What agents may write is counted as X counts, before it is sent; and what they wrote reaches X."""

import pytest

from app.errors import InvalidInput
from app.services.delivery import deliver, due_messages
from app.services.replies import ReplyDraft, reply
from tests.integration.twitter.shop import Shop


@pytest.fixture
def asked(shop: Shop):
    """The conversation somebody began with a mention."""
    shop.x.mention(shop.x.add_person("Ada", "ada"), "Do you repair lamps?")
    shop.fetch()
    (message,) = shop.messages()
    return message.conversation_id


def test_links_count_little_and_wide_letters_double(shop: Shop, asked: int, create_agent, clock):
    ada = create_agent("Ida")
    link = "See https://lamps.example.com/" + "a" * 400
    reply(shop.core, ada, asked, ReplyDraft(text=link))
    with pytest.raises(InvalidInput, match="282"):
        reply(shop.core, ada, asked, ReplyDraft(text="日" * 141))
    reply(shop.core, ada, asked, ReplyDraft(text="日" * 141, choice="direct"))

    clock.advance(minutes=1)
    for message_id in due_messages(shop.core):
        deliver(shop.core, message_id)
    assert [one.text for one in shop.x.sent_posts] == [link]
    assert [one.text for one in shop.x.sent_messages] == ["日" * 141]
    clock.advance(minutes=20)
    shop.fetch()
    assert len(shop.messages()) == 3, "what we sent is not shown twice"
