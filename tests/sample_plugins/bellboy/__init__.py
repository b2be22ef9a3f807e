"""A channel that says what may be answered, with a button in every place where one can stand, and that hears of every change.

What it says comes from its store, so that tests can tell it what to say: `rules` holds the fields of its `ReplyRules`, `fails` makes it
raise there.
"""

from bellboy.channel import BellboyChannel
from bellboy.pages import Pages
from tidings import Action, NavLink, Panel, Route, hookimpl


@hookimpl
def register_channels(host):
    return [BellboyChannel(host)]


@hookimpl
def register_routes(host):
    pages = Pages(host)
    return [
        Route("/ring/<what>/<int:number>", pages.ring, "ring", methods=("POST",)),
        Route("/rename/<int:message_id>", pages.rename, "rename", methods=("POST",)),
        Route("/dismiss", pages.dismiss, "dismiss", methods=("POST",), role="manager"),
        Route("/lost", pages.lost, "lost", methods=("POST",)),
        Route("/people", pages.people, "people"),
        Route("/desk", pages.desk, "desk"),
        Route("/safe", pages.desk, "safe", role="manager"),
    ]


@hookimpl
def navigation_links(host, viewer):
    return [
        NavLink("Safe", "/safe", order=2),
        NavLink("Desk", "/desk?floor=all", icon="bell", badge=int(host.store.get("bells") or 0), order=1),
        *[NavLink("Elsewhere", path) for path in host.store.get("links") or ()],
    ]


@hookimpl
def conversation_actions(host, conversation):
    return [
        Action("Ring twice", f"/ring/conversation/{conversation.id}", icon="bell", order=2),
        Action("Dismiss", "/dismiss", confirm="Really dismiss them?", is_danger=True, order=1),
    ]


@hookimpl
def message_actions(host, conversation, messages):
    host.store.set("shown", [[one.id, one.external_id, one.is_first, dict(one.fields)] for one in messages])
    written = [one for one in messages if one.direction == "inbound"]
    return [Action("Rename", f"/rename/{one.id}", message_id=one.id, input_label="New name") for one in written]


@hookimpl
def contact_actions(host, contact):
    return [Action(f"Ring {value}", f"/ring/contact/{contact.id}", icon="phone") for _, value in contact.addresses]


@hookimpl
def contact_panels(host, contact):
    return [Panel("Rooms", rows=(("Guest", contact.name), ("Keys", str(len(contact.addresses)))))]


@hookimpl
def conversation_changed(host, change):
    host.store.set("changed", [change.status_before, change.conversation.status, change.is_from_provider])
