"""The tables of plugins in the database of an installation; `app.plugin_host.tables` knows how they are made, kept and thrown away."""

from sqlalchemy import Engine

from app.plugin_host.tables.ledger import Ledger
from app.services.core import Core

__all__ = ["ledger_of"]


def ledger_of(core: Core) -> Ledger:
    """The ledgers of all plugins. What they do happens in transactions of their own, on connections of their own."""
    engine = core.session.get_bind()
    assert isinstance(engine, Engine)
    return Ledger(engine, core.plugins.dispatcher.guarded)
