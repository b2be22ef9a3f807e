"""The pages about plugins, one file per page; they share one blueprint. What plugins themselves show is in `app.web.plugin_routes`."""

from app.web.pages.plugins import conflicts, consent, detail, hooks, listing, removal, settings, upload
from app.web.pages.plugins.blueprint import blueprint

__all__ = ["blueprint"]

_ = (conflicts, consent, detail, hooks, listing, removal, settings, upload)  # they add views to it
