"""A plugin from elsewhere with pages of every kind, written into a folder for one test."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path

from app.plugin_host import discover
from app.services.core import Core

MANIFEST = """
name = "guest"
title = "Guest"
summary = "Pages for tests."
kind = "panel"
version = "1.0"
api = "1"
permissions = ["public_routes", "read_conversations"]
"""
CODE = """
import sys
import time

from werkzeug.wrappers import Response

from tidings import Panel, Route, hookimpl


def hello(request, name="you"):
    return f"Hello {name}, {request.method}"


def broken(request):
    raise RuntimeError("a fault of the guest")


def framed(request):
    return "frame", 200, {"Content-Security-Policy": "frame-ancestors https://shop.example; script-src *"}


def page(request):
    return HOST.render("guest/page.html", word="<b>")


def parcel(request):
    files = [(one.filename, one.content_type, one.read().decode()) for one in request.files.getlist("papers")]
    told = {"words": request.form.getlist("word"), "files": files, "cookies": dict(request.cookies)}
    viewer = HOST.viewer()
    return {**told, "viewer": viewer.name if viewer else None, "asked": request.url, "language": HOST.language}


def spoken(request):
    return request.get_json()["word"]


def away(request):
    return Response(status=303, headers={"Location": "/elsewhere"})


def hang(request):
    while True:
        pass


def leave(request):
    sys.exit("goodbye")


class Poison(BaseException):
    pass


def poison(request):
    raise Poison("not even an Exception")


def deep(request):
    return deep(request)


def stream(request):
    def pieces():
        yield "half of it"
        raise RuntimeError("the other half")

    return Response(pieces())


def template(name):
    return lambda request: HOST.render(f"guest/{name}.html", numbers=range(10**12))


@hookimpl
def register_routes(host):
    global HOST
    HOST = host
    return [
        Route("/hello/<name>", hello, "hello"),
        Route("/post", hello, "post", methods=("POST",)),
        Route("/open", hello, "open", is_public=True),
        Route("/take", hello, "take", methods=("POST",), is_public=True, needs_csrf=False),
        Route("/parcel", parcel, "parcel", methods=("GET", "POST"), is_public=True, needs_csrf=False),
        Route("/spoken", spoken, "spoken", methods=("POST",)),
        Route("/away", away, "away", is_public=True),
        Route("/broken", broken, "broken"),
        Route("/framed", framed, "framed", is_public=True, is_embeddable=True),
        Route("/unframed", framed, "unframed", is_public=True),
        Route("/page", page, "page"),
        Route("/office", hello, "office", role="manager"),
        *(Route(f"/{one.__name__}", one, one.__name__) for one in (hang, leave, poison, deep, stream)),
        *(Route(f"/{one}", template(one), one) for one in ("endless", "unclosed", "undefined")),
    ]


@hookimpl
def dashboard_panels(host, viewer):
    if viewer.name == "Patient":
        time.sleep(0.25)
    return [
        Panel("Rows of the guest", rows=(("Viewer", viewer.name),)),
        Panel("Own template", template="guest/panel.html", context={"word": "<i>"}),
        Panel("Broken", template="guest/nowhere.html"),
        Panel("Another's", template="plugins/list.html"),
        Panel("Poisoned", template="guest/poisoned.html", context={"word": Poisonous()}),
        Panel("Endless", template="guest/endless.html", context={"numbers": range(10**12)}),
    ]


class Poisonous:
    def __str__(self):
        raise Poison("while it is written")


@hookimpl
def conversation_panels(host, conversation):
    raise RuntimeError("no answer")
"""
TEMPLATES = {
    "page.html": '{% extends "base.html" %}{% block title %}Guest{% endblock %}{% block content %}<p>page {{ word }}</p>{% endblock %}',
    "panel.html": "<p>panel {{ word }}</p>",
    "poisoned.html": "{{ word }}",
    "endless.html": "{% for one in numbers %}{% endfor %}",
    "unclosed.html": "{% block content %}",
    "undefined.html": "{{ nothing.at.all }}",
}


@contextmanager
def guest_plugin(core: Core, folder: Path) -> Iterator[None]:
    """The plugin "guest", found and switched on for as long as the block runs."""
    package = folder / "web_guest"
    (package / "templates" / "guest").mkdir(parents=True)
    (package / "__init__.py").write_text(CODE)
    (package / "manifest.toml").write_text(MANIFEST)
    for name, text in TEMPLATES.items():
        (package / "templates" / "guest" / name).write_text(text)
    (package / "static" / "guest").mkdir(parents=True)
    (package / "static" / "guest" / "map.css").write_text("p { color: red }")
    for name in ("page.html", "drawing.svg", "page.xhtml"):
        (package / "static" / "guest" / name).write_text("<script>alert(1)</script>")
    (package / "static" / "plain.js").write_text("1")
    sys.path.insert(0, str(folder))
    found = [*discover(), *discover([EntryPoint("guest", "web_guest", "tidings.plugins")])]
    core.plugins._find = lambda: found
    core.plugins.start()
    core.plugins.activate("guest")
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop("web_guest", None)
