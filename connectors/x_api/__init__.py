"""X (Twitter): mentions, posts, direct messages and files by API v2, who may do so, and the webhooks of the Account Activity API.

`XClient` is one person, `AppClient` the app itself; `oauth` gets their tokens. Needs the extra `twitter`.
"""

from connectors.x_api.app import AppClient
from connectors.x_api.client import LARGEST_PAGE, SMALLEST_PAGE, OAuth1Keys, UserToken, XClient
from connectors.x_api.documents import Unreadable, read_direct_message, read_post, read_user
from connectors.x_api.door import BASE_URL
from connectors.x_api.faults import Refusal, UsageCapped, XRejected
from connectors.x_api.legacy import pair_id, read_legacy_message, read_legacy_post
from connectors.x_api.length import LONG_POST, SHORT_POST, weighted_length
from connectors.x_api.media import MEDIA_HOSTS, best_address, direct_message_path, download
from connectors.x_api.oauth import (
    SCOPES,
    SITE_URL,
    OAuthEndpoints,
    Tokens,
    XApp,
    app_token,
    authorisation_url,
    exchange_code,
    new_code_verifier,
    refresh,
    revoke,
)
from connectors.x_api.types import (
    DirectMessage,
    Document,
    Download,
    Found,
    Limit,
    Limits,
    Media,
    Page,
    Post,
    QuotedPost,
    SentDirectMessage,
    User,
    Variant,
    Webhook,
)
from connectors.x_api.webhooks import (
    OAUTH2_SIGNATURE_HEADER,
    SIGNATURE_HEADER,
    Event,
    UnreadableWebhook,
    crc_answer,
    is_signed,
    parse,
    sign,
)

__all__ = [
    "BASE_URL",
    "LARGEST_PAGE",
    "LONG_POST",
    "MEDIA_HOSTS",
    "OAUTH2_SIGNATURE_HEADER",
    "SCOPES",
    "SHORT_POST",
    "SIGNATURE_HEADER",
    "SITE_URL",
    "SMALLEST_PAGE",
    "AppClient",
    "DirectMessage",
    "Document",
    "Download",
    "Event",
    "Found",
    "Limit",
    "Limits",
    "Media",
    "OAuth1Keys",
    "OAuthEndpoints",
    "Page",
    "Post",
    "QuotedPost",
    "Refusal",
    "SentDirectMessage",
    "Tokens",
    "Unreadable",
    "UnreadableWebhook",
    "UsageCapped",
    "User",
    "UserToken",
    "Variant",
    "Webhook",
    "XApp",
    "XClient",
    "XRejected",
    "app_token",
    "authorisation_url",
    "best_address",
    "crc_answer",
    "direct_message_path",
    "download",
    "exchange_code",
    "is_signed",
    "new_code_verifier",
    "pair_id",
    "parse",
    "read_direct_message",
    "read_legacy_message",
    "read_legacy_post",
    "read_post",
    "read_user",
    "refresh",
    "revoke",
    "sign",
    "weighted_length",
]
