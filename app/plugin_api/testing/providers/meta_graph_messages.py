"""Messenger and Instagram in the fake of Meta's Graph API: sending with its windows, profiles, conversations, control of threads."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.plugin_api.testing.providers.meta_graph_calls import Call, edge
from app.plugin_api.testing.providers.meta_graph_state import Message, Person, Refused, paged, picked, stamp

if TYPE_CHECKING:
    from app.plugin_api.testing.providers.meta_graph import FakeMetaGraph

WINDOW, HUMAN_AGENT_WINDOW = timedelta(hours=24), timedelta(days=7)
REPLY_TO_COMMENT_WITHIN = timedelta(days=7)
MOST_CHARACTERS, MOST_ATTACHMENT_BYTES = 2000, 25 * 1024 * 1024
ACTIONS = {"typing_on", "typing_off", "mark_seen", "react", "unreact"}


@edge("page", "messages", "POST")
def send(graph: "FakeMetaGraph", call: Call) -> object:
    """https://developers.facebook.com/docs/messenger-platform/reference/send-api"""
    call.needs("pages_messaging")
    recipient = call.object("recipient")
    if "comment_id" in recipient:
        return _reply_privately(graph, call, str(recipient["comment_id"]))
    person = _person(graph, call.node, str(recipient.get("id", "")))
    if "sender_action" in call.params:
        return _act(graph, call, person)
    message = call.object("message")
    _check_content(message)
    _check_thread(graph, person)
    _check_window(graph, call, person)
    return _stored(graph, call, person, message)


@edge("person", "", "GET")
def profile(graph: "FakeMetaGraph", call: Call) -> object:
    """https://developers.facebook.com/docs/messenger-platform/identity/user-profile"""
    person = graph.state.people[call.node]
    if not person.has_profile:
        raise Refused("(#100) No profile available for this user.", 100, 2018218)
    first, _, last = person.name.partition(" ")
    values = {
        "id": lambda: person.id,
        "name": lambda: person.name,
        "first_name": lambda: first,
        "last_name": lambda: last,
        "username": lambda: person.name.lower().replace(" ", "."),
        "profile_pic": lambda: f"{graph.address}/files/picture-{person.id}",
    }
    return picked(values, str(call.params.get("fields", "first_name,last_name,profile_pic")))


@edge("page", "conversations", "GET")
def conversations(graph: "FakeMetaGraph", call: Call) -> object:
    """https://developers.facebook.com/docs/messenger-platform/conversations"""
    call.needs("pages_messaging")
    platform, only = call.params.get("platform", "messenger"), call.params.get("user_id")
    people = [one for one in graph.state.people.values() if one.page_id == call.node and one.platform == platform]
    threads = [(person, graph.state.thread(person)) for person in people if only in (None, person.id)]
    threads = sorted((one for one in threads if one[1]), key=lambda one: one[1][0].at, reverse=True)
    wanted = str(call.params.get("fields", "id,link,updated_time"))
    found = [picked(_conversation(graph, person, thread), wanted) for person, thread in threads]
    return paged(found, call.params, f"{graph.address}{call.asked.path}")


@edge("conversation", "messages", "GET")
def messages(graph: "FakeMetaGraph", call: Call) -> object:
    thread = graph.state.thread(graph.state.people[call.node[2:]])
    wanted = str(call.params.get("fields", "id,created_time"))
    found = [picked(_message(graph, one), wanted) for one in thread]
    return paged(found, call.params, f"{graph.address}{call.asked.path}")


@edge("message", "", "GET")
def read_message(graph: "FakeMetaGraph", call: Call) -> object:
    return picked(_message(graph, graph.state.messages[call.node]), str(call.params.get("fields", "id,created_time")))


@edge("page", "pass_thread_control", "POST")
def pass_thread(graph: "FakeMetaGraph", call: Call) -> object:
    person, target = _thread_of(graph, call), str(call.must("target_app_id"))
    if person.thread_owner not in ("", graph.app_id):
        raise Refused("(#10) You are not the thread owner.", 10, 2018300)
    graph.hand_over(person, target, "pass", str(call.params.get("metadata", "")))
    return {"success": True}


