"""Whom the installation knows: own domains, agents, and domains that have proven themselves; what strangers could be mistaken for."""

from datetime import timedelta

from sqlalchemy import select

from app.domain.authenticity import is_proven
from app.domain.lookalikes import Acquaintances, Familiar, folded_name, organisation_of
from app.models import Agent, KnownDomain
from app.plugin_api.messages import InboundMessage
from app.services.core import Core, Unit
from app.services.counting import upsert
from app.services.own_addresses import own_addresses
from app.services.settings import get_setting

__all__ = ["familiar", "note_domain"]

_OUTDATED = timedelta(minutes=1)
_MOST_DOMAINS = 1_000
_known = KnownDomain.__table__


def familiar(core: Core) -> Familiar:
    """What is known, read anew once a minute. Must not be called while a transaction writes."""
    known = core.familiar.known
    if known is None or core.clock.now() - known.read_at >= _OUTDATED:
        core.familiar.renew(_read(core))
    return core.familiar


def note_domain(core: Core, unit: Unit, message: InboundMessage) -> None:
    """Count whose domain vouches for a mail, once a day. What is counted is what had to be registered: of names below that anybody can
    invent one for each mail."""
    if message.mail is None or message.authenticity is None or not is_proven(message.authenticity):
        return
    domain, today = organisation_of(message.authenticity.domain)[:255], unit.now.date().isoformat()
    if not domain or core.familiar.was_noted(domain, today):
        return
    row = {"domain": domain, "messages": 1, "last_at": unit.now}
    statement = upsert(unit.connection)(_known).values(row)
    again = {"messages": _known.c.messages + 1, "last_at": unit.now}
    earlier = _known.c.last_at < unit.now.replace(hour=0, minute=0, second=0, microsecond=0)
    unit.connection.execute(statement.on_conflict_do_update(index_elements=["domain"], set_=again, where=earlier))
    unit.once_committed(lambda: core.familiar.note(domain, today))


def _read(core: Core) -> Acquaintances:
    session = core.session
    accounts = own_addresses(session.connection()).domains
    agents = session.execute(select(Agent.name, Agent.email)).all()
    newest = select(KnownDomain.domain, KnownDomain.messages).order_by(KnownDomain.messages.desc())
    domains = session.execute(newest.limit(_MOST_DOMAINS)).all()
    business = get_setting(core, "business_name", "") or ""
    session.rollback()
    names = [name for name, _ in agents if len((name or "").split()) > 1] + [business]
    own = {email.lower().rpartition("@")[2] for _, email in agents}
    return Acquaintances(
        own=accounts | frozenset(filter(None, own)),
        domains={domain: days for domain, days in domains},
        names=frozenset(filter(None, map(folded_name, names))),
        read_at=core.clock.now(),
    )
