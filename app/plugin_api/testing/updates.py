"""Promises about what a provider says of messages that are there already: pure, and clear about what it is said of."""

from datetime import timedelta

from app.plugin_api.messages import InboundMessage
from app.plugin_api.testing.network import closed_network
from app.plugin_api.testing.subject import ChannelSubject, applies
from app.plugin_api.updates import (
    ConversationUpdate,
    DeliveryUpdate,
    DeliveryWord,
    MessageEdit,
    MessageRemoval,
    Reaction,
    Update,
)

__all__ = ["UpdatePromises"]

LONGEST_EMOJI = 40
STATUSES = ("", "open", "pending", "resolved", "spam")


class UpdatePromises(ChannelSubject):
    """What `translate` gives beside messages, for the events of `update_events`."""

    @applies(overrides="update_events")
    def test_updates_are_pure_and_repeatable(self) -> None:
        for event in map(self.completed, self.update_events()):
            with closed_network():
                first = list(self.channel.translate(self.account, event))
                again = list(self.create_channel(self.host).translate(self.account, event))
            assert [one for one in first if not isinstance(one, InboundMessage)], "an event of updates gives none"
            assert first == again, "the same event gives different updates"
            assert not self.host.received, "translating handed something to the host"

    @applies(overrides="update_events")
    def test_updates_name_what_they_are_about(self) -> None:
        for update in self.sample_updates():
            if isinstance(update, DeliveryUpdate | ConversationUpdate):
                assert update.external_id or update.thread_key, f"{update!r} names no message and no exchange"
            else:
                assert update.external_id, f"{update!r} names no message"

    @applies(overrides="update_events")
    def test_updates_say_when_in_utc(self) -> None:
        for update in self.sample_updates():
            assert update.at.utcoffset() == timedelta(0), f"the moment of {update!r} is not in UTC"

    @applies(overrides="update_events")
    def test_updates_are_well_formed(self) -> None:
        for update in self.sample_updates():
            assert isinstance(update, DeliveryUpdate | MessageEdit | MessageRemoval | Reaction | ConversationUpdate)
            problem = problem_of(update)
            assert not problem, f"{problem}: {update!r}"

    def sample_updates(self) -> list[Update]:
        """What the events of `update_events` say of messages that are there already."""
        return [
            one
            for event in map(self.completed, self.update_events())
            for one in self.channel.translate(self.account, event)
            if not isinstance(one, InboundMessage)
        ]


def problem_of(update: Update) -> str:
    """What is wrong with an update, or an empty text."""
    match update:
        case DeliveryUpdate(word=DeliveryWord.FAILED) if not update.reason.strip():
            return "agents are not told why it failed"
        case DeliveryUpdate(word=word) if word not in tuple(DeliveryWord):
            return "this is no word about delivery"
        case Reaction() if not (update.sender.kind and update.sender.value.strip()):
            return "it does not say who reacted"
        case Reaction() if not (update.emoji.strip() or update.is_removed):
            return "there is no sign in it"
        case Reaction() if len(update.emoji) > LONGEST_EMOJI:
            return "the sign is too long"
        case ConversationUpdate(status=status) if status not in STATUSES:
            return "there is no such status"
        case ConversationUpdate() if not (update.status or update.activity or update.add_tags or update.remove_tags):
            return "it says nothing"
        case MessageEdit(text=text) if "\0" in text:
            return "the text holds NUL characters"
    return ""
