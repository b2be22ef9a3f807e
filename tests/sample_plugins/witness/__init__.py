"""A plugin that behaves: it counts every call in each shape of hook, so that tests can tell whether another plugin kept it from working."""

from tidings import Panel, Route, hookimpl


@hookimpl
def register_routes(host):
    return [Route("/hello", lambda request: "Hello from the witness", "hello", is_public=True)]


@hookimpl
def filter_inbound(host, message, account):
    host.store.increment("filtered")


@hookimpl
def choose_team(host, message, account):
    host.store.increment("asked")


@hookimpl
def message_received(host, message):
    host.store.increment("told")
    host.store.set("heard", {"text": message.text, "fields": dict(message.fields)})


@hookimpl
def conversation_panels(host, conversation):
    return [
        Panel("Witness", rows=(("Told", str(host.store.get("told", 0))), ("Conversation", str(conversation.id)))),
        Panel("Written by the witness", template="witness/panel.html", context={"name": conversation.contact_name}),
    ]
