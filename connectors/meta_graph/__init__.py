"""The Graph API of Meta for Facebook pages, Messenger, Instagram Direct and WhatsApp.

`GraphClient` is one token's way to it; what can be asked stands in the modules `oauth`, `pages`, `messenger`, `handover`, `history`,
`comments`, `media` and `whatsapp`. `webhooks` verifies and reads what Meta sends, as the classes in `events`.
"""

from connectors.meta_graph.borrowed import BorrowedSession
from connectors.meta_graph.client import GraphClient, appsecret_proof, every
from connectors.meta_graph.faults import GraphRejected, Refusal, TokenRefused
from connectors.meta_graph.oauth import MetaApp
from connectors.meta_graph.webhooks import UnreadableWebhook, challenge_answer, is_signed, parse

__all__ = [
    "BorrowedSession",
    "GraphClient",
    "GraphRejected",
    "MetaApp",
    "Refusal",
    "TokenRefused",
    "UnreadableWebhook",
    "appsecret_proof",
    "challenge_answer",
    "every",
    "is_signed",
    "parse",
]
