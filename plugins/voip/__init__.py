"""Telephone calls and short messages in the inbox, by a telephony provider or by SIP. One account is one number."""
