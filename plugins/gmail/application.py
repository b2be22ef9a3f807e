"""What holds for the whole plugin: the Google client, the service account, where pushes come from, and where Google listens.

The addresses are Google's own unless the environment names others (`TIDINGS_PLUGIN_GMAIL_API_BASE` and its like).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from connectors.gmail import GOOGLE, SCOPE_MODIFY, GoogleClient, OAuthEndpoints, ServiceAccount
from tidings import Host

__all__ = ["CALLBACK", "SCOPES", "Application"]

SCOPES = (SCOPE_MODIFY,)
CALLBACK = "/callback"
ADDRESSES: Mapping[str, str] = {
    "api_base": "https://gmail.googleapis.com",
    "authorise_url": GOOGLE.authorise,
    "token_url": "https://oauth2.googleapis.com/token",
    "revoke_url": "https://oauth2.googleapis.com/revoke",
    "certificates_url": "https://www.googleapis.com/oauth2/v1/certs",
}
"""Where Google listens, by the name of the value that says otherwise. The manifest names the servers that
we call; the page of consent is for browsers."""


@dataclass(frozen=True)
class Application:
    """`client` is None until an admin has entered one, so is `service_account`; `topic` is empty while nothing is pushed.

    `key_problem` says what is wrong with a service account's key that was saved.
    """

    client: GoogleClient | None
    service_account: ServiceAccount | None
    key_problem: str
    topic: str
    audience: str
    push_sender: str
    endpoints: OAuthEndpoints
    api_endpoint: str
    certificates_url: str

    @classmethod
    def of(cls, host: Host) -> "Application":
        """The application as it is set up now."""
        where = {name: host.config.get(name) or address for name, address in ADDRESSES.items()}
        endpoints = OAuthEndpoints(where["authorise_url"], where["token_url"], where["revoke_url"])
        text = {key: str(value or "").strip() for key, value in host.settings.items()}
        client_id, client_secret = text.get("client_id", ""), text.get("client_secret", "")
        is_complete = client_id and client_secret
        service_account, key_problem = _service_account(text.get("service_account_key", ""))
        return cls(
            client=GoogleClient(client_id, client_secret, host.url(CALLBACK), endpoints) if is_complete else None,
            service_account=service_account,
            key_problem=key_problem,
            topic=text.get("topic", ""),
            audience=text.get("push_audience", "") or host.shared_webhook_url(),
            push_sender=text.get("push_sender", ""),
            endpoints=endpoints,
            api_endpoint=where["api_base"],
            certificates_url=where["certificates_url"],
        )


@lru_cache(maxsize=2)
def _service_account(key_file: str) -> tuple[ServiceAccount | None, str]:
    try:
        return (ServiceAccount.from_key_file(key_file), "") if key_file else (None, "")
    except ValueError as error:
        return None, str(error)
