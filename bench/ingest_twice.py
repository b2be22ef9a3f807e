"""All public mails taken in twice by one mailbox and once more by another: each must be one message, whatever its key.

Not a comparison of times: what is counted must be right. The journal, the files and the services are those of a worker.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import func, select

from app.extensions import db
from app.models import ChannelAccount, InboundEvent, Message, MessageDelivery
from app.plugin_api.mail import inbound_from_mail
from app.plugin_api.messages import RawEvent
from app.schema import upgrade
from app.services.core import Core, writing
from app.services.intake import process_event
from app.services.journal import record_events
from app.testing.public_mails import public_mails
from bench.installation import ROOT, core_of, create_bare_app, opened

__all__ = ["run"]

_BATCH = 50


def run() -> None:
    """Print what became of the mails; SystemExit when a message is missing or there twice."""
    mails = [raw for _, raw in public_mails()]
    distinct = len({_identity(raw) for raw in mails})
    print(f"{len(mails):,} mails, {distinct:,} different ones")
    ROOT.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=ROOT, prefix="run-") as folder:
        home = Path(folder)
        _make_tables(home)
        with opened(home) as app:
            core = core_of(app)
            accounts = [_create_account(core, f"{name}@example.com") for name in ("a", "b")]
            for account_id, series in ((accounts[0], 1), (accounts[0], 2), (accounts[1], 1)):
                _take(core, account_id, mails, series)
                _check(core, Message, distinct)
            _check(core, MessageDelivery, 2 * distinct)


def _identity(raw: bytes) -> tuple[str, str]:
    message = inbound_from_mail(raw, datetime.now(UTC))
    return message.external_id, message.content_key


def _make_tables(home: Path) -> None:
    app = create_bare_app(home)
    with app.app_context():
        upgrade()
        core_of(app).plugins.upgrade_shipped()
        db.session.remove()
        db.engine.dispose()


def _create_account(core: Core, address: str) -> int:
    with writing(core) as unit:
        row = ChannelAccount(
            plugin="mailbox", name=address, address=address, settings={}, secrets="", created_at=unit.now
        )
        unit.session.add(row)
        unit.session.flush()
        return row.id


def _take(core: Core, account_id: int, mails: Sequence[bytes], series: int) -> None:
    started = perf_counter()
    numbered = list(enumerate(mails, 1))
    for start in range(0, len(numbered), _BATCH):
        batch = numbered[start : start + _BATCH]
        events = [
            RawEvent(raw, source_key=f"INBOX:{series}:{number}", content_type="message/rfc822") for number, raw in batch
        ]
        for event_id in record_events(core, account_id, events, is_processed_here=True):
            process_event(core, event_id)
    core.session.rollback()
    mine = (InboundEvent.account_id == account_id) & InboundEvent.source_key.startswith(f"INBOX:{series}:")
    states = Counter(core.session.scalars(select(InboundEvent.state).where(mine)))
    said = ", ".join(f"{count:,} {state}" for state, count in sorted(states.items()))
    print(f"account {account_id}, round {series}: {said}; {len(mails) / (perf_counter() - started):,.0f} mails/s")


def _check(core: Core, model: type, wanted: int) -> None:
    core.session.rollback()
    found = core.session.scalar(select(func.count()).select_from(model))
    if found != wanted:
        raise SystemExit(f"{model.__name__}: {found:,} rows, not {wanted:,}")
    print(f"  {model.__name__}: {found:,}")
