"""Services of plugins: started once, counted when they fail, left alone for a while after that, stopped with their plugin."""

import asyncio
import threading
from types import SimpleNamespace

import pytest

from app.jobs.plugin_services import PluginServices
from app.plugin_api.registrations import Service
from app.plugin_api.testing import FakeClock
from app.plugin_host import HealthBook


@pytest.fixture
def plugins():
    return SimpleNamespace(services={}, health=HealthBook())


@pytest.fixture
def worker(plugins):
    services = PluginServices(SimpleNamespace(plugins=plugins, clock=FakeClock()))
    yield services
    services.stop()


def finish(name: str) -> None:
    for thread in threading.enumerate():
        if thread.name == f"service-guest-{name}":
            thread.join(5)


@pytest.mark.parametrize("error", [ValueError("no luck"), SystemExit(3), asyncio.CancelledError()], ids=repr)
def test_one_that_fails_is_counted_and_rests(plugins, worker, error):
    begun = []

    def fail(stop: threading.Event) -> None:
        begun.append(1)
        raise error

    plugins.services = {"guest": (Service("relay", fail),)}
    for _ in range(3):
        worker.look()
        finish("relay")
    assert len(begun) == 1, "it is not started again at once"
    [record] = plugins.health.of_plugin("guest")
    assert (record.hook, record.failures, record.is_resting) == ("service relay", 1, False)
    assert record.last_error.startswith(type(error).__name__)


def test_it_is_stopped_when_its_plugin_goes(plugins, worker):
    ended = threading.Event()

    def serve(stop: threading.Event) -> None:
        stop.wait(5)
        ended.set()

    plugins.services = {"guest": (Service("relay", serve),)}
    worker.look()
    worker.look()
    plugins.services = {}
    worker.look()
    assert ended.wait(5)
    assert plugins.health.of_plugin("guest") == []
