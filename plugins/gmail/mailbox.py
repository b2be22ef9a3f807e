"""One mailbox at Google while it is being used: requests that count their units and survive a token that was refused before its time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Concatenate, ParamSpec, TypeVar

from connectors.errors import AuthExpired
from connectors.gmail import GmailClient
from plugins.gmail.access import AccessToken
from plugins.gmail.application import Application
from plugins.gmail.troubles import translated
from plugins.gmail.units import UnitCounter
from tidings import Account, Host

__all__ = ["Mailbox", "open_mailbox"]

P = ParamSpec("P")
T = TypeVar("T")


class Mailbox:
    """Say a method of `GmailClient` and its arguments: `mailbox.ask(GmailClient.message, "18f3a")`. Belongs to one thread."""

    def __init__(self, client: GmailClient, token: AccessToken, counter: UnitCounter) -> None:
        self._client = client
        self._token = token
        self._counter = counter

    def ask(self, method: Callable[Concatenate[GmailClient, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a request. When Google refuses a token that we had kept, a fresh one is tried, once. Raises `ConnectorError`."""
        self._counter.count(method.__name__)
        try:
            return method(self._client, *args, **kwargs)
        except AuthExpired:
            if not self._token.refused():
                raise
        return method(self._client, *args, **kwargs)

    def renew(self) -> None:
        """Get a fresh access token, which the host takes as a sign that the mailbox can be used again. Raises `ConnectorError`."""
        self._token.renew()


@contextmanager
def open_mailbox(host: Host, account: Account) -> Iterator[Mailbox]:
    """The mailbox of an account. Raises `NeedsReauth`, `Temporary` or `Permanent` for what goes wrong inside."""
    application = Application.of(host)
    counter = UnitCounter(host, account.id)
    with translated(host.now):
        token = AccessToken(host, account, application)
        client = GmailClient(host.http, token, endpoint=application.api_endpoint)
        try:
            yield Mailbox(client, token, counter)
        finally:
            counter.write_down()
