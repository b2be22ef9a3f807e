"""The pages about plugins, one file per page; they share one blueprint. What plugins themselves show is in `app.web.plugin_routes`."""

from app.web.pages.plugins import conflicts, consent, detail, hooks, listing, settings
from app.web.pages.plugins.blueprint import blueprint

__all__ = ["blueprint"]

_ = (conflicts, consent, detail, hooks, listing, settings)  # they add views to it
