"""Promises about how far a folder was read, whatever its server does to it."""

from datetime import UTC, datetime, timedelta

import pytest

from plugins.mailbox.cursor import CLOCKS_DIFFER, RESCAN_MARGIN, FolderPlace, next_place, place_in, with_place
from plugins.mailbox.tests.accounts import state

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
NEWEST = datetime(2026, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
PLACE = FolderPlace(uidvalidity=7, uid=40, began_at=BEGAN, newest_at=NEWEST)


def test_a_new_folder_begins_at_its_end():
    place = next_place(None, state(uidvalidity=7, uidnext=41), None, NOW)

    assert place == FolderPlace(7, 40, NOW, NOW)


def test_a_new_folder_with_a_start_is_scanned_from_there():
    place = next_place(None, state(uidvalidity=7, uidnext=41), BEGAN, NOW)

    assert (place.uid, place.since) == (0, BEGAN)
    assert place.finished(state(7, 41)) == FolderPlace(7, 40, BEGAN, BEGAN)


def test_a_known_folder_goes_on_where_it_stopped():
    assert next_place(PLACE, state(uidvalidity=7, uidnext=90), None, NOW) == PLACE


def test_a_renumbered_folder_is_scanned_from_a_week_before_its_newest_message():
    place = next_place(PLACE, state(uidvalidity=8, uidnext=90), None, NOW)

    assert (place.uidvalidity, place.uid, place.since) == (8, 0, NEWEST - RESCAN_MARGIN)


def test_a_renumbered_folder_is_never_scanned_from_before_it_was_connected():
    young = FolderPlace(7, 40, began_at=NEWEST - timedelta(days=1), newest_at=NEWEST)

    assert next_place(young, state(uidvalidity=8), None, NOW).since == young.began_at - CLOCKS_DIFFER


def test_a_folder_that_went_back_to_lower_numbers_begins_an_era_of_its_own():
    back = next_place(PLACE, state(uidvalidity=7, uidnext=12), None, NOW)

    assert (back.uid, back.since, back.era) == (0, NEWEST - RESCAN_MARGIN, 1)
    assert place_in(with_place({}, "INBOX", back), "INBOX") == back
    assert next_place(back.finished(state(7, 12)), state(uidvalidity=7, uidnext=12), None, NOW).era == 1
    assert next_place(back, state(uidvalidity=8, uidnext=12), None, NOW).era == 0


def test_a_folder_at_its_end_or_without_uidnext_did_not_go_back():
    assert next_place(PLACE, state(uidvalidity=7, uidnext=41), None, NOW) == PLACE
    assert next_place(PLACE, state(uidvalidity=7, uidnext=1), None, NOW) == PLACE


def test_an_interrupted_scan_goes_on_as_a_scan():
    scanning = next_place(PLACE, state(uidvalidity=8, uidnext=90), None, NOW).read_to(12, NEWEST)
    stored = place_in(with_place({}, "INBOX", scanning), "INBOX")

    assert stored == scanning
    assert next_place(stored, state(uidvalidity=8, uidnext=95), None, NOW) == scanning


def test_reading_never_goes_back():
    place = PLACE.read_to(50, NOW).read_to(45, BEGAN).read_to(46, None)

    assert (place.uid, place.newest_at) == (50, NOW)
    assert place.finished(state(7, uidnext=48)).uid == 50


def test_places_of_other_folders_stay():
    cursor = with_place(with_place({}, "INBOX", PLACE), "Büro", PLACE.read_to(99, None))

    assert place_in(cursor, "INBOX") == PLACE
    assert place_in(cursor, "Büro").uid == 99
    assert place_in(cursor, "Sent") is None


@pytest.mark.parametrize(
    "value", [None, 7, "x", {}, {"uidvalidity": "a"}, {"uidvalidity": 1, "uid": 2, "began_at": "?"}]
)
def test_a_place_that_cannot_be_understood_counts_as_none(value):
    assert place_in({"INBOX": value}, "INBOX") is None
