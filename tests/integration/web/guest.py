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
from tidings import Panel, Route, hookimpl


def hello(request, name="you"):
    return f"Hello {name}, {request.method}"


def broken(request):
    raise RuntimeError("a fault of the guest")


def framed(request):
    return "frame", 200, {"Content-Security-Policy": "frame-ancestors https://shop.example; script-src *"}


def page(request):
    return HOST.render("guest/page.html", word="<b>")


@hookimpl
def register_routes(host):
    global HOST
    HOST = host
    return [
        Route("/hello/<name>", hello, "hello"),
        Route("/post", hello, "post", methods=("POST",)),
        Route("/open", hello, "open", is_public=True),
        Route("/take", hello, "take", methods=("POST",), is_public=True, needs_csrf=False),
        Route("/broken", broken, "broken"),
        Route("/framed", framed, "framed", is_public=True, is_embeddable=True),
        Route("/unframed", framed, "unframed", is_public=True),
        Route("/page", page, "page"),
    ]


@hookimpl
def dashboard_panels(host, viewer):
    return [
        Panel("Rows of the guest", rows=(("Viewer", viewer.name),)),
        Panel("Own template", template="guest/panel.html", context={"word": "<i>"}),
        Panel("Broken", template="guest/nowhere.html"),
    ]
"""
TEMPLATES = {
    "page.html": '{% extends "base.html" %}{% block title %}Guest{% endblock %}{% block content %}<p>page {{ word }}</p>{% endblock %}',
    "panel.html": "<p>panel {{ word }}</p>",
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
