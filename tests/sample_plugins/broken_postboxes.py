"""Postboxes that break the contract in one place each, and the promise that must notice it."""

import dataclasses
import itertools
import json
import logging
import socket
from datetime import UTC, datetime, timedelta

from broken_inventories import BROKEN_INVENTORIES
from postbox.channel import PostboxChannel
from wtforms import StringField

from tidings import (
    AccountEvent,
    AccountHealth,
    BadSignature,
    Capability,
    ConversationUpdate,
    DeliveryUpdate,
    DeliveryWord,
    FetchBatch,
    InboundMessage,
    MessageEdit,
    MessageRemoval,
    NeedsReauth,
    Participant,
    Permanent,
    Quota,
    RawEvent,
    Reaction,
    ReplyChoice,
    ReplyRules,
    SettingsForm,
    SharedWebhookReply,
    Temporary,
    UnrecognisedPayload,
    WebhookReply,
)

TOKEN = "a token for tests"


def broken(**changes: object) -> type[PostboxChannel]:
    return type("Broken", (PostboxChannel,), changes)


def changed_message(**changes: object):
    """A `translate` whose messages differ by `changes`; a callable is asked for each new value."""

    def translate(self, account, event):
        messages = PostboxChannel.translate(self, account, event)
        values = {key: value() if callable(value) else value for key, value in changes.items()}
        return [dataclasses.replace(message, **values) for message in messages]

    return broken(translate=translate)


def updating(*updates: object):
    """A `translate` that gives these for what is no letter."""

    def translate(self, account, event):
        said = PostboxChannel.translate(self, account, event)
        return said if isinstance(said[0], InboundMessage) else list(updates)

    return broken(translate=translate)


def complete_each_time(self, account, event):
    return dataclasses.replace(event, meta={"asked": next(FRESH)})


def complete_elsewhere(self, account, event):
    return dataclasses.replace(PostboxChannel.complete(self, account, event), source_key="another")


def complete_or_fail(self, account, event):
    completed = PostboxChannel.complete(self, account, event)
    if b"photo" in event.payload and not completed.files:
        raise Permanent("the photograph is gone")
    return completed


def counting_files(self, account, event):
    """Takes a message without its photograph for another one."""
    messages = PostboxChannel.translate(self, account, event)
    return [dataclasses.replace(one, content_key=f"{len(event.files):064}") for one in messages]


def counting():
    count = 0

    def number():
        nonlocal count
        count += 1
        return str(count)

    return number


def raising(error):
    def method(self, *_):
        raise error

    return method


def fetch_without_cursor(self, account):
    letters = self._provider.letters_after(0, account.secret("token"))
    place = counting()
    self._round = getattr(self, "_round", 0) + 1
    yield from (FetchBatch((RawEvent(one, f"{self._round}-{place()}"),), {}) for _, one in letters)


def fetch_with_hasty_cursor(self, account):
    for batch in PostboxChannel.fetch(self, account):
        yield FetchBatch(batch.events, {"number": 99})


def fetch_without_keys(self, account):
    for batch in PostboxChannel.fetch(self, account):
        yield FetchBatch(tuple(RawEvent(event.payload) for event in batch.events), batch.cursor)


def backfill_with_other_keys(self, account, since):
    for batch in PostboxChannel.fetch(self, account):
        yield FetchBatch(tuple(RawEvent(one.payload, f"old-{one.source_key}") for one in batch.events), {})


def send_twice(self, account, message):
    self._provider.sent[f"{message.external_id}{message.attempt}"] = message
    self._provider.sent[message.external_id] = message
    return PostboxChannel.send(self, account, message)


def only_answering(self, account, message):
    if message.thread_key is None:
        raise Permanent("nobody wrote")
    return PostboxChannel.send(self, account, message)


def send_and_tell(self, account, message):
    logging.getLogger("postbox").info("using %s", account.secret("token"))
    return PostboxChannel.send(self, account, message)


def connect_and_tell(self, account):
    logging.getLogger("postbox").debug("using %s", account.secret("token"))
    return PostboxChannel.test_connection(self, account)


def send_and_hide_nothing(self, account, message):
    raise Temporary(f"not even with {account.secret('token')}")


def fetch_under_new_keys(self, account):
    for batch in PostboxChannel.fetch(self, account):
        yield FetchBatch(tuple(RawEvent(one.payload, f"key-{next(FRESH)}") for one in batch.events), batch.cursor)


def connect_when_made(self, host):
    import socket

    socket.create_connection(("127.0.0.1", 9), timeout=1)


