"""Taking mails in: the whole intake from the journal to the announcement, and the same by hand. See `bench.bare_ingest`."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import event, func, select

from app.extensions import db
from app.models import EventState, InboundEvent
from app.plugin_api.messages import RawEvent
from app.services.core import Core
from app.services.intake import process_event
from app.services.journal import record_events
from bench.bare_ingest import BareIngest
from bench.installation import ROOT, core_of, opened
from bench.mails import create_mails
from bench.measure import Comparison, Sample, compare, sample

__all__ = ["BATCH", "run"]

BATCH = 50
ACCOUNT_ID = 1
ADDRESS = "help@example.com"


def run(seed: Path, rounds: int) -> list[Comparison]:
    """Both sides take the same mails in batches of 50, each into a copy of its own of the seeded database."""
    with _copy(seed) as our_home, _copy(seed) as bare_home, opened(our_home) as app:
        core, bare = core_of(app), BareIngest(bare_home, ACCOUNT_ID)
        _check_channel(core)
        ours, reference = _Batches(), _Batches()
        with _counted_statements() as statements:
            found = compare(
                "ingest: one mail",
                lambda: _per_mail(lambda batch=ours.next(): _take(core, batch)),
                lambda: _per_mail(lambda batch=reference.next(): bare.take(batch)),
                rounds=rounds,
                aim=3.0,
            )
        bare.close()
        mails = ours.taken * BATCH
        _check_results(core, mails)
    note = f"{1 / found.ours_s:,.0f} mails/s, {statements.count / mails:.1f} statements a mail; reference: email + sqlite3 + FTS5"
    return [Comparison(found.name, found.ours_s, found.reference_s, found.cpu_ratio, found.aim, note)]


@dataclass
class _Batches:
    """Batches of mails made beforehand, so that making them is not measured; the same in the same order for each side."""

    taken: int = 0

    def next(self) -> list[tuple[str, bytes]]:
        self.taken += 1
        mails = create_mails(BATCH, series=f"bench{self.taken}", to=ADDRESS)
        return [(f"BENCH:{self.taken}:{number}", raw) for number, raw in enumerate(mails)]


@dataclass
class _Statements:
    count: int = field(default=0)


def _per_mail(take) -> Sample:
    found = sample(take)()
    return Sample(found.wall_s / BATCH, found.cpu_s / BATCH)


def _take(core: Core, batch: list[tuple[str, bytes]]) -> None:
    """As a poller does it with what a channel's `fetch` yields."""
    events = [RawEvent(raw, source_key=key, content_type="message/rfc822") for key, raw in batch]
    for event_id in record_events(core, ACCOUNT_ID, events, cursor={"uid": 1}, is_processed_here=True):
        process_event(core, event_id)


@contextmanager
def _copy(seed: Path) -> Iterator[Path]:
    with TemporaryDirectory(dir=ROOT, prefix="run-") as folder:
        home = Path(folder) / "home"
        shutil.copytree(seed, home)
        yield home


@contextmanager
def _counted_statements() -> Iterator[_Statements]:
    """Counts what goes to the database, BEGIN and COMMIT left out."""
    statements = _Statements()

    def count(*_: object) -> None:
        statements.count += 1

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", count)


def _check_channel(core: Core) -> None:
    if "mailbox" not in core.plugins.channels:
        raise SystemExit("The plugin mailbox does not run; without it no mail can be taken in.")


def _check_results(core: Core, mails: int) -> None:
    """A fast intake that loses or misplaces mails would be none."""
    mine = InboundEvent.source_key.startswith("BENCH:")
    states = select(InboundEvent.state, func.count()).where(mine).group_by(InboundEvent.state)
    found = dict(core.session.execute(states).tuples().all())
    if found != {EventState.PROCESSED: mails}:
        raise SystemExit(f"The intake did not process all {mails} mails: {found}")
