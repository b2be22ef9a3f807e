"""What is refused of an answer before anything is asked of anybody."""

from datetime import UTC, datetime, timedelta

import pytest

from app.errors import InvalidInput
from app.models import Status
from app.services.outgoing.drafts import NewFile, ReplyDraft, check_draft
from app.services.outgoing.pictures import picture_ids, refuse_lost_pictures

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PNG = NewFile("image-1.png", "application/octet-stream", b"\x89PNG\r\n\x1a\nrest")
SHOWN = "Look:\n\n![The plan](attached:image-1.png)"


@pytest.mark.parametrize("field", ["at", "until"])
@pytest.mark.parametrize("distance", [timedelta(0), timedelta(seconds=-1), timedelta(days=367)])
def test_a_moment_that_has_passed_or_is_far_away_is_refused_beside_its_field(field, distance):
    moments = {field: NOW + distance, **({"then": Status.SNOOZED} if field == "until" else {})}
    with pytest.raises(InvalidInput) as refused:
        check_draft(ReplyDraft("Hello", **moments), NOW)
    assert list(refused.value.fields) == [field]


def test_a_reminder_comes_after_what_it_reminds_of():
    draft = ReplyDraft("Hello", then=Status.SNOOZED, at=NOW + timedelta(days=3), until=NOW + timedelta(days=2))
    with pytest.raises(InvalidInput):
        check_draft(draft, NOW)
    check_draft(ReplyDraft("Hello", then=Status.SNOOZED, at=draft.at, until=NOW + timedelta(days=4)), NOW)


@pytest.mark.parametrize("draft", [ReplyDraft("x", then=Status.SNOOZED), ReplyDraft("x", until=NOW + timedelta(1))])
def test_snoozing_needs_a_moment_and_the_moment_snoozing(draft):
    with pytest.raises(InvalidInput):
        check_draft(draft, NOW)


def test_only_pictures_that_are_there_stand_in_a_text():
    refuse_lost_pictures(SHOWN, [PNG])
    assert list(picture_ids(SHOWN, [PNG, NewFile("offer.pdf", "application/pdf", b"%PDF")], "x.example")) == [
        PNG.filename
    ]
    with pytest.raises(InvalidInput, match="not there any more"):
        refuse_lost_pictures(SHOWN, [])
    with pytest.raises(InvalidInput, match="no picture"):
        refuse_lost_pictures(SHOWN, [NewFile("image-1.png", "image/png", b"<svg onload=alert(1)>")])