def translate_what_follows(self, account, event):
    """Reads the first event it is given otherwise than all that come after it."""
    seen = vars(self).setdefault("seen", [])
    seen.append(event)
    messages = PostboxChannel.translate(self, account, event)
    return [dataclasses.replace(one, content_key=f"{len(seen):064}") for one in messages]


def wait_too_short(self, account):
    raise Temporary("x", self._host.now() + timedelta(seconds=1))


def connect_while_translating(self, account, event):
    import socket

    socket.create_connection(("127.0.0.1", 9), timeout=1)


def refuse(self, account, request):
    raise BadSignature("always")


class UndescribedForm(SettingsForm):
    town = StringField("Town")


class OpenForm(SettingsForm):
    token = StringField("Token", description="Shown to everybody.")


FRESH = itertools.count()
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def verify_forgetful(self, request):
    """Knows the secret it saw first."""
    if not request.headers.get("x-office-signature"):
        raise BadSignature("there is none")


def sign_with_the_secret(self, request):
    signed = PostboxChannel.sign_shared_webhook(self, request)
    return {**signed, "x-hint": self._host.settings["office_secret"]}


def to_account(account_id):
    def receive(self, request):
        letter = json.loads(request.body)["letters"][0]["letter"]
        return SharedWebhookReply((AccountEvent(account_id, RawEvent(json.dumps(letter).encode())),))

    return receive


def receive_the_first(self, request):
    """Takes the first request for every other one."""
    first = vars(self).setdefault("first", request)
    return PostboxChannel.receive_shared_webhook(self, first)


def receive_unread(self, request):
    json.loads(request.body)
    return SharedWebhookReply()


def receive_numbered(self, request):
    reply = PostboxChannel.receive_shared_webhook(self, request)
    number = next(FRESH)
    events = [dataclasses.replace(one.event, source_key=f"{number}") for one in reply.events]
    return SharedWebhookReply(tuple(AccountEvent(1, event) for event in events))


def receive_awake(self, request):
    reply = PostboxChannel.receive_shared_webhook(self, request)
    awake = {account.id for account in self._host.accounts()}
    return SharedWebhookReply(tuple(one for one in reply.events if one.account_id in awake))


def ruling(**fields: object):
    return broken(reply_rules=lambda self, account, exchange: ReplyRules(**fields))


COUNT = itertools.count(1)


def naive_health(self, account):
    return AccountHealth(token_expires_at=datetime(2026, 3, 1))


def talkative_health(self, account):
    return AccountHealth(rows=(("Token", account.secret("token")),))


