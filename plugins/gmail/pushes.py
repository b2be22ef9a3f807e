"""What Pub/Sub posts: that a mailbox has changed, signed by Google. It brings no mail; the mailbox is fetched before its turn."""

import threading

from connectors.errors import ConnectorError
from connectors.gmail import BadPushToken, GoogleCertificates, PushVerifier, read_notification
from plugins.gmail.application import Application
from plugins.gmail.troubles import channel_error
from tidings import BadSignature, Host, SharedWebhookReply, UnsupportedEvent, WebhookRequest

__all__ = ["PushDesk"]


class PushDesk:
    """Takes pushes for all accounts. Google's certificates are kept as long as Google says; shared between threads."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._lock = threading.Lock()
        self._certificates: dict[str, GoogleCertificates] = {}

    def verify(self, request: WebhookRequest) -> None:
        """Raises `BadSignature` unless Google signed this for us, with the service account that the settings name, and `Temporary` while
        Google's certificates cannot be had."""
        application = Application.of(self._host)
        if not application.topic or not application.push_sender:
            raise BadSignature("Pushes are not set up.")
        verifier = PushVerifier(
            self._certificates_of(application),
            audience=application.audience,
            service_account=application.push_sender,
        )
        try:
            verifier.verify(request.headers.get("authorization", ""), self._host.http)
        except BadPushToken as error:
            raise BadSignature(error.reason) from None
        except ConnectorError as error:
            raise channel_error(error, self._host.now()) from error

    def receive(self, request: WebhookRequest) -> SharedWebhookReply:
        """Have the mailbox fetched that a push names; one that is not connected here is answered all the same, or it would come again.
        Raises `UnsupportedEvent` for what is no push of Gmail."""
        try:
            address = read_notification(request.body).email_address.lower()
        except ValueError as error:
            raise UnsupportedEvent(str(error)) from None
        for account in self._host.accounts():
            if account.address.lower() == address:
                self._host.wake(account.id)
        return SharedWebhookReply(status=204)

    def _certificates_of(self, application: Application) -> GoogleCertificates:
        with self._lock:
            url = application.certificates_url
            return self._certificates.setdefault(url, GoogleCertificates(url))
