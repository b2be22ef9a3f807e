"""The pages about plugins, one file per page; they share one blueprint. What plugins themselves show is in `app.web.plugin_routes`."""

from app.web.pages.plugins import conflicts, consent, detail, hooks, limits, listing, removal, repair, settings, upload
from app.web.pages.plugins.blueprint import blueprint

__all__ = ["blueprint"]

_ = (conflicts, consent, detail, hooks, limits, listing, removal, repair, settings, upload)  # they add views to it
