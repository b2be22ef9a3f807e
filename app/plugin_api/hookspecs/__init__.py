"""The hooks of Tidings. Four shapes, told apart by name: announce (past tense), filter_…, collect (register_… or a plural), ask.

Every hook has `host`: the `Host` made for the plugin that is called. An implementation may leave out arguments it does not need.
The host calls each implementation by itself: one that fails is logged and counted against its plugin, the others go on.
"""

# In the order of docs/hooks.md, which is written from them.
# ruff: noqa: I001

from app.plugin_api.hookspecs.markers import PROJECT, hookimpl, hookspec
from app.plugin_api.hookspecs.starting import (
    register_channels,
    register_routes,
    register_services,
    register_jobs,
    register_settings,
    register_webhook_readers,
)
from app.plugin_api.hookspecs.pages import (
    dashboard_panels,
    navigation_links,
    conversation_panels,
    conversation_actions,
    message_actions,
    contact_panels,
    contact_actions,
    account_panels,
)
from app.plugin_api.hookspecs.announcements import (
    message_received,
    message_sent,
    delivery_failed,
    conversation_created,
    conversation_changed,
    account_saved,
    housekeeping_due,
)
from app.plugin_api.hookspecs.filters import (
    filter_inbound,
    filter_outbound,
)
from app.plugin_api.hookspecs.questions import (
    match_contact,
    choose_team,
    choose_sending_account,
)

__all__ = [
    "PROJECT",
    "account_panels",
    "account_saved",
    "choose_sending_account",
    "choose_team",
    "contact_actions",
    "contact_panels",
    "conversation_actions",
    "conversation_changed",
    "conversation_created",
    "conversation_panels",
    "dashboard_panels",
    "delivery_failed",
    "filter_inbound",
    "filter_outbound",
    "hookimpl",
    "hookspec",
    "housekeeping_due",
    "match_contact",
    "message_actions",
    "message_received",
    "message_sent",
    "navigation_links",
    "register_channels",
    "register_jobs",
    "register_routes",
    "register_services",
    "register_settings",
    "register_webhook_readers",
]
