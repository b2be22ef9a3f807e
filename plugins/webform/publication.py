"""A form that stands on the web: its public key, its account, what it says, and where it can be reached."""

from dataclasses import dataclass, replace

from forms.definitions import FormDefinition
from plugins.webform.form_settings import FormSettings
from plugins.webform.keys import account_id_of, ensure_key
from plugins.webform.recent import recent
from plugins.webform.storing import versions
from tidings import Account, Host

__all__ = ["PublishedForm", "at_version", "find_form", "form_of"]


@dataclass(frozen=True, slots=True)
class PublishedForm:
    """`number` is the version of the definition. `is_open` is False while its account is paused: the form is shown closed and takes
    nothing."""

    key: str
    account: Account
    settings: FormSettings
    number: int
    definition: FormDefinition
    is_open: bool

    def url(self, host: Host, part: str = "") -> str:
        """The absolute address of the form's own page, or of a part of it ("/frame", "/submit")."""
        return host.url(f"/f/{self.key}{part}")


def find_form(host: Host, key: str) -> PublishedForm | None:
    """The form with this public key, or None. What another process changed shows within a second."""
    return recent(host, f"form:{key}", lambda: _looked_up(host, key))


def _looked_up(host: Host, key: str) -> PublishedForm | None:
    account_id = account_id_of(host, key)
    active = next((one for one in host.accounts() if one.id == account_id), None)
    account = active or (host.account(account_id) if account_id else None)
    return _published(host, key, account, is_open=active is not None) if account else None


def form_of(host: Host, account: Account) -> PublishedForm:
    """The form of an own account; its key is made when it has none yet."""
    is_open = any(active.id == account.id for active in host.accounts())
    return _published(host, ensure_key(host, account.id), account, is_open=is_open)


def at_version(host: Host, published: PublishedForm, number: int) -> PublishedForm:
    """The form as it was in an earlier version; as it is now when that is gone, or for 0."""
    if number in (0, published.number):
        return published
    found = versions.version(host, published.account.id, number)
    return replace(published, number=found.number, definition=found.definition) if found else published


def _published(host: Host, key: str, account: Account, *, is_open: bool) -> PublishedForm:
    current, settings = versions.current(host, account), FormSettings.from_settings(account.settings)
    return PublishedForm(key, account, settings, current.number, current.definition, is_open)
