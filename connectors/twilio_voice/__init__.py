"""Twilio's telephony: numbers, calls, recordings and text messages, and the signatures of what it posts.

Runs Twilio's own library on a requests session of the caller's. The library is imported when a client or a check is made, not before.
"""

from connectors.twilio_voice.client import TwilioLine
from connectors.twilio_voice.signatures import is_signed, signature_of
from connectors.twilio_voice.types import CallRecord, Media, Number, SoundRecord, TextMessage

__all__ = ["CallRecord", "Media", "Number", "SoundRecord", "TextMessage", "TwilioLine", "is_signed", "signature_of"]
