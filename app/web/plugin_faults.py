"""What a page does when plugin code that it called failed: it cleans the database session, and tells admins of what fails repeatedly."""

import logging

from sqlalchemy.exc import SQLAlchemyError

from app.plugin_api.texts import translatable
from app.plugin_host.health.book import describe
from app.services.notices import tell_now
from app.web.current import current_core

__all__ = ["note_fault"]

log = logging.getLogger(__name__)

_TEXT = translatable("The plugin %(name)s failed %(count)s times in a row in “%(what)s”: %(reason)s")


def note_fault(plugin: str, what: str, error: BaseException) -> None:
    """Call it in the handler of what `Dispatcher.guarded` raised, which has counted it."""
    core = current_core()
    core.session.rollback()
    log.error("plugin %s failed in %s", plugin, what, exc_info=error)
    health = core.plugins.health
    failures = health.record(plugin, what, can_rest=False).failures_in_row
    if failures % health.limits.failures_in_row:
        return
    data = {"name": plugin, "what": what, "count": failures, "reason": describe(error)}
    try:
        tell_now(
            core,
            subject=f"plugin:{plugin}:{what}",
            text=_TEXT,
            data=data,
            path=f"/settings/plugins/{plugin}",
            level="error",
        )
    except SQLAlchemyError:  # the page is answered whether or not this can be told now
        log.exception("a fault of the plugin %s could not be told", plugin)
