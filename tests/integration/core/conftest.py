"""What tests of the core share."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.plugin_api.messages import SendReceipt


@pytest.fixture
def ada(create_agent):
    return create_agent("Ada")


@pytest.fixture
def sent(core, monkeypatch):
    """What the mailbox handed over."""
    sent = []
    channel = core.plugins.channels["mailbox"]
    monkeypatch.setattr(channel, "send", lambda account, message: sent.append(message) or SendReceipt(""))
    return sent


@pytest.fixture
def together(tidings_app):
    """Return a function that runs jobs at the same moment, each in a thread and a session of its own, and gives their results."""

    def run(*jobs):
        barrier = threading.Barrier(len(jobs))

        def one(job):
            with tidings_app.app_context():
                barrier.wait(20)
                return job()

        with ThreadPoolExecutor(len(jobs)) as pool:
            return [future.result(120) for future in [pool.submit(one, job) for job in jobs]]

    return run
