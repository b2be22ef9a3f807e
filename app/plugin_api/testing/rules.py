"""Promises about what a channel says of answers: quick, repeatable, and something that the reply box can show."""

from collections.abc import Iterator
from datetime import timedelta

from app.plugin_api.channel import Capability
from app.plugin_api.exchanges import Exchange, ReplyRules
from app.plugin_api.messages import Participant
from app.plugin_api.testing.network import closed_network
from app.plugin_api.testing.subject import ChannelSubject, applies

__all__ = ["RulePromises"]

AGES = (timedelta(0), timedelta(hours=23), timedelta(days=2), timedelta(days=8), timedelta(days=400))
LONGEST_KEY, LONGEST_LINE = 120, 300


class RulePromises(ChannelSubject):
    """`reply_rules`, for answers to the sample messages at different ages, and for somebody who never wrote."""

    @applies(Capability.SEND, differs="reply_rules")
    def test_what_may_be_answered_is_said_without_asking_anybody(self) -> None:
        for exchange in self.exchanges():
            with closed_network():
                first = self.channel.reply_rules(self.account, exchange)
                again = self.create_channel(self.host).reply_rules(self.account, exchange)
            assert isinstance(first, ReplyRules), "reply_rules() gives ReplyRules"
            assert first == again, "the same exchange is answered differently"

    @applies(Capability.SEND, differs="reply_rules")
    def test_what_may_be_answered_can_be_shown(self) -> None:
        for exchange in self.exchanges():
            rules = self.channel.reply_rules(self.account, exchange)
            problem = problem_of(rules, exchange)
            assert not problem, f"{problem}: {rules!r}"

    def exchanges(self) -> Iterator[Exchange]:
        """One for each sample message and age, and one in which nobody wrote."""
        stranger = Participant(self.channel_class.address_kind, self.recipient)
        yield Exchange(0, None, stranger, None, "", {}, self.host.now())
        for message in self.sample_messages():
            for age in AGES:
                at = self.host.now() - age
                fields = dict(message.fields)
                yield Exchange(7, message.thread_key, message.sender, at, message.external_id, fields, self.host.now())


def problem_of(rules: ReplyRules, exchange: Exchange) -> str:
    """What is wrong with the rules, or an empty text."""
    keys = [one.key for one in rules.choices]
    if len(set(keys)) < len(keys):
        return "two choices have the same key"
    if not all(0 < len(key) <= LONGEST_KEY for key in keys):
        return f"a choice has no key, or one of more than {LONGEST_KEY} characters"
    if not all(one.label.strip() for one in rules.choices):
        return "a choice has no label"
    if any(not one.takes_text and not one.text.strip() for one in rules.choices):
        return "a choice takes no text and has none"
    if rules.is_refused and not rules.notice.strip():
        return "agents are not told why nothing can be answered"
    if any(len(line) > LONGEST_LINE for line in (rules.notice, *(one.description for one in rules.choices))):
        return f"a sentence has more than {LONGEST_LINE} characters"
    if any(longest is not None and longest < 1 for longest in (rules.longest, *(one.longest for one in rules.choices))):
        return "longest is no number of characters"
    if rules.until is not None and (rules.until.utcoffset() is None or rules.until < exchange.now):
        return "until is no aware moment ahead"
    return ""
