"""Fixtures that Tidings ships to authors of plugins; pytest loads them by the entry point `pytest11`."""
