"""Putting a form on a website: its short address, QR code, snippets, and context that a site signs."""
