"""Values that several tests start from."""

from dataclasses import replace
from datetime import UTC, datetime

from plugins.webform.submission import Submission

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def create_submission(**changes: object) -> Submission:
    values = {"name": "Ada Abel", "email": "Ada@Example.com", "subject": "Order 7", "message": "Where is it?"}
    submission = Submission(nonce="n1", received_at=AT, values=values, context={"way": "page"})
    return replace(submission, **changes)
