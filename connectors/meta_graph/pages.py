"""Pages: which ones a person manages, with their tokens, and which webhooks of them come to us.

Pages: https://developers.facebook.com/docs/graph-api/reference/user/accounts,
https://developers.facebook.com/docs/graph-api/reference/page/subscribed_apps
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.meta_graph.client import GraphClient, every
from connectors.meta_graph.json_fields import Fields, fields, items, text, texts
from connectors.meta_graph.types import Page, SubscribedApp

MOST_PAGES = 1000
MESSAGING_FIELDS = (
    "messages", "messaging_postbacks", "messaging_referrals", "message_reactions", "message_reads", "message_deliveries",
    "message_echoes", "message_edits", "messaging_handovers", "standby",
)  # fmt: skip
"""Fields of a page's webhooks that `webhooks.parse` makes events of, besides "feed" for comments."""

_FIELDS = "id,name,access_token,category,tasks,picture{url},instagram_business_account{id,username,profile_picture_url}"


def list_pages(user: GraphClient, *, most: int = MOST_PAGES) -> tuple[Page, ...]:
    """Return the pages of the person whose token this is, with a page token each; follows the paging.

    Needs pages_show_list. Raises TokenRefused, RateLimited, Unavailable, GraphRejected, as all functions here.
    """
    params = {"fields": _FIELDS, "limit": 100}
    return tuple(every(lambda after: user.listing("me/accounts", params, _page, after=after), most=most))


def read_page(page: GraphClient, page_id: str = "me") -> Page:
    """Return one page by its own token: a connection test. The answer holds no token."""
    return _page(page.get(page_id, {"fields": "id,name,category,instagram_business_account{id,username}"}))


def subscribe(page: GraphClient, page_id: str, fields_wanted: Sequence[str] = (*MESSAGING_FIELDS, "feed")) -> None:
    """Have these webhooks of the page sent to the app; replaces what it was subscribed to. Needs pages_manage_metadata."""
    page.post(f"{page_id}/subscribed_apps", {"subscribed_fields": ",".join(fields_wanted)})


def subscribe_also(page: GraphClient, page_id: str, app_id: str, fields_wanted: Sequence[str]) -> None:
    """Have these webhooks sent to the app besides those it gets of the page already, which may be for something else."""
    known = [name for app in subscribed_apps(page, page_id) if app.id == app_id for name in app.fields]
    subscribe(page, page_id, tuple(dict.fromkeys((*known, *fields_wanted))))


def unsubscribe(page: GraphClient, page_id: str) -> None:
    """Have no more webhooks of the page sent to the app."""
    page.delete(f"{page_id}/subscribed_apps")


def subscribed_apps(page: GraphClient, page_id: str) -> tuple[SubscribedApp, ...]:
    """Return who gets the webhooks of the page: with a page token, our own app or nobody."""
    return tuple(
        SubscribedApp(text(one.get("id")), text(one.get("name")), texts(one.get("subscribed_fields")))
        for one in items(page.get(f"{page_id}/subscribed_apps"))
    )


def _page(item: Fields) -> Page:
    instagram = fields(item.get("instagram_business_account"))
    return Page(
        id=text(item.get("id")),
        name=text(item.get("name")),
        access_token=text(item.get("access_token")),
        tasks=texts(item.get("tasks")),
        category=text(item.get("category")),
        instagram_id=text(instagram.get("id")) or None,
        instagram_username=text(instagram.get("username")),
        instagram_picture_url=text(instagram.get("profile_picture_url")),
        picture_url=text(fields(fields(item.get("picture")).get("data")).get("url")),
    )
