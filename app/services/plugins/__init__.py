"""Verbs about plugins: switching, installing, updating, removing and repairing them, and what the host asks of the application."""
