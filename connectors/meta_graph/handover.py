"""Who may answer a person when a page has several apps: pass, take, request and release control of the thread.

https://developers.facebook.com/docs/messenger-platform/handover-protocol/conversation-control
"""

from __future__ import annotations

from connectors.meta_graph.client import GraphClient
from connectors.meta_graph.json_fields import fields, items, text, time
from connectors.meta_graph.types import ThreadOwner

PAGE_INBOX_APP_ID = "263902037430900"
"""The inbox that Meta itself has for pages."""
INSTAGRAM_INBOX_APP_ID = "1217981644879628"


def pass_control(page: GraphClient, page_id: str, person_id: str, app_id: str, metadata: str = "") -> None:
    """Give the thread to another app. Raises GraphRejected where it is not ours, as all functions here."""
    _move(page, page_id, "pass_thread_control", person_id, metadata, target_app_id=app_id)


def take_control(page: GraphClient, page_id: str, person_id: str, metadata: str = "") -> None:
    """Take the thread: an idle one, or any where our app is the page's primary receiver."""
    _move(page, page_id, "take_thread_control", person_id, metadata)


def request_control(page: GraphClient, page_id: str, person_id: str, metadata: str = "") -> None:
    """Ask the app that holds the thread for it; it gets a webhook and may pass it."""
    _move(page, page_id, "request_thread_control", person_id, metadata)


def release_control(page: GraphClient, page_id: str, person_id: str) -> None:
    """Let the thread become idle."""
    _move(page, page_id, "release_thread_control", person_id, "")


def thread_owner(page: GraphClient, page_id: str, person_id: str) -> ThreadOwner:
    """Return who holds the thread. Needs pages_messaging; only our own hold or none is certain to be told."""
    answer = page.get(f"{page_id}/thread_owner", {"recipient": person_id})
    owner = fields(next(iter(items(answer)), {}).get("thread_owner"))
    return ThreadOwner(text(owner.get("app_id")) or None, time(owner.get("expiration")))


def _move(page: GraphClient, page_id: str, edge: str, person_id: str, metadata: str, **more: str) -> None:
    body = {"recipient": {"id": person_id}, **more, **({"metadata": metadata} if metadata else {})}
    page.post(f"{page_id}/{edge}", body)
