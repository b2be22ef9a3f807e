"""The addresses of the builder, all for admins."""

from collections.abc import Callable, Sequence
from typing import Any

from plugins.webform.building.builder import Builder
from plugins.webform.building.exchange_pages import Exchange
from plugins.webform.building.form_list import FormList
from plugins.webform.building.gallery import Gallery
from plugins.webform.building.preview import Preview
from plugins.webform.building.versions_page import Versions
from tidings import Host, Route

__all__ = ["builder_routes"]

FORM = "/forms/<int:account_id>"


def builder_routes(host: Host) -> Sequence[Route]:
    """The list, the gallery, the builder of each form, its history, its preview, and the way in and out."""
    forms, gallery, builder, versions = FormList(host), Gallery(host), Builder(host), Versions(host)
    exchange, preview = Exchange(host), Preview(host)
    return [
        _page("/forms", forms.show, "forms"),
        _page("/forms/new", gallery.show, "new_form"),
        _post("/forms/new", gallery.make, "make_form"),
        _page("/forms/import", exchange.show, "import_form"),
        _post("/forms/import", exchange.read, "read_file"),
        _post("/forms/import/make", exchange.make, "make_imported"),
        _page(FORM, builder.show, "builder"),
        _page(f"{FORM}/draft.json", builder.draft, "draft"),
        _post(f"{FORM}/draft", builder.save, "save_draft"),
        _post(f"{FORM}/publish", builder.publish, "publish"),
        _post(f"{FORM}/discard", builder.discard, "discard"),
        _post(f"{FORM}/duplicate", forms.duplicate, "duplicate"),
        _page(f"{FORM}/export", exchange.export, "export"),
        _page(f"{FORM}/versions", versions.show, "versions"),
        _post(f"{FORM}/versions/discard", versions.discard, "discard_draft"),
        _post(f"{FORM}/versions/<int:number>/restore", versions.restore, "restore"),
        *preview.routes(FORM),
    ]


def _page(rule: str, view: Callable[..., Any], name: str) -> Route:
    return Route(rule, view, name, role="admin")


def _post(rule: str, view: Callable[..., Any], name: str) -> Route:
    return Route(rule, view, name, ("POST",), role="admin")
