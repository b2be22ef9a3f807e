"""A form that stands on the web: its public key, its account, what it says, and where it can be reached."""

from dataclasses import dataclass

from plugins.webform.definition import FormDefinition
from plugins.webform.keys import account_of, ensure_key
from tidings import Account, Host

__all__ = ["PublishedForm", "find_form", "form_of"]


@dataclass(frozen=True, slots=True)
class PublishedForm:
    """`is_open` is False while its account is paused: the form is shown closed and takes nothing."""

    key: str
    account: Account
    definition: FormDefinition
    is_open: bool

    def url(self, host: Host, part: str = "") -> str:
        """The absolute address of the form's own page, or of a part of it ("/frame", "/submit")."""
        return host.url(f"/f/{self.key}{part}")


def find_form(host: Host, key: str) -> PublishedForm | None:
    """The form with this public key, or None."""
    account = account_of(host, key)
    return _published(host, key, account) if account else None


def form_of(host: Host, account: Account) -> PublishedForm:
    """The form of an own account; its key is made when it has none yet."""
    return _published(host, ensure_key(host, account.id), account)


def _published(host: Host, key: str, account: Account) -> PublishedForm:
    is_open = any(active.id == account.id for active in host.accounts())
    definition = FormDefinition.from_settings(account.settings).in_words(host.gettext)
    return PublishedForm(key, account, definition, is_open)
