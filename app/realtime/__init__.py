"""Telling open browsers what changed: one thread per web process follows the `change` table and hands it on."""

from app.realtime.feed import RESET, Event, Feed, Listener, TooManyStreams

__all__ = ["RESET", "Event", "Feed", "Listener", "TooManyStreams"]
