"""The addresses of built browser assets: `asset("app.js")` in a template gives the file with its content hash, `icon_address("mail")`
the place of an icon in the sprite.

The theme's build (`themes/<name>/assets/build.py`) writes the files and the manifest; nothing is built here. What a theme does not bring is
the default theme's, and in safe mode everything is.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, send_from_directory

from app.web.addresses import url_for

ENDPOINT = "theme_assets"
CACHE_FOR_S = 365 * 24 * 3600
SPRITE = "icons.svg"
NEUTRAL_ICON = "puzzle"
"""Stands where a plugin names an icon that the theme does not draw."""


class AssetsMissing(Exception):
    """The theme's assets are not built; the text says what to run."""


@dataclass(frozen=True, slots=True)
class _Built:
    """What a build wrote: plain name → hashed name of each file, and the icons it draws."""

    folder: Path
    names: Mapping[str, str]
    icons: frozenset[str]


def register(app: Flask, theme: Path, default: Path, is_plain: Callable[[], bool]) -> None:
    """Serve what both themes built below /assets, for ever cacheable, and give templates the globals `asset` and `icon_address`.

    `is_plain` says whether only the default theme may be used now. Raises AssetsMissing when a build has not run.
    """
    standard = _built(default)
    own = _built(theme) if theme != default and (theme / "assets" / "build.py").exists() else None

    def asset(name: str) -> str:
        names = standard.names if own is None or is_plain() or name not in own.names else own.names
        return url_for(ENDPOINT, filename=names[name])

    def icon_address(name: str) -> str:
        has_own = own is not None and not is_plain() and SPRITE in own.names
        drawn = own.icons if own is not None and has_own else standard.icons
        return f"{asset(SPRITE)}#{name if name in drawn else NEUTRAL_ICON}"

    def serve(filename: str) -> Response:
        is_own = own is not None and filename in own.names.values()
        folder = own.folder if own is not None and is_own else standard.folder
        return send_from_directory(folder, filename, max_age=CACHE_FOR_S)

    app.jinja_env.globals.update(asset=asset, icon_address=icon_address)
    app.add_url_rule("/assets/<path:filename>", ENDPOINT, serve)


def _built(theme: Path) -> _Built:
    dist = theme / "static" / "dist"
    names = read_manifest(dist, f"python {theme / 'assets' / 'build.py'}")
    return _Built(dist, names, icons_of(dist / names[SPRITE]) if SPRITE in names else frozenset())


def read_manifest(dist: Path, build_command: str) -> dict[str, str]:
    """Plain name → hashed name of every built file."""
    try:
        return dict(json.loads((dist / "manifest.json").read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise AssetsMissing(f"The browser assets are not built; run `{build_command}`.") from error


def icons_of(sprite: Path) -> frozenset[str]:
    """The names of the icons that a built sprite draws."""
    return frozenset(re.findall(r'<symbol id="([^"]+)"', sprite.read_text(encoding="utf-8")))
