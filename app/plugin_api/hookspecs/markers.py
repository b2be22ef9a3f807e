"""What marks a specification of a hook, and what plugins put above their implementations."""

import pluggy

__all__ = ["PROJECT", "hookimpl", "hookspec"]

PROJECT = "tidings"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
