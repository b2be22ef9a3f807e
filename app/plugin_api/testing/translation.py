"""Promises about reading events: pure, repeatable, complete, and clear about what cannot be read."""

import copy
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from app.plugin_api.channel import Capability
from app.plugin_api.errors import ChannelError, PayloadError, UnrecognisedPayload, UnsupportedEvent
from app.plugin_api.messages import InboundMessage, RawEvent
from app.plugin_api.testing.network import closed_network
from app.plugin_api.testing.subject import ChannelSubject, applies

__all__ = ["TranslationPromises"]

SHORTEST_KEY = 16


class TranslationPromises(ChannelSubject):
    """`translate`, for the sample events and for garbage."""

    def test_translating_is_pure_and_repeatable(self) -> None:
        for event in map(self.completed, self.sample_events()):
            before = copy.deepcopy(event)
            with closed_network():
                first = list(self.channel.translate(self.account, event))
                again = list(self.create_channel(self.host).translate(self.account, event))
            assert first, "a sample event gives no message"
            assert first == again, "the same event gives different messages"
            assert event == before, "translating changed the event"
            assert not self.host.received, "translating handed something to the host"

    def test_messages_can_be_told_apart(self) -> None:
        messages = self.sample_messages()
        keys = {(message.external_id, message.content_key) for message in messages}
        assert len(keys) == len(messages), "two different messages have the same external_id and content_key"
        for message in messages:
            assert len(message.content_key) >= SHORTEST_KEY, "content_key is too short for a digest of what was said"

    def test_the_content_key_follows_the_content_alone(self) -> None:
        """A copy that came another way (no source key) is recognised."""
        for event in self.sample_events():
            keys = [one.content_key for one in self.messages_of(event)]
            copies = self.messages_of(replace(event, source_key=None))
            assert keys == [one.content_key for one in copies], "another content_key"

    def test_times_are_aware_and_in_utc(self) -> None:
        for message in self.sample_messages():
            assert message.sent_at.utcoffset() == timedelta(0), f"sent_at is {message.sent_at!r}"

    def test_every_message_says_who_wrote_it(self) -> None:
        for message in self.sample_messages():
            assert message.sender.kind, "the sender's kind is empty"
            assert message.sender.value.strip(), "the sender's address is empty"

    def test_texts_are_clean(self) -> None:
        for message in self.sample_messages():
            for text in texts_of(message):
                text.encode("utf-8")  # half characters raise
                assert "\0" not in text, "a text holds NUL characters"
            assert "\n" not in message.subject, "the subject has more than one line"

    def test_letters_beyond_ascii_survive(self) -> None:
        texts = [message.text for message in self.sample_messages()]
        assert any(not text.isascii() for text in texts), "no sample event has letters beyond ASCII"
        assert not any("\ufffd" in text for text in texts), "letters were lost on the way"

    def test_what_we_wrote_elsewhere_says_for_whom_it_is(self) -> None:
        for message in self.sample_messages():
            if message.is_echo:
                assert message.to, "an echo does not say who got it"
                assert message.to[0].value.strip(), "an echo does not say who got it"

    @applies(overrides="exchange_events")
    def test_messages_of_one_exchange_belong_together(self) -> None:
        """By the same thread key, or because the later one names the earlier one."""
        first, *later = [one for event in self.exchange_events() for one in self.messages_of(event)]
        assert later, "exchange_events gives one message only"
        known = {first.external_id}
        for message in later:
            has_key = bool(first.thread_key) and message.thread_key == first.thread_key
            assert has_key or known & {message.in_reply_to, *message.references}, "a follow-up opens another exchange"
            known.add(message.external_id)

    @applies(Capability.HTML)
    def test_html_comes_with_text(self) -> None:
        rich = [message for message in self.sample_messages() if message.html]
        assert rich, "no sample event has HTML"
        assert all(message.text.strip() for message in rich), "a message has HTML but no text"

    @applies(Capability.ATTACHMENTS)
    def test_files_come_whole(self) -> None:
        files = [file for message in self.sample_messages() for file in message.attachments]
        assert files, "no sample event has a file"
        for file in files:
            assert file.filename, "a file has no name"
            assert not set(file.filename) & set("/\\\0"), f"{file.filename!r} holds a path"
            assert "/" in file.content_type, f"{file.content_type!r} is no content type"
            assert file.data, f"{file.filename} is empty"

    def test_garbage_is_not_recognised(self) -> None:
        for payload in self.garbage:
            with closed_network(), pytest.raises(UnrecognisedPayload):
                self.channel.translate(self.account, RawEvent(payload))

    def test_a_sample_cut_short_ends_in_a_message_or_a_payload_error(self) -> None:
        for event in self.sample_events():
            for length in (1, len(event.payload) // 3, len(event.payload) - 1):
                cut = replace(event, payload=event.payload[:length])
                try:
                    self.channel.translate(self.account, cut)
                except PayloadError:
                    continue

    @applies(overrides="unsupported_events")
    def test_known_events_that_are_not_for_us_are_left_alone(self) -> None:
        for event in self.unsupported_events():
            try:
                assert not self.messages_of(event), "an unsupported event gave a message"
            except UnsupportedEvent:
                continue

    def test_secrets_never_show(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        shown = [repr(self.account), repr(self.channel), repr(vars(self.channel))]
        report = self.channel.test_connection(self.account)
        shown += [f"{check.name} {check.detail}" for check in report.checks]
        shown += [repr(message) for message in self.sample_messages()]
        for payload in self.garbage:
            try:
                self.channel.translate(self.account, RawEvent(payload))
            except (PayloadError, ChannelError) as error:
                shown.append(f"{error} {error!r}")
        for key, secret in self.account.secrets.items():
            if len(secret) >= 4:
                assert secret not in "\n".join([*shown, caplog.text]), (
                    f"the secret {key} shows in a log, a repr or an error"
                )


def texts_of(message: InboundMessage) -> list[str]:
    """Every text of a message that is stored."""
    people = (message.sender, *message.to, *message.cc, *message.reply_to)
    texts = [message.text, message.subject, message.external_id, message.html or "", message.reply_text or ""]
    return [*texts, *(person.name for person in people), *(person.value for person in people)]
