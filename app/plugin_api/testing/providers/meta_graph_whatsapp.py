"""The WhatsApp Cloud API in the fake of Meta's Graph API: messages with their window, media, numbers, templates.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference
"""

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.plugin_api.testing.providers.meta_graph_calls import Call, edge
from app.plugin_api.testing.providers.meta_graph_state import Message, Refused, paged

if TYPE_CHECKING:
    from app.plugin_api.testing.providers.meta_graph import FakeMetaGraph

WINDOW = timedelta(hours=24)
KINDS = {
    "text",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "template",
    "reaction",
    "location",
    "contacts",
    "interactive",
}


@edge("number", "messages", "POST")
def send(graph: "FakeMetaGraph", call: Call) -> object:
    call.needs("whatsapp_business_messaging")
    if call.must("messaging_product") != "whatsapp":
        raise Refused("(#100) Param messaging_product must be one of {WHATSAPP}", 100)
    if call.params.get("status") == "read":
        graph.state.whatsapp_read.append(str(call.must("message_id")))
        return {"success": True}
    to, kind = str(call.must("to")).lstrip("+"), str(call.params.get("type", "text"))
    if kind not in KINDS or not isinstance(call.params.get(kind), dict | list):
        raise Refused(f"(#100) The parameter {kind} is required.", 100)
    if kind == "template":
        _check_template(graph, call)
    else:
        _check_window(graph, call, to)
    _check_media(graph, call, kind)
    content: Any = call.params[kind]
    said = (
        str(content.get("body") or content.get("caption") or content.get("name") or "")
        if isinstance(content, dict)
        else ""
    )
    message = Message(f"wamid.{graph.state.new_id()}", "", to, True, said, graph.now(), body=dict(call.params))
    graph.state.sent.append(message)
    return {
        "messaging_product": "whatsapp",
        "contacts": [{"input": call.params["to"], "wa_id": to}],
        "messages": [{"id": message.id, **({"message_status": "accepted"} if kind == "template" else {})}],
    }


@edge("number", "media", "POST")
def upload(graph: "FakeMetaGraph", call: Call) -> object:
    if call.must("messaging_product") != "whatsapp" or "file" not in call.files:
        raise Refused("(#100) The parameter file is required.", 100)
    file = call.files["file"]
    return {"id": graph.add_media(file.stream.read(), file.content_type or str(call.params.get("type", "")))}


@edge("media", "", "GET")
def read_media(graph: "FakeMetaGraph", call: Call) -> object:
    media = graph.state.media[call.node]
    return {
        "messaging_product": "whatsapp",
        "url": f"{graph.address}/whatsapp_business/attachments/?mid={media.id}",
        "mime_type": media.content_type,
        "sha256": hashlib.sha256(media.content).hexdigest(),
        "file_size": len(media.content),
        "id": media.id,
    }


@edge("business", "phone_numbers", "GET")
def numbers(graph: "FakeMetaGraph", call: Call) -> object:
    call.needs("whatsapp_business_management")
    found = [
        {"id": one.id, "display_phone_number": one.display, "verified_name": one.name, "quality_rating": "GREEN"}
        for one in graph.state.numbers.values()
        if one.business_id == call.node
    ]
    return paged(found, call.params, f"{graph.address}{call.asked.path}")


@edge("business", "message_templates", "GET")
def templates(graph: "FakeMetaGraph", call: Call) -> object:
    call.needs("whatsapp_business_management")
    return paged(graph.state.businesses[call.node], call.params, f"{graph.address}{call.asked.path}")


@edge("business", "subscribed_apps", "POST")
def subscribe(graph: "FakeMetaGraph", call: Call) -> object:
    graph.state.subscribed_businesses.add(call.node)
    return {"success": True}


@edge("business", "subscribed_apps", "DELETE")
def unsubscribe(graph: "FakeMetaGraph", call: Call) -> object:
    graph.state.subscribed_businesses.discard(call.node)
    return {"success": True}


def _check_window(graph: "FakeMetaGraph", call: Call, to: str) -> None:
    wrote_at = graph.state.numbers[call.node].last_written_at.get(to)
    if wrote_at is None or graph.now() - wrote_at > WINDOW:
        details = "Message failed to send because more than 24 hours have passed since the customer last replied to this number."
        raise Refused(
            "(#131047) Re-engagement message", 131047, error_data={"messaging_product": "whatsapp", "details": details}
        )


def _check_template(graph: "FakeMetaGraph", call: Call) -> None:
    wanted = call.object("template")
    name, language = wanted.get("name"), (wanted.get("language") or {}).get("code")
    known = graph.state.businesses[graph.state.numbers[call.node].business_id]
    found = [
        one for one in known if one["name"] == name and one["language"] == language and one["status"] == "APPROVED"
    ]
    if not found:
        details = {"messaging_product": "whatsapp", "details": f"template name ({name}) does not exist in {language}"}
        raise Refused(
            "(#132001) Template name does not exist in the translation", 132001, status=404, error_data=details
        )


def _check_media(graph: "FakeMetaGraph", call: Call, kind: str) -> None:
    content: Any = call.params[kind]
    media_id = content.get("id") if isinstance(content, dict) and kind != "interactive" else None
    if media_id and media_id not in graph.state.media:
        raise Refused("(#100) Invalid parameter", 100, error_data={"details": f"{media_id} is not a valid media ID"})
