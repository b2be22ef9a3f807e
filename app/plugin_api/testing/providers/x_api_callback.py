"""How the fake of X reaches the app: its challenge to the webhook, and signed events. Only who is subscribed is told of."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import requests

from app.plugin_api.testing.provider import Asked
from app.plugin_api.testing.providers.x_api_login import APP, who_asks
from app.plugin_api.testing.providers.x_api_state import Refused, State, Webhook, problem

if TYPE_CHECKING:
    from app.plugin_api.testing.providers.x_api import FakeX

__all__ = ["Callback", "listen_for_webhooks"]


class Callback:
    """A part of `FakeX`. `delivered` holds (body, status) of each webhook, `undelivered` the bodies that were not taken."""

    state: State
    now: Callable[[], datetime]
    client_secret: str
    consumer_secret: str
    is_telling: bool
    delivered: list[tuple[dict[str, Any], int]]
    undelivered: list[dict[str, Any]]

    def sign(self, body: bytes) -> dict[str, str]:
        """The headers of a webhook with this body, signed with each secret that the app has."""
        named = {
            "x-twitter-webhooks-signature": self.consumer_secret,
            "x-twitter-webhooks-signature-oauth2": self.client_secret,
        }
        signed = {name: _mac(body, secret) for name, secret in named.items() if secret}
        return {"Content-Type": "application/json", **signed}

    def tell(self, body: dict[str, Any]) -> None:
        """Send an event to each webhook that the person is subscribed to."""
        source = body.get("user_event", {}).get("revoke", {}).get("source", {})
        user_id = body.get("for_user_id") or source.get("user_id")
        for webhook in self.state.webhooks.values():
            if self.is_telling and webhook.is_valid and user_id in webhook.subscribed:
                self.deliver(webhook.url, body)

    def deliver(self, url: str, body: dict[str, Any]) -> int:
        """Post a signed body; returns the status, 0 where nobody answered. X does not try again by itself."""
        data = json.dumps(body, ensure_ascii=False).encode()
        try:
            status = requests.post(url, data=data, headers=self.sign(data), timeout=10).status_code
        except requests.RequestException:
            status = 0
        self.delivered.append((body, status))
        if status != 200:
            self.undelivered.append(body)
        return status

    def challenge(self, url: str) -> bool:
        """Ask the webhook for its answer to a challenge; whether it was right."""
        token = secrets.token_urlsafe(24)
        try:
            answer = requests.get(url, params={"crc_token": token}, timeout=10, allow_redirects=False)
            said = answer.json().get("response_token") if answer.status_code == 200 else None
        except (requests.RequestException, ValueError, AttributeError):
            return False
        return said in [_mac(token.encode(), one) for one in (self.client_secret, self.consumer_secret) if one]


def listen_for_webhooks(x: "FakeX") -> None:
    """Answer what manages webhooks and subscriptions."""
    _listen_for_addresses(x)
    _listen_for_subscriptions(x)


def _listen_for_addresses(x: "FakeX") -> None:

    @x.answers("/2/webhooks", "GET", "POST")
    def webhooks(asked: Asked) -> object:
        _only_app(x, asked)
        if asked.method == "GET":
            found = [_described(one) for one in x.state.webhooks.values()]
            return {"data": found, "meta": {"result_count": len(found)}}
        url = str(asked.json().get("url", ""))
        if len(x.state.webhooks) >= x.most_webhooks:
            raise Refused(problem("client-forbidden", 403, "Forbidden", "Too many resources already created."))
        if any(one.url == url for one in x.state.webhooks.values()):
            raise Refused(problem("invalid-request", 400, "Invalid Request", "DuplicateUrlFailed"))
        if not x.challenge(url):
            raise Refused(problem("invalid-request", 400, "Invalid Request", "CrcValidationFailed"))
        webhook = Webhook(x.state.new_id(x.now()), url, x.now())
        x.state.webhooks[webhook.id] = webhook
        return {"data": _described(webhook)}

    @x.answers("/2/webhooks/<webhook_id>", "PUT", "DELETE")
    def one_webhook(asked: Asked) -> object:
        _only_app(x, asked)
        webhook = _named(x, asked)
        if asked.method == "DELETE":
            del x.state.webhooks[webhook.id]
            return {"data": {"deleted": True}}
        webhook.is_valid = x.challenge(webhook.url)
        return {"data": {"attempted": True}}


def _listen_for_subscriptions(x: "FakeX") -> None:
    @x.answers("/2/account_activity/webhooks/<webhook_id>/subscriptions/all", "GET", "POST")
    def subscription(asked: Asked) -> object:
        person, webhook = who_asks(x, asked, "dm.read", "tweet.read", "users.read"), _named(x, asked)
        if asked.method == "GET":
            return {"data": {"subscribed": person.id in webhook.subscribed}}
        if not x.allows_subscriptions:
            detail = "This request must be made using an approved developer account that is enrolled."
            raise Refused(problem("client-forbidden", 403, "Client Forbidden", detail, reason="client-not-enrolled"))
        if person.id in webhook.subscribed:
            raise Refused(problem("invalid-request", 400, "Invalid Request", "DuplicateSubscriptionFailed"))
        webhook.subscribed.append(person.id)
        return {"data": {"subscribed": True}}

    @x.answers("/2/account_activity/webhooks/<webhook_id>/subscriptions/all/list")
    def subscriptions(asked: Asked) -> object:
        _only_app(x, asked)
        webhook = _named(x, asked)
        people = [{"user_id": one} for one in webhook.subscribed]
        return {"data": {"webhook_id": webhook.id, "webhook_url": webhook.url, "subscriptions": people}}

    @x.answers("/2/account_activity/webhooks/<webhook_id>/subscriptions/<user_id>/all", "DELETE")
    def unsubscribe(asked: Asked) -> object:
        _only_app(x, asked)
        webhook = _named(x, asked)
        webhook.subscribed = [one for one in webhook.subscribed if one != asked.values["user_id"]]
        return {"data": {"subscribed": False}}


def _only_app(x: "FakeX", asked: Asked) -> None:
    if who_asks(x, asked) is not APP:
        detail = "Authenticating with OAuth 2.0 User Context is forbidden for this endpoint."
        raise Refused(problem("unsupported-authentication", 403, "Unsupported Authentication", detail))


def _named(x: "FakeX", asked: Asked) -> Webhook:
    webhook = x.state.webhooks.get(asked.values["webhook_id"])
    if webhook is None:
        raise Refused(problem("resource-not-found", 404, "Not Found Error", "WebhookIdInvalid"))
    return webhook


def _described(webhook: Webhook) -> Mapping[str, object]:
    at = webhook.made_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {"id": webhook.id, "url": webhook.url, "valid": webhook.is_valid, "created_at": at}


def _mac(data: bytes, secret: str) -> str:
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), data, hashlib.sha256).digest()).decode()
