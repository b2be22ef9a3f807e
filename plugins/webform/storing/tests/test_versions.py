"""Versions of forms: nothing published changes, nobody's work is overwritten unseen, old settings go on as a form."""

from dataclasses import replace

import pytest

from plugins.webform import account_saved
from plugins.webform.keys import account_id_of, ensure_key, key_of
from plugins.webform.storing.tests.factories import create_definition, create_form_host
from plugins.webform.storing.versions import (
    DraftConflict,
    all_current,
    changed_forms,
    current,
    discard_draft,
    draft,
    forget_form,
    history,
    look_after_forms,
    publish,
    publish_first,
    save_draft,
    version,
)
from tidings import AccountSaved


def test_form_without_versions_gets_its_first_from_its_settings():
    host, account = create_form_host(title="Ask us", asks_subject=False, max_files=2, team_id=4, thanks="Ta.")
    made = current(host, account)
    assert (made.number, made.made_by, made.made_at) == (1, "", host.now())
    assert made.definition.title == {"en": "Ask us"}
    assert made.definition.thanks == {"en": "Ta."}
    assert made.definition.routing.team_id == 4
    assert [one.id for one in made.definition.fields] == ["name", "email", "message", "files"]
    assert made.definition.field_named("files").max_files == 2


def test_first_version_is_made_once():
    host, account = create_form_host()
    assert current(host, account) == current(host, account)
    assert [one.number for one in history(host, 1)] == [1]


def test_first_version_of_settings_without_files_asks_for_none():
    host, account = create_form_host(max_files=0)
    assert [one.id for one in current(host, account).definition.fields] == ["name", "email", "subject", "message"]


def test_labels_of_the_first_version_are_said_in_every_language():
    host, account = create_form_host()
    host.translations["de"] = {"Message": "Nachricht"}
    label = current(host, account).definition.field_named("message").label
    assert label == {"en": "Message", "de": "Nachricht"}


def test_draft_without_changes_is_what_is_published():
    host, account = create_form_host()
    publish_first(host, 1, create_definition(), "Ada")
    work = draft(host, account)
    assert (work.definition, work.revision, work.is_changed) == (create_definition(), 0, False)


def test_draft_is_kept_apart_from_what_is_published():
    host, account = create_form_host()
    publish_first(host, 1, create_definition(), "Ada")
    revision = save_draft(host, account, create_definition("New"), revision=0, by="Ben")
    work = draft(host, account)
    assert (work.definition, work.revision, work.changed_by, work.is_changed) == (
        create_definition("New"),
        revision,
        "Ben",
        True,
    )
    assert current(host, account).definition == create_definition()


def test_publishing_makes_the_draft_the_next_version():
    host, account = create_form_host()
    publish_first(host, 1, create_definition(), "Ada")
    revision = save_draft(host, account, create_definition("New"), revision=0, by="Ben")
    host.clock.tick(60)
    made = publish(host, account, "Ben", revision=revision)
    assert (made.number, made.definition, made.made_by, made.made_at) == (
        2,
        create_definition("New"),
        "Ben",
        host.now(),
    )
    assert version(host, 1, 1).definition == create_definition()
    assert not draft(host, account).is_changed


def test_publishing_without_changes_makes_no_version():
    host, account = create_form_host()
    publish_first(host, 1, create_definition(), "Ada")
    assert publish(host, account, "Ada").number == 1


def test_draft_that_is_as_published_again_is_none():
    host, account = create_form_host()
    publish_first(host, 1, create_definition(), "Ada")
    revision = save_draft(host, account, create_definition("New"), revision=0, by="Ada")
    save_draft(host, account, create_definition(), revision=revision, by="Ada")
    assert not draft(host, account).is_changed
    assert publish(host, account, "Ada").number == 1


@pytest.mark.parametrize("late", [0, 1])
def test_saving_over_what_somebody_else_changed_is_refused(late):
    host, account = create_form_host()
    revision = 0
    for title in ("One", "Two"):
        revision = save_draft(host, account, create_definition(title), revision=revision, by="Ada")
    with pytest.raises(DraftConflict) as caught:
        save_draft(host, account, create_definition("Ben's"), revision=late, by="Ben")
    assert caught.value.draft.definition == create_definition("Two")
    assert draft(host, account).definition == create_definition("Two")


