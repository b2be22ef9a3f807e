"""A channel that fails at every border: it loops while it checks a request, exits while it translates, and raises in its test."""

import sys

from tidings import Capability, Channel, RawEvent, WebhookReply, hookimpl


class BrokenChannel(Channel):
    title = "Broken"
    capabilities = frozenset({Capability.WEBHOOK})
    address_kind = "broken"

    def test_connection(self, account):
        raise ZeroDivisionError("tested to death")

    def verify_webhook(self, account, request):
        while request.query.get("do") == "loop":
            pass

    def receive_webhook(self, account, request):
        if request.query.get("do") == "nonsense":
            return "thank you"
        return WebhookReply(events=(RawEvent(request.body),))

    def translate(self, account, event):
        sys.exit(5)


@hookimpl
def register_channels(host):
    return [BrokenChannel()]
