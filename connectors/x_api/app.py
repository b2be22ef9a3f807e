"""X's API as the app itself uses it: the webhook it has, and whose events go there.

https://docs.x.com/x-api/webhooks/introduction, https://docs.x.com/x-api/account-activity/introduction
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import requests

from connectors.errors import Unavailable
from connectors.transport import create_session
from connectors.x_api.door import BASE_URL, Door
from connectors.x_api.json_fields import Fields, fields, items, number_text, text
from connectors.x_api.types import Webhook

__all__ = ["AppClient"]


def _now() -> datetime:
    return datetime.now(UTC)


class AppClient:
    """The app, with its own token (`oauth.app_token`). Raises as `XClient` does."""

    def __init__(
        self,
        token: str,
        *,
        base_url: str = BASE_URL,
        session: requests.Session | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._door = Door(session or create_session(), base_url, now)
        self._headers = {"Authorization": f"Bearer {token}"}

    def webhooks(self) -> tuple[Webhook, ...]:
        """The addresses the app has registered."""
        return tuple(_webhook(one) for one in items(self._call("GET", "/2/webhooks").get("data")))

    def create_webhook(self, url: str) -> Webhook:
        """Register an address; X asks it for an answer to its challenge before this returns. XRejected when that goes wrong or the plan
        has no webhook left."""
        answer = self._call("POST", "/2/webhooks", json={"url": url})
        return _webhook(fields(answer.get("data")) or answer)

    def check_webhook(self, webhook_id: str) -> None:
        """Ask X to send its challenge again, which makes an address valid that had failed."""
        self._call("PUT", f"/2/webhooks/{webhook_id}")

    def delete_webhook(self, webhook_id: str) -> None:
        """Take an address back; nothing is posted there any more."""
        self._call("DELETE", f"/2/webhooks/{webhook_id}")

    def subscribed_ids(self, webhook_id: str) -> tuple[str, ...]:
        """The ids of the people whose events go to the webhook."""
        answer = self._call("GET", f"/2/account_activity/webhooks/{webhook_id}/subscriptions/all/list")
        return tuple(text(one.get("user_id")) for one in items(fields(answer.get("data")).get("subscriptions")))

    def unsubscribe(self, webhook_id: str, user_id: str) -> None:
        """End the events of one person."""
        self._call("DELETE", f"/2/account_activity/webhooks/{webhook_id}/subscriptions/{user_id}/all")

    def _call(self, method: str, path: str, **kwargs: Any) -> Fields:
        response = self._door.request(method, path, headers=self._headers, **kwargs)
        if response.status_code == 204 or not response.content:
            return {}
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise Unavailable("X answered with something that is not understood.", step="request")
        return answer


def _webhook(value: Fields) -> Webhook:
    webhook_id = number_text(value.get("id"))
    if not webhook_id:
        raise Unavailable("X did not say which webhook it is.", step="request")
    return Webhook(webhook_id, text(value.get("url")), value.get("valid") is True)
