"""The addresses of built browser assets: `asset("app.js")` in a template gives the file with its content hash, `icon_address("mail")`
the place of an icon in the sprite.

The theme's build (`themes/<name>/assets/build.py`) writes the files and the manifest; nothing is built here.
"""

import json
import re
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


def register(app: Flask, dist: Path, build_command: str) -> None:
    """Serve `dist` below /assets, for ever cacheable, and give templates the globals `asset` and `icon_address`.

    Raises AssetsMissing when the build has not run.
    """
    manifest = read_manifest(dist, build_command)
    drawn = icons_of(dist / manifest[SPRITE])

    def asset(name: str) -> str:
        return url_for(ENDPOINT, filename=manifest[name])

    def icon_address(name: str) -> str:
        return f"{asset(SPRITE)}#{name if name in drawn else NEUTRAL_ICON}"

    def serve(filename: str) -> Response:
        return send_from_directory(dist, filename, max_age=CACHE_FOR_S)

    app.jinja_env.globals.update(asset=asset, icon_address=icon_address)
    app.add_url_rule("/assets/<path:filename>", ENDPOINT, serve)


def read_manifest(dist: Path, build_command: str) -> dict[str, str]:
    """Plain name → hashed name of every built file."""
    try:
        return dict(json.loads((dist / "manifest.json").read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise AssetsMissing(f"The browser assets are not built; run `{build_command}`.") from error


def icons_of(sprite: Path) -> frozenset[str]:
    """The names of the icons that a built sprite draws."""
    return frozenset(re.findall(r'<symbol id="([^"]+)"', sprite.read_text(encoding="utf-8")))