BREAKS = [
    (
        broken(reply_rules=lambda self, account, exchange: ReplyRules(longest=next(COUNT))),
        "test_what_may_be_answered_is_said_without_asking_anybody",
    ),
    (
        broken(reply_rules=lambda self, account, exchange: socket.create_connection(("127.0.0.1", 9))),
        "test_what_may_be_answered_is_said_without_asking_anybody",
    ),
    (ruling(is_refused=True), "test_what_may_be_answered_can_be_shown"),
    (ruling(longest=0), "test_what_may_be_answered_can_be_shown"),
    (ruling(until=datetime(2026, 5, 5)), "test_what_may_be_answered_can_be_shown"),
    (ruling(choices=(ReplyChoice("a", "A"), ReplyChoice("a", "B"))), "test_what_may_be_answered_can_be_shown"),
    (ruling(choices=(ReplyChoice("a", "A", takes_text=False),)), "test_what_may_be_answered_can_be_shown"),
    (broken(complete=complete_each_time), "test_completing_brings_something_and_changes_nothing_the_second_time"),
    (broken(complete=complete_elsewhere), "test_completing_brings_something_and_changes_nothing_the_second_time"),
    (
        broken(complete=lambda self, account, event: event),
        "test_completing_brings_something_and_changes_nothing_the_second_time",
    ),
    (broken(complete=complete_or_fail), "test_what_is_gone_at_the_provider_is_left_out"),
    (broken(translate=counting_files), "test_an_event_that_could_not_be_completed_is_the_same_message"),
    (broken(complete=raising(KeyError("photo"))), "test_garbage_is_not_completed"),
    (broken(complete=raising(NeedsReauth("x"))), "test_trouble_while_completing_is_temporary"),
    (broken(complete=raising(Temporary("x"))), "test_completing_with_an_expired_credential_needs_its_owner"),
    (changed_message(is_echo=True), "test_what_we_wrote_elsewhere_says_for_whom_it_is"),
    (updating(), "test_updates_are_pure_and_repeatable"),
    (updating(MessageEdit("", "x", NOON)), "test_updates_name_what_they_are_about"),
    (updating(DeliveryUpdate(DeliveryWord.READ, NOON)), "test_updates_name_what_they_are_about"),
    (updating(MessageRemoval("1", datetime(2026, 1, 2))), "test_updates_say_when_in_utc"),
    (updating(DeliveryUpdate(DeliveryWord.FAILED, NOON, "1")), "test_updates_are_well_formed"),
    (updating(Reaction("1", Participant("email", ""), "👍", NOON)), "test_updates_are_well_formed"),
    (updating(Reaction("1", Participant("email", "a@example.com"), "", NOON)), "test_updates_are_well_formed"),
    (updating(ConversationUpdate(NOON, "1")), "test_updates_are_well_formed"),
    (updating(ConversationUpdate(NOON, "1", status="snoozed")), "test_updates_are_well_formed"),
    (broken(__init__=connect_when_made), "test_making_the_channel_opens_no_socket"),
    (broken(fetch=fetch_under_new_keys), "test_fetching_twice_stores_once"),
    (changed_message(in_reply_to=None), "test_messages_of_one_exchange_belong_together"),
    (changed_message(in_reply_to=None), "test_the_answer_to_what_was_sent_finds_its_way_back"),
    (changed_message(in_reply_to=None), "test_the_answer_to_a_first_message_finds_it"),
    (
        broken(sign_webhook=lambda *_: {"x-signature": "1"}, verify_webhook=refuse),
        "test_a_request_is_signed_as_the_provider_does",
    ),
    (
        broken(
            sign_webhook=lambda self, account, _: {"x-token": account.secret("token")}, verify_webhook=lambda *_: None
        ),
        "test_a_request_is_signed_as_the_provider_does",
    ),
    (broken(translate=translate_what_follows), "test_requests_in_another_order_give_the_same_messages"),
    (broken(receive_webhook=lambda *_: WebhookReply(status=400)), "test_a_signed_event_that_is_not_for_us_is_answered"),
    (
        broken(receive_webhook=lambda self, account, request: json.loads(request.body)["kind"]),
        "test_a_signed_request_that_cannot_be_read_is_no_fault_of_the_plugin",
    ),
    (broken(fetch=raising(NeedsReauth("x"))), "test_a_connection_that_is_cut_is_temporary"),
    (broken(send=raising(Temporary("x"))), "test_a_message_of_unknown_fate_is_said_to_be_one"),
    (broken(fetch=raising(Permanent("x"))), "test_a_provider_that_does_not_answer_is_temporary"),
    (broken(fetch=raising(KeyError("x"))), "test_an_answer_that_cannot_be_read_is_no_fault_of_the_plugin"),
    (broken(send=send_and_tell), "test_secrets_never_show_while_the_provider_is_used"),
    (broken(send=send_and_hide_nothing), "test_secrets_never_show_while_the_provider_is_used"),
    (broken(fetch=wait_too_short), "test_a_rate_limit_says_when_to_come_back"),
    (changed_message(external_id=counting()), "test_translating_is_pure_and_repeatable"),
    (broken(translate=connect_while_translating), "test_translating_is_pure_and_repeatable"),
    (broken(translate=lambda self, account, event: []), "test_translating_is_pure_and_repeatable"),
    (changed_message(external_id="same", content_key="0" * 64), "test_messages_can_be_told_apart"),
    (changed_message(content_key="short"), "test_messages_can_be_told_apart"),
    (changed_message(sent_at=datetime(2026, 1, 2)), "test_times_are_aware_and_in_utc"),
    (changed_message(text="half \ud83d"), "test_texts_are_clean"),
    (changed_message(text="nul \0"), "test_texts_are_clean"),
    (changed_message(text="Gr????e"), "test_letters_beyond_ascii_survive"),
    (changed_message(html=None), "test_html_comes_with_text"),
    (changed_message(attachments=()), "test_files_come_whole"),
    (broken(translate=raising(KeyError("id"))), "test_garbage_is_not_recognised"),
    (broken(translate=raising(KeyError("id"))), "test_a_sample_cut_short_ends_in_a_message_or_a_payload_error"),
    (broken(translate=raising(UnrecognisedPayload("x"))), "test_known_events_that_are_not_for_us_are_left_alone"),
    (broken(test_connection=connect_and_tell), "test_secrets_never_show"),
    (broken(__init__=lambda self, host: vars(self).update(_host=host, key=TOKEN)), "test_secrets_never_show"),
    (broken(fetch=fetch_without_cursor), "test_fetching_again_from_the_stored_cursor_gives_nothing_new"),
    (broken(fetch=fetch_with_hasty_cursor), "test_an_interrupted_fetch_loses_nothing"),
    (broken(fetch=fetch_without_keys), "test_fetched_events_have_a_place_of_their_own_and_can_be_read"),
    (broken(backfill=backfill_with_other_keys), "test_backfill_gives_the_same_events_under_the_same_keys"),
    *((broken(**methods), promise) for methods, promise in BROKEN_INVENTORIES),
    (broken(watch=lambda self, account, stop: True), "test_watching_ends_when_told_to"),
    (broken(watch=lambda self, account, stop: False), "test_watching_notices_what_arrives"),
    (broken(verify_webhook=lambda *_: None), "test_a_request_that_was_changed_is_refused"),
    (broken(verify_webhook=lambda *_: None), "test_a_request_without_a_signature_is_refused"),
    (broken(verify_webhook=lambda *_: None), "test_a_request_signed_with_another_secret_is_refused"),
    (broken(receive_webhook=raising(ValueError())), "test_a_signed_request_is_taken_and_can_be_read"),
    (broken(verify_shared_webhook=lambda *_: None), "test_a_shared_request_that_was_changed_is_refused"),
    (broken(verify_shared_webhook=lambda *_: None), "test_a_shared_request_without_a_signature_is_refused"),
    (broken(verify_shared_webhook=verify_forgetful), "test_a_shared_request_signed_with_another_secret_is_refused"),
    (broken(verify_shared_webhook=raising(BadSignature("x"))), "test_a_shared_request_is_signed_as_the_provider_does"),
    (broken(sign_shared_webhook=sign_with_the_secret), "test_a_shared_request_is_signed_as_the_provider_does"),
    (broken(receive_shared_webhook=to_account(9)), "test_a_signed_shared_request_is_taken_and_can_be_read"),
    (broken(receive_shared_webhook=to_account(1)), "test_what_is_for_nobody_here_is_answered"),
    (broken(receive_shared_webhook=receive_the_first), "test_shared_requests_in_another_order_give_the_same_messages"),
    (
        broken(receive_shared_webhook=receive_unread),
        "test_a_signed_shared_request_that_cannot_be_read_is_no_fault_of_the_plugin",
    ),
    (broken(receive_shared_webhook=receive_numbered), "test_a_shared_request_that_is_sent_twice_gives_the_same_events"),
    (broken(receive_shared_webhook=receive_awake), "test_what_is_for_a_paused_account_is_kept"),
    (changed_message(external_id=counting()), "test_a_replayed_request_gives_the_same_messages"),
    (broken(send=lambda *_: None), "test_sending_gives_a_receipt"),
    (broken(send=lambda *_: None), "test_sending_again_is_safe"),
    (broken(was_sent=lambda *_: True), "test_what_was_sent_can_be_told"),
    (broken(was_sent=lambda *_: None), "test_what_was_sent_can_be_told"),
    (broken(fetch=raising(Temporary("x"))), "test_an_expired_credential_needs_its_owner"),
    (broken(fetch=raising(NeedsReauth("x"))), "test_trouble_of_the_server_is_temporary"),
    (broken(fetch=raising(Temporary("x"))), "test_a_rate_limit_says_when_to_come_back"),
    (broken(send=raising(Permanent(""))), "test_a_refused_message_is_permanent"),
    (broken(test_connection=raising(ValueError())), "test_the_connection_of_the_account_can_be_tested"),
    (broken(settings_form=UndescribedForm), "test_every_setting_has_a_label_and_a_description"),
    (broken(settings_form=OpenForm), "test_secret_settings_are_secret_fields"),
    (broken(settings_form=UndescribedForm), "test_the_account_has_only_declared_settings"),
    (broken(capabilities=frozenset({Capability.SEND})), "test_the_capabilities_are_those_of_the_manifest"),
    (broken(capabilities=frozenset({Capability.SEND})), "test_each_capability_is_implemented_and_nothing_else_is"),
    (broken(capabilities=frozenset({Capability.BEGIN})), "test_a_channel_that_begins_can_send"),
    (broken(send=only_answering), "test_a_first_message_is_sent"),
    (broken(connect_path="/nowhere"), "test_connecting_begins_on_a_page_for_admins"),
    (broken(connect_path="connect"), "test_connecting_begins_on_a_page_for_admins"),
    (broken(sign_in_path=lambda *_: "/connect/x"), "test_signing_in_again_leads_to_a_page_for_admins"),
    (broken(health=lambda *_: None), "test_how_an_account_does_is_told_without_asking_its_provider"),
    (broken(health=naive_health), "test_how_an_account_does_is_told_without_asking_its_provider"),
    (broken(health=talkative_health), "test_how_an_account_does_is_told_without_asking_its_provider"),
    (
        broken(health=lambda *_: AccountHealth(quotas=(Quota(1, -1),))),
        "test_how_an_account_does_is_told_without_asking_its_provider",
    ),
    (broken(address_kind=""), "test_the_channel_has_a_title_and_a_kind_of_address"),
]
