"""Putting a form on websites: its page of snippets, short address and QR code, and what a site may vouch for about its customers."""