@edge("page", "take_thread_control", "POST")
def take_thread(graph: "FakeMetaGraph", call: Call) -> object:
    person = _thread_of(graph, call)
    if person.thread_owner not in ("", graph.app_id) and not graph.is_primary_receiver:
        raise Refused("(#10) Only the primary receiver can take control of a thread.", 10, 2018300)
    graph.hand_over(person, graph.app_id, "take", str(call.params.get("metadata", "")))
    return {"success": True}


@edge("page", "request_thread_control", "POST")
def request_thread(graph: "FakeMetaGraph", call: Call) -> object:
    graph.requested_threads.append((_thread_of(graph, call).id, str(call.params.get("metadata", ""))))
    return {"success": True}


@edge("page", "release_thread_control", "POST")
def release_thread(graph: "FakeMetaGraph", call: Call) -> object:
    _thread_of(graph, call).thread_owner = ""
    return {"success": True}


@edge("page", "thread_owner", "GET")
def thread_owner(graph: "FakeMetaGraph", call: Call) -> object:
    person = _person(graph, call.node, str(call.must("recipient")))
    if not person.thread_owner:
        return {"data": []}
    expires = int((graph.now() + WINDOW).timestamp())
    return {"data": [{"thread_owner": {"app_id": person.thread_owner, "expiration": expires}}]}


def _thread_of(graph: "FakeMetaGraph", call: Call) -> Person:
    call.needs("pages_messaging")
    return _person(graph, call.node, str(call.object("recipient").get("id", "")))


def _person(graph: "FakeMetaGraph", page_id: str, person_id: str) -> Person:
    person = graph.state.people.get(person_id)
    if person is None or person.page_id != page_id:
        raise Refused("(#100) No matching user found", 100, 2018001)
    if not person.is_reachable:
        raise Refused("(#551) This person isn't available right now.", 551, 1545041)
    return person


def _act(graph: "FakeMetaGraph", call: Call, person: Person) -> object:
    action = str(call.params["sender_action"])
    if "message" in call.params:
        raise Refused("(#100) Cannot send both message and state at the same time.", 100, 2018075)
    if action not in ACTIONS:
        raise Refused("(#100) Param sender_action must be one of the documented ones", 100)
    graph.state.actions.append((person.id, action))
    return {"recipient_id": person.id}


def _check_content(message: dict[str, Any]) -> None:
    if not message.get("text") and not message.get("attachment"):
        raise Refused("(#100) Message cannot be empty, must provide valid attachment or text", 100, 2018034)
    if len(str(message.get("text", ""))) > MOST_CHARACTERS:
        raise Refused(f"(#100) Length of param message[text] must be less than or equal to {MOST_CHARACTERS}", 100)
    if any(len(str(one.get("title", ""))) > 20 for one in message.get("quick_replies", ())):
        raise Refused("(#100) Length of param message[quick_replies][title] must be at most 20", 100)


def _check_thread(graph: "FakeMetaGraph", person: Person) -> None:
    if person.thread_owner not in ("", graph.app_id):
        raise Refused("(#10) Message failed to send because another app is controlling this thread now.", 10, 2018300)


def _check_window(graph: "FakeMetaGraph", call: Call, person: Person) -> None:
    """https://developers.facebook.com/docs/messenger-platform/policy/policy-overview"""
    theirs = next((one for one in graph.state.thread(person) if not one.is_by_page), None)
    passed = graph.now() - theirs.at if theirs else timedelta.max
    kind, tag = call.params.get("messaging_type", "RESPONSE"), call.params.get("tag")
    if kind == "MESSAGE_TAG" and tag != "HUMAN_AGENT":
        raise Refused("(#100) Invalid message tag", 100, 2018199)
    if kind == "MESSAGE_TAG" and not graph.has_human_agent:
        raise Refused("(#10) Cannot send with the human agent tag: the app was not approved for it", 10, 2018276)
    if passed > (HUMAN_AGENT_WINDOW if kind == "MESSAGE_TAG" else WINDOW):
        subcode = 2534022 if person.platform == "instagram" else 2018278
        raise Refused("(#10) This message is sent outside of allowed window.", 10, subcode)


