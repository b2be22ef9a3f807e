"""What to say when a server that a test needs is not installed."""

from __future__ import annotations


class MissingComponent(Exception):
    """A program or package that tests need is absent; the message names it and how to install it."""
