"""Being told at once: the app's webhook and the subscription of each account, as far as the plan allows. What was found is kept.

Polling goes on beside it, more seldom. Whether X wants its challenge signed with the client secret or with the API key secret depends on
the app, and its pages disagree: the first is tried, then the other.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.errors import ConnectorError, Rejected
from connectors.x_api import AppClient, Webhook
from plugins.twitter.names import own_id
from plugins.twitter.troubles import channel_error, translated
from plugins.twitter.x import app_client, asked, has_api_key
from tidings import Account, ChannelError, Host

__all__ = [
    "Told",
    "challenge_secret",
    "is_revoked",
    "is_told_at_once",
    "look_after",
    "note_revoked",
    "note_signed_in",
    "note_told",
    "subscribe",
    "told_of",
]

NOTED_EVERY = timedelta(minutes=10)
TRUSTED_FOR = timedelta(hours=36)
"""A subscription that was neither heard from nor checked for so long is not relied on."""
_SECRETS = ("client_secret", "consumer_secret")


@dataclass(frozen=True, slots=True)
class Told:
    """Whether X tells of an account at once. `why_not` is a sentence; `at` when that was found, or when X told something last."""

    is_on: bool = False
    why_not: str = ""
    at: datetime | None = None


def challenge_secret(host: Host) -> str:
    """What the answer to X's challenge is made with."""
    first = host.store.get("challenge_secret", _SECRETS[0])
    found = [str(host.settings.get(name) or "") for name in sorted(_SECRETS, key=lambda name: name != first)]
    return next(filter(None, found), "")


def subscribe(host: Host, account: Account) -> Told:
    """Register the webhook if need be, and have the account's events sent there. Never raises: without it, polling does the work."""
    told = _subscribed(host, account)
    kept = {"is_on": told.is_on, "why_not": told.why_not, "at": host.now().isoformat()}
    host.store.set(f"told:{account.id}", kept)
    return told


def told_of(host: Host, account_id: int) -> Told:
    """What is known of an account's subscription."""
    kept = host.store.get(f"told:{account_id}")
    return Told(kept["is_on"], kept["why_not"], datetime.fromisoformat(kept["at"])) if kept else Told()


def is_told_at_once(host: Host, account_id: int) -> bool:
    """Whether webhooks can be relied on, so that polling may be rare."""
    told = told_of(host, account_id)
    return told.is_on and told.at is not None and told.at + TRUSTED_FOR > host.now()


def note_told(host: Host, account_id: int) -> None:
    """A webhook for the account came. Written down now and then, not for each."""
    told = told_of(host, account_id)
    if not told.is_on or told.at is None or told.at + NOTED_EVERY <= host.now():
        host.store.set(f"told:{account_id}", {"is_on": True, "why_not": "", "at": host.now().isoformat()})


def note_revoked(host: Host, account_id: int) -> None:
    """X told that the owner took the app's rights away: the next look asks for a new sign-in, without asking X."""
    host.store.set(f"revoked:{account_id}", host.now().isoformat())
    host.store.delete(f"told:{account_id}")


def is_revoked(host: Host, account_id: int) -> bool:
    """Whether the rights were taken away since the last sign-in."""
    return host.store.get(f"revoked:{account_id}") is not None


def note_signed_in(host: Host, account_id: int) -> None:
    """The owner signed in (again)."""
    host.store.delete(f"revoked:{account_id}")


def look_after(host: Host) -> None:
    """Once in a while: the webhook is made valid again where it failed, lost subscriptions are asked for anew, and those of accounts that
    were removed here are ended."""
    for account in host.accounts():
        subscribe(host, account)
    if has_api_key(host):
        _end_strays(host)


def _end_strays(host: Host) -> None:
    """What goes wrong is logged and tried again: X's events for nobody here are left alone anyway."""
    ours = {own_id(account) for account in host.accounts(with_paused=True)}
    try:
        app = app_client(host)
        for webhook in app.webhooks():
            strays = set(app.subscribed_ids(webhook.id)) - ours if webhook.url == host.shared_webhook_url() else ()
            for user_id in strays:
                app.unsubscribe(webhook.id, user_id)
    except ConnectorError as error:
        host.log.info("subscriptions of removed accounts could not be ended: %s", error)


def _subscribed(host: Host, account: Account) -> Told:
    if not has_api_key(host):
        return Told(why_not=host.gettext("API key and secret are missing in the settings of X."))
    try:
        webhook = _webhook(host)
        is_on = asked(host, account, lambda client: client.subscribe(webhook.id))
    except ChannelError as error:
        return Told(why_not=str(error))
    except ConnectorError as error:
        return Told(why_not=str(channel_error(error, host.now())))
    return Told(is_on, "" if is_on else host.gettext("X did not take the subscription."))


def _webhook(host: Host) -> Webhook:
    """The app's webhook at our address, registered now if it is not yet. Raises `ChannelError` and `ConnectorError`."""
    with translated(host.now):
        app, url = app_client(host), host.shared_webhook_url()
        known = next((one for one in app.webhooks() if one.url == url), None)
        if known is None:
            return _registered(host, app, url)
        if not known.is_valid:
            app.check_webhook(known.id)
        return known


def _registered(host: Host, app: AppClient, url: str) -> Webhook:
    try:
        return app.create_webhook(url)
    except Rejected:
        has_both = all(host.settings.get(name) for name in _SECRETS)
        if not has_both:
            raise
        first = host.store.get("challenge_secret", _SECRETS[0])
        host.store.set("challenge_secret", next(name for name in _SECRETS if name != first))
        return app.create_webhook(url)
