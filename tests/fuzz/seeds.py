"""What bending begins with: mails written for these tests, those of the plugins' tests, and real ones where they are installed."""

from pathlib import Path

from app.testing.public_mails import public_mails
from app.testing.servers.missing import MissingComponent

_HERE = Path(__file__).parent / "seeds"
_PLUGINS = Path(__file__).parents[2] / "plugins"
_EVERY = 10
"""One of ten of the public mails: many are alike."""


def seed_mails() -> tuple[bytes, ...]:
    """Whole mails; the own ones stand several times, so that they are not lost among the public ones."""
    own = [path.read_bytes() for folder in (_HERE, _PLUGINS) for path in sorted(folder.rglob("*.eml"))]
    try:
        public = [raw for _, raw in public_mails(every=_EVERY)]
    except MissingComponent:
        public = []
    return (*own * max(1, len(public) // len(own)), *public)
