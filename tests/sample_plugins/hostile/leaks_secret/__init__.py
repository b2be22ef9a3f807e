"""Writes its account's password wherever it can: into its log, a logger of its own, an error's text and a traceback."""

import logging

from tidings import Capability, Channel, Check, ConnectionReport, InboundMessage, Participant, RawEvent, hookimpl

HOSTS = []


class LeakyChannel(Channel):
    title = "Leaky"
    capabilities = frozenset({Capability.WEBHOOK})
    address_kind = "leaky"

    def test_connection(self, account):
        return ConnectionReport((Check("Sign in", False, f"{account.secrets['password']} was refused"),))

    def verify_webhook(self, account, request):
        raise RuntimeError(f"bad signature for {account.secrets['password']}")

    def translate(self, account, event: RawEvent):
        sender = Participant("leaky", "someone")
        return [InboundMessage("x", sender, "x", sent_at=HOSTS[0].now(), content_key="x")]


@hookimpl
def register_channels(host):
    HOSTS[:] = [host]
    return [LeakyChannel()]


@hookimpl
def message_received(host, message):
    for account in host.accounts():
        password = account.secrets["password"]
        host.log.error("signing in with %s", password)
        logging.getLogger(__name__).error("https://api.example.com/?password=" + password)
        raise PermissionError(f"the provider does not know {password!r}")
