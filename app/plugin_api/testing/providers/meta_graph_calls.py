"""How the fake of Meta's Graph API takes a call: its parameters, its token and proof, and the table of what nodes can be asked."""

import hashlib
import hmac
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import FileStorage
from werkzeug.formparser import parse_form_data

from app.plugin_api.testing.provider import Asked
from app.plugin_api.testing.providers.meta_graph_state import Refused, State, Token

if TYPE_CHECKING:
    from app.plugin_api.testing.providers.meta_graph import FakeMetaGraph

__all__ = ["EDGES", "Call", "edge", "node_kind", "read_call"]

Handler = Callable[["FakeMetaGraph", "Call"], object]
EDGES: dict[tuple[str, str, str], Handler] = {}
"""(kind of node, edge or "", method) → what answers."""


@dataclass
class Call:
    """One call: `node` is the id in the path, `params` query and body together, `token` whose it is."""

    asked: Asked
    node: str
    edge: str
    params: dict[str, Any]
    files: Mapping[str, FileStorage] = field(default_factory=dict)
    token: Token = field(default_factory=lambda: Token("", "NONE"))

    def needs(self, *scopes: str) -> None:
        """Refuse a token without one of these scopes."""
        for scope in scopes:
            if scope not in self.token.scopes:
                raise Refused(f"(#200) Requires {scope} permission to manage the object", 200)

    def must(self, name: str) -> Any:
        """A parameter that has to be there."""
        if self.params.get(name) in (None, ""):
            raise Refused(f"(#100) The parameter {name} is required", 100)
        return self.params[name]

    def object(self, name: str) -> dict[str, Any]:
        """A parameter that is an object, also as JSON text, as forms carry it."""
        value = self.must(name)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                value = None
        if not isinstance(value, dict):
            raise Refused(f"(#100) Param {name} must be a JSON object", 100)
        return value


def edge(kind: str, name: str, *methods: str) -> Callable[[Handler], Handler]:
    """Answer this edge of this kind of node; the edge "" is the node itself."""

    def take(handler: Handler) -> Handler:
        for method in methods:
            EDGES[kind, name, method] = handler
        return handler

    return take


def node_kind(state: State, call: Call) -> str:
    """What an id stands for, "" where the token may not see it or nothing has it."""
    owner = call.token
    if call.node == "me":
        call.node = owner.page_id or owner.user_id
        return "page" if owner.page_id else "user"
    if call.node in state.pages:
        return "page" if owner.page_id == call.node else ""
    if call.node.startswith("t_"):
        person = state.people.get(call.node[2:])
        return "conversation" if person is not None and person.page_id == owner.page_id else ""
    for kind, things in (
        ("person", state.people),
        ("message", state.messages),
        ("post", state.posts),
        ("comment", state.comments),
    ):
        if call.node in things:
            thing: Any = things[call.node]
            return kind if thing.page_id == owner.page_id else ""
    for kind, others in (("number", state.numbers), ("business", state.businesses), ("media", state.media)):
        if call.node in others:
            return kind if not owner.page_id else ""
    return ""


def read_call(graph: "FakeMetaGraph", asked: Asked, path: str) -> Call:
    """Take a call apart and look at its token and proof. Raises Refused."""
    node, _, name = path.partition("/")
    params, files = _params(asked)
    call = Call(asked, node, name, params, files)
    text = str(params.pop("access_token", "")) or asked.headers.get("Authorization", "").removeprefix("Bearer ")
    if not text:
        raise Refused("An access token is required to request this resource.", 104)
    call.token = _holder(graph, text)
    _check_proof(graph, text, str(params.pop("appsecret_proof", "")), call.token)
    return call


def _params(asked: Asked) -> tuple[dict[str, Any], Mapping[str, FileStorage]]:
    params: dict[str, Any] = dict(asked.query)
    kind = asked.headers.get("Content-Type", "")
    if kind.startswith("application/json") and asked.body:
        try:
            content = asked.json()
        except ValueError:
            raise Refused("(#100) Invalid JSON", 100) from None
        params.update(content if isinstance(content, dict) else {})
        return params, {}
    environ = {
        "wsgi.input": io.BytesIO(asked.body),
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(asked.body)),
        "REQUEST_METHOD": asked.method,
    }
    _, form, files = parse_form_data(environ)
    params.update(form.to_dict())
    return params, files.to_dict()


def _holder(graph: "FakeMetaGraph", text: str) -> Token:
    if text == f"{graph.app_id}|{graph.app_secret}":
        return Token(text, "APP")
    token = graph.state.tokens.get(text)
    if token is None:
        raise Refused("Invalid OAuth access token - Cannot parse access token", 190)
    if token.expires_at is not None and token.expires_at <= graph.now():
        raise Refused("Error validating access token: Session has expired.", 190, 463, status=401)
    if token.dead_subcode is not None:
        raise Refused(
            "Error validating access token: The session was invalidated.", 190, token.dead_subcode, status=401
        )
    return token


def _check_proof(graph: "FakeMetaGraph", text: str, proof: str, token: Token) -> None:
    """https://developers.facebook.com/docs/graph-api/guides/secure-requests"""
    right = hmac.new(graph.app_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    if proof and not hmac.compare_digest(proof.encode(), right.encode()):
        raise Refused("Invalid appsecret_proof provided in the API argument", 100, kind="GraphMethodException")
    if not proof and graph.requires_proof and token.kind != "APP":
        raise Refused("API calls from the server require an appsecret_proof argument", 100, kind="GraphMethodException")
