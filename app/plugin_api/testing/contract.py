"""The contract of channels: promises that hold for every channel, whoever wrote it. Subclass it in `tests/test_contract.py`."""

from app.plugin_api.testing.completion import CompletionPromises
from app.plugin_api.testing.exchange import FetchPromises, SendPromises
from app.plugin_api.testing.folder import FolderPromises
from app.plugin_api.testing.inventory import InventoryPromises
from app.plugin_api.testing.owners import OwnerPromises
from app.plugin_api.testing.rules import RulePromises
from app.plugin_api.testing.shared_webhooks import SharedWebhookPromises
from app.plugin_api.testing.translation import TranslationPromises
from app.plugin_api.testing.troubles import FaultPromises
from app.plugin_api.testing.updates import UpdatePromises
from app.plugin_api.testing.webhooks import WebhookPromises

__all__ = ["ChannelContract"]


class ChannelContract(
    FolderPromises, TranslationPromises, CompletionPromises, UpdatePromises, FetchPromises, InventoryPromises, WebhookPromises,
    SharedWebhookPromises, SendPromises, RulePromises, FaultPromises, OwnerPromises,
):  # fmt: skip
    """Say what your channel is (`plugin`, `channel_class`, `create_account`, `sample_events` and what its capabilities need, see
    `ChannelSubject`); pytest collects the promises that apply to it and none of the others."""
