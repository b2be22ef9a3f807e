"""What the plugin does when the host calls its hooks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from forms.definitions import Becomes, Kind, Routing
from plugins import webform
from plugins.webform.sharing.context import make_secret, sign_context
from plugins.webform.storing.submissions import StoredSubmission, keeping, submission_of
from plugins.webform.tests.factories import (
    AT,
    PageHost,
    Visitor,
    create_account,
    create_field,
    create_submission,
    stored,
)
from plugins.webform.translate import message_of
from plugins.webform.visiting.usual import USUAL_CONFIRMATION
from tidings import SPAM_REASON, AccountSaved, ConversationSummary, MessageSummary, Panel, Viewer

OTHER = replace(create_account(2), plugin="mailbox")


@pytest.fixture
def host() -> PageHost:
    return PageHost(title="Help", answer_from=1, team_id=4, keep_ip_days=7)


def create_conversation(status: str = "open", account_id: int = 1) -> ConversationSummary:
    return ConversationSummary(
        id=31,
        number=1031,
        subject="Order 7",
        status=status,
        channel="webform",
        account_id=account_id,
        contact_id=5,
        contact_name="Ada Abel",
        contact_address="ada@example.com",
        created_at=AT,
    )


def create_message(conversation: ConversationSummary, **changes: object) -> MessageSummary:
    message = MessageSummary(
        id=9,
        conversation=conversation,
        account_id=conversation.account_id,
        direction="inbound",
        kind="normal",
        external_id="form.x@webform.invalid",
        text="Where is it?",
        is_first=True,
        is_automatic=False,
        accepts_auto_reply=True,
        raw_sha256=None,
        created_at=AT,
    )
    return replace(message, **changes)


def rows_of(panels: Sequence[Panel]) -> dict[str, str]:
    return {label: value for panel in panels for label, value in panel.rows}


def run_jobs(host: PageHost) -> None:
    for job in webform.register_jobs(host):
        job.run()


def test_a_saved_account_gets_a_key_and_keeps_it(host):
    webform.account_saved(host, AccountSaved(1, is_new=True))
    first = host.store.get("account:1")
    webform.account_saved(host, AccountSaved(1, is_new=False))
    assert first == host.store.get("account:1")
    assert host.store.get(f"key:{first}") == 1
    assert len(first) >= 16


def test_a_conversation_is_confirmed_with_its_number(host):
    host.put_account(create_account(1, confirmation_text="Yours is {number}."))
    conversation = create_conversation()
    webform.conversation_created(host, conversation, create_message(conversation))
    assert host.automatic == [(31, "Yours is 1031.")]


def test_the_confirmation_repeats_nothing_that_the_visitor_wrote(host):
    conversation = create_conversation()
    webform.conversation_created(host, conversation, create_message(conversation))
    ((_, text),) = host.automatic
    assert not any(word in text for word in ("Ada", "Order 7", "Where is it"))


def test_a_confirmation_that_is_left_to_us_speaks_the_visitors_language(host):
    host.translations["de"] = {USUAL_CONFIRMATION: "Vielen Dank."}
    conversation = create_conversation()
    for language in ("de", "ja"):
        fields = message_of(create_submission(context={"language": language})).fields
        webform.conversation_created(host, conversation, create_message(conversation, fields=fields))
    assert [text for _, text in host.automatic] == ["Vielen Dank.", USUAL_CONFIRMATION]


@pytest.mark.parametrize("case", ["spam", "no_reply", "agent", "switched_off", "other_account"])
def test_nothing_is_confirmed_that_must_not_be(host, case):
    if case == "switched_off":
        host.put_account(create_account(1, sends_confirmation=False))
    conversation = create_conversation("spam" if case == "spam" else "open", 9 if case == "other_account" else 1)
    message = create_message(conversation, accepts_auto_reply=case != "no_reply")
    webform.conversation_created(host, conversation, None if case == "agent" else message)
    assert host.automatic == []


def test_nothing_is_confirmed_while_no_mailbox_can_send(host, monkeypatch):
    monkeypatch.setattr(host, "sending_accounts", lambda kind: [])
    conversation = create_conversation()
    webform.conversation_created(host, conversation, create_message(conversation))
    assert host.automatic == []


def test_answers_and_teams_are_chosen_for_own_accounts_only(host):
    account, message, conversation = host.account(1), message_of(create_submission()), create_conversation()
    assert webform.choose_sending_account(host, conversation, account) == 1
    assert webform.choose_sending_account(host, replace(conversation, contact_address="visitor-1"), account) is None
    assert webform.choose_team(host, message, account) == 4
    assert webform.choose_sending_account(host, conversation, OTHER) is None
    assert webform.choose_team(host, message, OTHER) is None
    host.put_account(create_account(2))
    assert webform.choose_sending_account(host, conversation, host.account(2)) is None
    assert webform.choose_team(host, message, host.account(2)) is None


def test_a_choice_names_the_team_that_gets_the_conversation(host):
    ada = Visitor(host)
    topic = create_field("topic", Kind.CHOICE, choices=("order", "other"))
    order = replace(topic.choices[0], routing=Routing(team_id=9, tags=("orders",)))
    ada.publish(replace(topic, choices=(order, topic.choices[1])), routing=Routing(team_id=4))
    for chosen in ("order", "other"):
        ada.submit(topic=chosen)
    messages = stored(host)
    assert [webform.choose_team(host, one, host.account(1)) for one in messages] == [9, 4]
    assert [one.tags for one in messages] == [("orders",), ()]


def test_a_submission_keeps_the_version_it_was_made_with(host):
    ada = Visitor(host)
    ada.publish(create_field("email", Kind.EMAIL, becomes=Becomes.EMAIL), confirmation={"en": "The first, {number}."})
    token = ada.open()
    ada.publish(create_field("phone", Kind.PHONE), confirmation={"en": "The second."})
    ada.post(token)
    conversation = create_conversation()
    message = create_message(conversation, external_id=stored(host)[0].external_id)
    webform.conversation_created(host, conversation, message)
    assert submission_of(host, conversation.id).number == 2
    assert host.automatic == [(31, "The first, 1031.")]


def test_agents_see_the_version_and_what_the_site_said_of_its_customer(host):
    secret, ada = make_secret(host, host.account(1)), Visitor(host)
    context = '{"customer": "C-7", "plan": "gold"}'
    for signature in (sign_context(secret, context), ""):
        ada.submit(context=context, signature=signature, message=f"signed by {signature}")
    shown = []
    for message_id, message in enumerate(stored(host)):
        conversation = replace(create_conversation(), id=message_id + 1)
        webform.conversation_created(host, conversation, create_message(conversation, external_id=message.external_id))
        shown.append({panel.title: dict(panel.rows) for panel in webform.conversation_panels(host, conversation)})
    assert all(panels["Contact form"]["Version"] == "1" for panels in shown)
    assert shown[0]["Verified by the site"] == {"customer": "C-7", "plan": "gold"}
    assert shown[1]["Not verified"] == {"customer": "C-7", "plan": "gold"}
    assert [len(panels) for panels in shown] == [2, 2]


def test_nothing_is_confirmed_to_somebody_without_an_address(host):
    conversation = replace(create_conversation(), contact_address="n1")
    webform.conversation_created(host, conversation, create_message(conversation))
    assert host.automatic == []


def test_content_rules_add_their_reason_to_what_is_known(host):
    values = {"name": "x", "email": "x@y.test", "message": "[url=http://a.test]"}
    message = message_of(create_submission(values=values, signals=("too_fast",)))
    changed = webform.filter_inbound(host, message, host.account(1))
    assert changed.is_spam
    assert not changed.accepts_auto_reply
    assert changed.fields[SPAM_REASON].startswith("sent sooner than a person can type; links written as code")


def test_the_owners_own_rules_hold_for_all_forms(host):
    message = message_of(create_submission(values={"name": "x", "email": "x@y.test", "message": "Cheap lamps, really"}))
    assert webform.filter_inbound(host, message, host.account(1)) == message
    host.settings = {"blocked_words": "replica\ncheap lamps"}
    assert webform.filter_inbound(host, message, host.account(1)).fields[SPAM_REASON] == "a blocked word"
    assert webform.filter_inbound(host, message, OTHER) is None


def test_content_rules_leave_good_messages_and_other_channels_alone(host):
    spam = message_of(create_submission(values={"name": "http://a.test", "email": "x@y.test", "message": "hi"}))
    assert webform.filter_inbound(host, spam, OTHER) is None
    good = message_of(create_submission())
    assert webform.filter_inbound(host, good, host.account(1)) == good


def test_agents_see_the_visitors_address_until_its_days_are_over(host):
    ada = Visitor(host)
    ada.post(ada.open())
    conversation = create_conversation()
    message = create_message(conversation, external_id=stored(host)[0].external_id)
    webform.conversation_created(host, conversation, message)
    assert rows_of(webform.conversation_panels(host, conversation))["Visitor's address"] == "192.0.2.7"
    host.clock.tick(timedelta(days=7, seconds=-60).total_seconds())
    run_jobs(host)
    assert "Visitor's address" in rows_of(webform.conversation_panels(host, conversation))
    host.clock.tick(60)
    run_jobs(host)
    assert "Visitor's address" not in rows_of(webform.conversation_panels(host, conversation))


def test_an_address_is_never_written_when_it_is_kept_for_no_days():
    ada = Visitor(PageHost(keep_ip_days=0))
    ada.post(ada.open())
    assert not list(ada.host.data_folder().rglob("*"))


def test_addresses_of_a_deleted_form_are_forgotten_at_once(host):
    ada = Visitor(host)
    ada.post(ada.open())
    del host._accounts[1]
    run_jobs(host)
    assert not [path for path in host.data_folder().rglob("*") if path.is_file()]


def test_no_stored_event_holds_an_internet_address(host):
    ada = Visitor(host)
    ada.post(ada.open())
    assert b"192.0.2.7" not in host.received[0][1].payload


def test_the_dashboard_counts_each_form(host):
    ada = Visitor(host)
    ada.post(ada.open())
    (panel,) = webform.dashboard_panels(host, Viewer(1, "Lea", "agent"))
    (row,) = panel.context["rows"]
    assert (row.name, row.count, row.verdict) == ("Contact form", "1 this week", "not tested yet")
    host.paused.add(1)
    assert webform.dashboard_panels(host, Viewer(1, "Lea", "agent")) == []


def test_the_account_page_gives_the_line_for_a_website(host):
    panel, arrivals = webform.account_panels(host, host.account(1))
    key = host.store.get("account:1")
    line = panel.context["snippets"].inline
    assert f'<script src="https://inbox.example.com/plugins/webform/embed.js" data-form="{key}"' in line
    assert rows_of([arrivals])["Last one"] == "none yet"


def test_the_account_page_says_when_the_last_message_came(host):
    at = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    host.tables.write(*keeping(StoredSubmission("form.n1", 1, 1, {}, {}, at)))
    assert rows_of(webform.account_panels(host, host.account(1)))["Last one"] == "2026-03-04 05:06 UTC"


def test_conversations_of_others_get_no_panel(host):
    assert webform.conversation_panels(host, create_conversation(account_id=9)) == []


def test_the_connection_test_wants_a_mailbox_that_can_send(host, monkeypatch):
    (channel,) = webform.register_channels(host)
    assert channel.test_connection(host.account(1)).is_ok
    assert "Choose another one" in channel.test_connection(create_account(1, answer_from=8)).problem
    monkeypatch.setattr(host, "sending_accounts", lambda kind: [])
    assert "Connect one first" in channel.test_connection(host.account(1)).problem
