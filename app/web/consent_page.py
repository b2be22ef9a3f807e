"""What a plugin asks for, shaped for the page on which its owner agrees."""

from collections.abc import Collection

from flask_babel import gettext

from app.plugin_api.manifest import Manifest
from app.web.contexts import ConsentPage, OriginMark, PluginMark
from app.web.plugin_words import cannot_lines, permission_lines, server_lines
from app.web.texts import translated

__all__ = ["consent_page"]

_INTERFERING = {"send_automatic", "change_messages"}


def consent_page(
    manifest: Manifest,
    *,
    kind: str,
    mark: PluginMark,
    origin: OriginMark,
    post_url: str,
    cancel_url: str,
    agreed: Collection[str] = (),
    previous_version: str = "",
    problems: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    fields: dict[str, str] | None = None,
) -> ConsentPage:
    """`agreed` are the grants of before, as in `Manifest.grants`; what is not among them is marked as new, unless nothing was agreed to."""
    marks_new = bool(agreed)
    return ConsentPage(
        mark=mark,
        kind=kind,
        post_url=post_url,
        cancel_url=cancel_url,
        permissions=permission_lines(manifest, agreed, marks_new=marks_new),
        servers=server_lines(manifest, agreed, marks_new=marks_new),
        cannot=cannot_lines(manifest.permissions),
        origin=origin,
        owner=manifest.owner,
        summary=translated(manifest.summary),
        previous_version=previous_version,
        problems=tuple(translated(problem) for problem in problems),
        warnings=_warnings(manifest, origin, marks_new=marks_new, agreed=agreed),
        notes=notes,
        fields=fields or {},
    )


def _warnings(manifest: Manifest, origin: OriginMark, *, marks_new: bool, agreed: Collection[str]) -> tuple[str, ...]:
    found = []
    if origin.signature and not origin.is_trusted:
        found.append(gettext("Nobody whom you trust has signed it. Make sure that you know where this file came from."))
    if marks_new and not set(manifest.grants) <= set(agreed):
        found.append(gettext("It asks for more than you agreed to before. What is new is marked."))
    if _INTERFERING & set(manifest.permissions) and "network" in manifest.permissions:
        found.append(
            gettext("It can act on your messages by itself and talk to other servers: be sure that you trust it.")
        )
    return tuple(found)