def _stored(graph: "FakeMetaGraph", call: Call, person: Person, content: dict[str, Any]) -> object:
    message = graph.write(
        person, str(content.get("text", "")), is_by_page=True, attachments=_attached(graph, call, content)
    )
    message.tag = str(call.params.get("tag", ""))
    message.body = {key: call.params[key] for key in call.params}
    graph.state.sent.append(message)
    graph.echo(person, message, app_id=graph.app_id, metadata=str(content.get("metadata", "")))
    return {"recipient_id": person.id, "message_id": message.id}


def _attached(graph: "FakeMetaGraph", call: Call, content: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    attachment = content.get("attachment")
    if not attachment:
        return ()
    url = attachment.get("payload", {}).get("url", "")
    if "filedata" in call.files:
        file = call.files["filedata"]
        data = file.stream.read()
        if len(data) > MOST_ATTACHMENT_BYTES:
            raise Refused("(#100) Attachment size exceeds allowable limit", 100, 2018109)
        url = graph.add_file(data, file.content_type or "application/octet-stream", file.filename or "")
    if not url:
        raise Refused("(#100) Upload attachment failure.", 100, 2018008)
    return ({"type": attachment.get("type", "file"), "payload": {"url": url}},)


def _reply_privately(graph: "FakeMetaGraph", call: Call, comment_id: str) -> object:
    """https://developers.facebook.com/docs/messenger-platform/discovery/private-replies"""
    comment = graph.state.comments.get(comment_id)
    if comment is None or comment.page_id != call.node:
        raise Refused("(#100) Comment does not exist", 100, 33, kind="GraphMethodException")
    if comment.private_reply:
        raise Refused("(#10900) Activity already replied to", 10900)
    if graph.now() - comment.at > REPLY_TO_COMMENT_WITHIN:
        raise Refused("(#10901) Activity is too old to reply to", 10901)
    person = graph.state.people[comment.author_id]
    answer: Any = _stored(graph, call, person, call.object("message"))
    comment.private_reply = answer["message_id"]
    return answer


def _conversation(graph: "FakeMetaGraph", person: Person, thread: list[Message]) -> dict[str, Any]:
    page = graph.state.pages[person.page_id]
    both = [{"id": person.id, "name": person.name}, {"id": page.id, "name": page.name}]
    return {
        "id": lambda: f"t_{person.id}",
        "link": lambda: f"/{page.id}/inbox/{person.id}/",
        "updated_time": lambda: stamp(thread[0].at),
        "message_count": lambda: len(thread),
        "unread_count": lambda: sum(1 for one in thread if not one.is_by_page),
        "participants": lambda: {"data": both},
    }


def _message(graph: "FakeMetaGraph", message: Message) -> dict[str, Any]:
    person, page = graph.state.people[message.person_id], graph.state.pages[message.page_id]
    ends = [{"id": person.id, "name": person.name}, {"id": page.id, "name": page.name}]
    sender, receiver = reversed(ends) if message.is_by_page else ends
    files = [_file(one, number) for number, one in enumerate(message.attachments)]
    return {
        "id": lambda: message.id,
        "created_time": lambda: stamp(message.at),
        "from": lambda: sender,
        "to": lambda: {"data": [receiver]},
        "message": lambda: message.text,
        "attachments": lambda: {"data": files} if files else None,
    }


def _file(attachment: Any, number: int) -> dict[str, Any]:
    url, kind = json.loads(json.dumps(attachment))["payload"].get("url", ""), attachment.get("type")
    known: dict[str, Any] = {"id": str(number), "name": url.rpartition("/")[2], "size": 0}
    if kind == "image":
        return {**known, "mime_type": "image/jpeg", "image_data": {"url": url, "width": 1, "height": 1}}
    return {**known, "mime_type": "application/octet-stream", "file_url": url}
