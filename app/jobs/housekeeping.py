"""What is done once an hour: old changes of the feed, ended rate windows, forgotten uploads, files of messages that were never sent and
what plugins cost yesterday are thrown away, plugins are told to do the same, and admins hear of sign-ins and secrets that end soon."""

from datetime import timedelta

from sqlalchemy import delete, func, select

from app.models import Change
from app.services.automatic_answers import forget_old_answers
from app.services.channel_health import tell_of_ending_terms
from app.services.core import Core, writing
from app.services.outgoing.files import forget_unsent_files
from app.services.plugins.health import forget_old_health
from app.services.plugins.staging import sweep_staged
from app.services.rates import forget_old_rates
from app.services.silence import forget_old_arrivals

__all__ = ["do_housekeeping"]


def do_housekeeping(core: Core) -> None:
    """One round. Safe to run at any time and in several processes.

    The newest change stays: SQLite gives the id of a last row that was deleted anew, and those who follow the feed would miss it.
    """
    with writing(core) as unit:
        newest = select(func.max(Change.id)).scalar_subquery()
        is_old = Change.created_at < unit.now - timedelta(hours=1)
        unit.connection.execute(delete(Change).where(is_old, Change.id < newest))
    forget_old_rates(core)
    forget_old_answers(core)
    forget_old_arrivals(core)
    forget_unsent_files(core)
    forget_old_health(core)
    sweep_staged(core)
    tell_of_ending_terms(core)
    core.plugins.dispatcher.announce("housekeeping_due", now=core.clock.now())
