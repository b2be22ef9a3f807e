"""Signing in to mailboxes with Google or Microsoft: the pages that lead there and back, the tokens, and keeping them good.

`application` is what was registered with a provider, `routes` the way of a browser, `tokens` what connections are opened with, `grants`
what is remembered of a sign-in, `keeping` what renews it ahead of its end, `checking` the connection test of an account.
"""
