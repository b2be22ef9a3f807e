"""Addresses inside the app, remembered once they are built: a list names some hundred, and building one costs more than writing it."""

import flask
from flask import Flask, current_app

from app.web.locale import reader

__all__ = ["install_addresses", "url_for"]

_MOST = 20_000
_KNOWN = "tidings.addresses"
_PLAIN = {str, int}


def install_addresses(app: Flask) -> None:
    """Give the app its memory, and templates a `url_for` that uses it."""
    app.extensions[_KNOWN] = {}
    app.jinja_env.globals["url_for"] = url_for


def url_for(endpoint: str, **values: object) -> str:
    """As `flask.url_for`, for a request of ours."""
    if endpoint[0] == "." or any(name[0] == "_" or type(value) not in _PLAIN for name, value in values.items()):
        return flask.url_for(endpoint, **values)  # type: ignore[arg-type]
    known: dict[tuple, str] = current_app.extensions[_KNOWN]
    key = (reader().root, endpoint, *values.items())
    address = known.get(key)
    if address is None:
        if len(known) >= _MOST:
            known.clear()
        address = known[key] = flask.url_for(endpoint, **values)  # type: ignore[arg-type]
    return address
