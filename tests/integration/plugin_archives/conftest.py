"""An installation that takes uploads, and the sample plugin `ledgerbook` in it with something of each kind."""

from dataclasses import replace

import pytest

from app.models import PluginJob, PluginState
from app.services import notices
from app.services.core import SYSTEM, writing
from app.services.plugins.archives import install, stage
from tests.integration.core.mails import create_mail
from tests.integration.plugin_archives.ledgerbooks import ledgerbook


@pytest.fixture
def installation(installation):
    return replace(installation, allow_uploads=True)


@pytest.fixture
def put(core):
    """Stage and install an archive, agreed to as a whole."""

    def put_archive(data, **options):
        card = stage(core, SYSTEM, data)
        return install(core, SYSTEM, card.token, card.asks, switch_on=True, **options)

    return put_archive


@pytest.fixture
def write(receive_mail):
    """Let a mail with this text arrive."""

    def receive(text):
        receive_mail(create_mail(body=text, message_id=f"{text}@mail.example.org"))

    return receive


@pytest.fixture
def filled(core, put, write):
    """Version 1.0 with two rows, a setting, a secret, a file, a job and a notice."""
    put(ledgerbook())
    write("First")
    write("Second")
    with writing(core) as unit:
        state = unit.session.get(PluginState, "ledgerbook")
        state.settings, state.secrets = {"color": "red"}, core.vault.seal({"token": "s3cret"})
        unit.session.add(PluginJob(plugin="ledgerbook", name="sum_up", due_at=unit.now))
        notices.tell(unit, subject="plugin:ledgerbook:test", text="Something.")
    folder = core.config.home / "plugin_files" / "ledgerbook"
    (folder / "odd:names").mkdir(parents=True)
    (folder / "odd:names" / "a?.txt").write_text("kept")
