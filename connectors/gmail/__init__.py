"""Gmail: a mailbox read by its history, mail sent, labels changed, and who may do so.

`GmailClient` is one mailbox; `oauth` and `service_account` get its access tokens; `pushes` checks what Pub/Sub posts. Needs the
extra `gmail`.
"""

from connectors.gmail.client import API_ENDPOINT, LARGEST_PAGE, GmailClient, dated_query
from connectors.gmail.faults import BadPushToken, HistoryExpired
from connectors.gmail.oauth import (
    GOOGLE,
    SCOPE_MODIFY,
    SCOPE_SETTINGS,
    AuthorisationRequest,
    GoogleClient,
    OAuthEndpoints,
    Tokens,
    authorisation_request,
    exchange_code,
    refresh,
    revoke,
)
from connectors.gmail.pushes import CERTIFICATES_URL, GoogleCertificates, Notification, PushVerifier, read_notification
from connectors.gmail.service_account import ServiceAccount, delegated_tokens
from connectors.gmail.types import (
    Change,
    HistoryPage,
    Label,
    LabelsAdded,
    LabelsRemoved,
    MessageAdded,
    MessageDeleted,
    MessagePage,
    MessageRef,
    MessageSummary,
    Profile,
    RawMessage,
    SendAs,
    SentMessage,
    Watch,
)

__all__ = [
    "API_ENDPOINT",
    "CERTIFICATES_URL",
    "GOOGLE",
    "LARGEST_PAGE",
    "SCOPE_MODIFY",
    "SCOPE_SETTINGS",
    "AuthorisationRequest",
    "BadPushToken",
    "Change",
    "GmailClient",
    "GoogleCertificates",
    "GoogleClient",
    "HistoryExpired",
    "HistoryPage",
    "Label",
    "LabelsAdded",
    "LabelsRemoved",
    "MessageAdded",
    "MessageDeleted",
    "MessagePage",
    "MessageRef",
    "MessageSummary",
    "Notification",
    "OAuthEndpoints",
    "Profile",
    "PushVerifier",
    "RawMessage",
    "SendAs",
    "SentMessage",
    "ServiceAccount",
    "Tokens",
    "Watch",
    "authorisation_request",
    "dated_query",
    "delegated_tokens",
    "exchange_code",
    "read_notification",
    "refresh",
    "revoke",
]
