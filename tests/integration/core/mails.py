"""Small mails for tests, written as a person would send them."""

from datetime import UTC, datetime
from email.utils import format_datetime


def create_mail(
    *,
    message_id: str = "first@mail.example.org",
    sender: str = "Ada Reader <ada@mail.example.org>",
    to: str = "help@example.com",
    subject: str = "Where is my order?",
    body: str = "Hello,\n\nwhere is order 1047?\n\nAda",
    sent_at: datetime = datetime(2026, 3, 2, 8, 55, tzinfo=UTC),
    **headers: str,
) -> str:
    """A plain text mail; further headers by keyword, underscores standing for hyphens."""
    lines = [f"From: {sender}", f"To: {to}", f"Subject: {subject}", f"Date: {format_datetime(sent_at)}"]
    if message_id:
        lines.append(f"Message-ID: <{message_id}>")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\n".join([*lines, "Content-Type: text/plain; charset=utf-8", "", body, ""])