def test_saving_from_a_page_that_was_opened_before_a_publication_is_refused():
    host, account = create_form_host()
    revision = save_draft(host, account, create_definition("New"), revision=0, by="Ada")
    publish(host, account, "Ada", revision=revision)
    with pytest.raises(DraftConflict):
        save_draft(host, account, create_definition("Late"), revision=0, by="Ben")
    with pytest.raises(DraftConflict):
        save_draft(host, account, create_definition("Late"), revision=revision, by="Ben")


def test_publishing_what_was_not_seen_is_refused():
    host, account = create_form_host()
    seen = save_draft(host, account, create_definition("Seen"), revision=0, by="Ada")
    save_draft(host, account, create_definition("Unseen"), revision=seen, by="Ben")
    with pytest.raises(DraftConflict):
        publish(host, account, "Ada", revision=seen)
    assert current(host, account).number == 1


def test_discarding_leaves_what_is_published():
    host, account = create_form_host()
    publish_first(host, 1, create_definition(), "Ada")
    revision = save_draft(host, account, create_definition("New"), revision=0, by="Ada")
    discard_draft(host, account, revision=revision, by="Ada")
    work = draft(host, account)
    assert (work.definition, work.is_changed) == (create_definition(), False)
    assert save_draft(host, account, create_definition("Again"), revision=work.revision, by="Ada") > revision


def test_discarding_what_was_not_seen_is_refused():
    host, account = create_form_host()
    seen = save_draft(host, account, create_definition("Seen"), revision=0, by="Ada")
    save_draft(host, account, create_definition("Unseen"), revision=seen, by="Ben")
    with pytest.raises(DraftConflict):
        discard_draft(host, account, revision=seen, by="Ada")
    assert draft(host, account).definition == create_definition("Unseen")


def test_forms_do_not_see_each_other():
    host, account = create_form_host()
    publish_first(host, 2, create_definition("Other"), "Ada")
    assert current(host, account).definition != create_definition("Other")
    assert version(host, 1, 2) is None


def test_form_that_takes_the_number_of_one_that_is_gone_begins_anew():
    host, account = create_form_host()
    publish_first(host, 1, create_definition("Old"), "Ada")
    save_draft(host, account, create_definition("Older"), revision=0, by="Ada")
    publish_first(host, 1, create_definition("New"), "Ben")
    assert [one.definition for one in history(host, 1)] == [create_definition("New")]
    assert not draft(host, account).is_changed


def test_forgotten_form_leaves_nothing():
    host, account = create_form_host()
    publish_first(host, 1, create_definition(), "Ada")
    forget_form(host, 1)
    assert history(host, 1) == ()


def test_deleted_forms_are_forgotten_and_others_are_not():
    host, _ = create_form_host()
    for account_id in (1, 2):
        publish_first(host, account_id, create_definition(), "Ada")
    look_after_forms(host)
    assert (len(history(host, 1)), history(host, 2)) == (1, ())


def test_older_forms_get_their_first_version_before_their_settings_go():
    host, account = create_form_host(title="Ask us")
    host.paused.add(1)
    look_after_forms(host)
    host.put_account(replace(account, settings={}))
    assert current(host, host.account(1)).definition.title == {"en": "Ask us"}


def test_new_form_with_the_number_of_a_deleted_one_has_nothing_of_it():
    host, _ = create_form_host()
    old_key = ensure_key(host, 1)
    publish_first(host, 1, create_definition("Old"), "Ada")
    account_saved(host, AccountSaved(1, is_new=True))
    assert history(host, 1) == ()
    assert key_of(host, 1) not in ("", old_key)
    assert account_id_of(host, old_key) is None


def test_changed_settings_leave_form_and_addresses_alone():
    host, _ = create_form_host()
    key = ensure_key(host, 1)
    publish_first(host, 1, create_definition(), "Ada")
    account_saved(host, AccountSaved(1, is_new=False))
    assert (len(history(host, 1)), key_of(host, 1)) == (1, key)


def test_all_forms_are_read_together():
    host, account = create_form_host()
    other = replace(account, id=2)
    host.put_account(other)
    publish_first(host, 2, create_definition("Other"), "Ada")
    save_draft(host, other, create_definition("Draft"), revision=0, by="Ada")
    found = all_current(host, [account, other])
    assert (found[1].number, found[2].definition) == (1, create_definition("Other"))
    assert changed_forms(host) == {2}
