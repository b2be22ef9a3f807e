"""Calling plugin code: one after the other, guarded, timed, watched, and attributed to the plugin it belongs to."""
