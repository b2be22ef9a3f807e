"""The size of a mail before it is made: never less than it has when it is."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.markup import markdown_to_html
from app.mime import Address, MailDraft, OutgoingFile, compose_message, wire_size


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300), st.lists(st.integers(0, 20_000), max_size=4))
def test_a_mail_is_never_larger_than_it_was_said_to_be(text, sizes):
    draft = MailDraft(
        sender=Address("Support", "help@example.com"),
        to=(Address("", "ada@example.com"),),
        subject="Files",
        message_id="1@example.com",
        date=datetime(2026, 5, 1, tzinfo=UTC),
        text=text,
        html=markdown_to_html(text),
        attachments=tuple(OutgoingFile(f"{n}.bin", "application/octet-stream", b"x" * n) for n in sizes),
    )
    size = len(compose_message(draft))

    assert size <= wire_size(text, sizes)
    assert wire_size(text, sizes) - size < 8_000 + 6 * len(text.encode()) + 500 * len(sizes), "nor much smaller"
