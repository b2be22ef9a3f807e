"""Names and ids of a mailbox's labels, asked for when they are first needed."""

from collections.abc import Iterable

from connectors.gmail import GmailClient, Label
from plugins.gmail.mailbox import Mailbox

__all__ = ["SYSTEM", "KnownLabels"]

SYSTEM = frozenset({"INBOX", "SENT", "UNREAD", "STARRED", "IMPORTANT", "SPAM", "TRASH", "DRAFT", "CHAT"})
"""Labels of Gmail's own; their ids are their names in every language."""


class KnownLabels:
    """The labels of one mailbox during one use of it. What it raises is a `ConnectorError`."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._labels: tuple[Label, ...] | None = None

    def names(self) -> dict[str, str]:
        """Id to name."""
        return {label.id: label.name for label in self._all()}

    def ids(self, names: Iterable[str]) -> frozenset[str]:
        """The ids of these labels; those that do not exist are left out. As in Gmail, case plays no part."""
        wanted = frozenset(names)
        if wanted <= SYSTEM:
            return wanted
        folded = {name.casefold() for name in wanted - SYSTEM}
        return (wanted & SYSTEM) | {label.id for label in self._all() if label.name.casefold() in folded}

    def missing(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of these labels that do not exist, in order."""
        return tuple(name for name in names if not self.ids([name]))

    def made(self, name: str) -> str:
        """The id of a label, which is made if there is none."""
        found = self.ids([name])
        if found:
            return next(iter(found))
        label = self._mailbox.ask(GmailClient.create_label, name)
        self._labels = (*self._all(), label)
        return label.id

    def _all(self) -> tuple[Label, ...]:
        if self._labels is None:
            self._labels = self._mailbox.ask(GmailClient.labels)
        return self._labels
