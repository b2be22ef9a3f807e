"""Tokens and pages in the fake of Meta's Graph API: the login dialog, codes, lifetimes, debug_token, accounts, subscribed_apps."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from app.plugin_api.testing.provider import Answer, Asked
from app.plugin_api.testing.providers.meta_graph_calls import Call, edge
from app.plugin_api.testing.providers.meta_graph_state import Page, Refused, Token, paged, picked

if TYPE_CHECKING:
    from app.plugin_api.testing.providers.meta_graph import FakeMetaGraph

SHORT_LIFE, LONG_LIFE = timedelta(hours=2), timedelta(days=60)
Params = Mapping[str, Any]


def show_dialog(graph: "FakeMetaGraph", asked: Asked) -> Answer:
    """The person agrees at once (or refuses, if told to) and is sent back with a code."""
    query, target = asked.query, asked.query.get("redirect_uri", "")
    if query.get("client_id") != graph.app_id or not target:
        return Answer(400, "This app cannot be used here.")
    if graph.person_declines:
        back = {
            "error": "access_denied",
            "error_code": "200",
            "error_reason": "user_denied",
            "state": query.get("state", ""),
        }
        return Answer(302, "", {"Location": f"{target}?{urlencode(back)}"})
    code = secrets.token_urlsafe(24)
    graph.state.codes[code] = (target, query.get("scope", ""))
    return Answer(302, "", {"Location": f"{target}?{urlencode({'code': code, 'state': query.get('state', '')})}"})


def give_token(graph: "FakeMetaGraph", params: Params) -> object:
    """oauth/access_token: a code or a short-lived token for a token."""
    if params.get("client_id") != graph.app_id:
        raise Refused("Error validating application. Cannot get application info due to a system error.", 101)
    if params.get("client_secret") != graph.app_secret:
        raise Refused("Error validating client secret.", 1)
    if params.get("grant_type") == "fb_exchange_token":
        return _longer(graph, str(params.get("fb_exchange_token", "")))
    target, scope = graph.state.codes.pop(str(params.get("code", "")), ("", ""))
    if not target:
        raise Refused("This authorization code has been used.", 100, 36009)
    if target != params.get("redirect_uri"):
        raise Refused(
            "Error validating verification code. Please make sure your redirect_uri is identical.", 100, 36008
        )
    granted = tuple(one for one in scope.split(",") if one and one not in graph.declined_scopes)
    return _given(graph, graph.new_token("USER", user_id=graph.user_id, life=SHORT_LIFE, scopes=granted), SHORT_LIFE)


def debug_token(graph: "FakeMetaGraph", call: Call) -> object:
    """https://developers.facebook.com/docs/graph-api/reference/debug_token"""
    if call.token.kind != "APP":
        raise Refused("(#100) You must provide an app access token, or a user access token of an owner of the app", 100)
    token = graph.state.tokens.get(str(call.must("input_token")))
    if token is None:
        error = {"code": 190, "message": "Invalid OAuth access token."}
        return {"data": {"error": error, "is_valid": False, "scopes": []}}
    is_over = token.expires_at is not None and token.expires_at <= graph.now()
    data: dict[str, Any] = {
        "app_id": graph.app_id,
        "type": token.kind,
        "application": "Tidings",
        "expires_at": int(token.expires_at.timestamp()) if token.expires_at else 0,
        "data_access_expires_at": int((graph.now() + timedelta(days=90)).timestamp()),
        "is_valid": not is_over and token.dead_subcode is None,
        "scopes": list(token.scopes),
        "granular_scopes": [{"scope": one, "target_ids": _targets(graph, one)} for one in token.scopes],
        "user_id": token.user_id,
    }
    if token.page_id:
        data["profile_id"] = token.page_id
    if not data["is_valid"]:
        subcode = token.dead_subcode or 463
        data["error"] = {"code": 190, "message": "Error validating access token.", "subcode": subcode}
    return {"data": data}


def _targets(graph: "FakeMetaGraph", scope: str) -> list[str]:
    """What the person chose for a permission: everything."""
    return sorted(graph.state.businesses if scope.startswith("whatsapp_") else graph.state.pages)


@edge("user", "", "GET")
def read_user(graph: "FakeMetaGraph", call: Call) -> object:
    values = {"id": lambda: call.token.user_id, "name": lambda: "Ada"}
    return picked(values, str(call.params.get("fields", "id,name")))


@edge("user", "permissions", "DELETE")
def revoke(graph: "FakeMetaGraph", call: Call) -> object:
    for token in graph.state.tokens.values():
        if token.user_id == call.token.user_id:
            token.dead_subcode = 458
    return {"success": True}


@edge("user", "accounts", "GET")
def accounts(graph: "FakeMetaGraph", call: Call) -> object:
    call.needs("pages_show_list")
    wanted = str(call.params.get("fields", "id,name,access_token,category,tasks"))
    pages = [picked(_page_fields(graph, page), wanted) for page in graph.state.pages.values()]
    return paged(pages, call.params, f"{graph.address}{call.asked.path}")


@edge("page", "", "GET")
def read_page(graph: "FakeMetaGraph", call: Call) -> object:
    return picked(_page_fields(graph, graph.state.pages[call.node]), str(call.params.get("fields", "id,name")))


@edge("page", "subscribed_apps", "POST")
def subscribe(graph: "FakeMetaGraph", call: Call) -> object:
    call.needs("pages_manage_metadata")
    wanted = tuple(one for one in str(call.must("subscribed_fields")).split(",") if one)
    graph.state.pages[call.node].subscribed = wanted
    return {"success": True}


@edge("page", "subscribed_apps", "GET")
def subscribed(graph: "FakeMetaGraph", call: Call) -> object:
    names = graph.state.pages[call.node].subscribed
    app = {"link": "https://tidings.example/", "name": "Tidings", "id": graph.app_id, "subscribed_fields": list(names)}
    return {"data": [app] if names else []}


@edge("page", "subscribed_apps", "DELETE")
def unsubscribe(graph: "FakeMetaGraph", call: Call) -> object:
    graph.state.pages[call.node].subscribed = ()
    return {"success": True}


def _page_fields(graph: "FakeMetaGraph", page: Page) -> dict[str, Any]:
    instagram = (
        {"id": page.instagram_id, "username": page.name.lower().replace(" ", "_")} if page.instagram_id else None
    )
    return {
        "id": lambda: page.id,
        "name": lambda: page.name,
        "access_token": lambda: page.token,
        "category": lambda: "Local business",
        "tasks": lambda: list(page.tasks),
        "picture": lambda: {"data": {"url": f"{graph.address}/files/picture-{page.id}", "is_silhouette": False}},
        "instagram_business_account": lambda: instagram,
    }


def _longer(graph: "FakeMetaGraph", text: str) -> object:
    token = graph.state.tokens.get(text)
    if token is None or token.dead_subcode is not None or (token.expires_at and token.expires_at <= graph.now()):
        raise Refused("Error validating access token.", 190, 463 if token else None)
    return _given(graph, graph.new_token("USER", user_id=token.user_id, life=LONG_LIFE, scopes=token.scopes), LONG_LIFE)


def _given(graph: "FakeMetaGraph", token: Token, life: timedelta) -> object:
    return {"access_token": token.text, "token_type": "bearer", "expires_in": int(life.total_seconds())}
