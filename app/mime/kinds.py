"""What kind of mail it is."""

from __future__ import annotations

from .message import Bounce, MailType


def classify(root, headers, bodies) -> tuple[MailType, Bounce | None]:
    return MailType.NORMAL, None
