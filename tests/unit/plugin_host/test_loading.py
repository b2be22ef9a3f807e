"""Drop-ins are imported from their sources each time; a start that never ends is given up."""

import contextvars
import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from app.plugin_host import Origin, PluginInfo
from app.plugin_host.calls.deadline import Raised, TookTooLong, within
from app.plugin_host.loading import load, unload
from tests.unit.plugin_host.drop_in import write_file, write_folder


@pytest.fixture
def create_info(tmp_path):
    """What is known of a drop-in below the test's folder; it is unloaded at the end."""
    made: list[PluginInfo] = []

    def create(path: Path) -> PluginInfo:
        origin = Origin.FILE if path.suffix else Origin.FOLDER
        made.append(PluginInfo(path.stem, f"tidings_plugin_{path.stem}", path=path, origin=origin))
        return made[-1]

    yield create
    for info in made:
        unload(info)


# ---- importing
def test_modules_below_a_folder_are_found_relatively_and_by_name(tmp_path, create_info):
    folder = write_folder(
        tmp_path, "box", "from . import near\nfrom .deep.down import number\nimport tidings_plugin_box.far as far"
    )
    (folder / "near.py").write_text("NAME = __name__")
    (folder / "far.py").write_text("from .near import NAME")
    (folder / "deep").mkdir()
    (folder / "deep" / "down.py").write_text("from ..near import NAME\nnumber = 'deep ' + NAME")
    module = load(create_info(folder))
    assert module.__name__ == "tidings_plugin_box"
    assert (module.far.NAME, module.number) == ("tidings_plugin_box.near", "deep tidings_plugin_box.near")
    assert not list(folder.rglob("__pycache__")), "nothing is written into the plugin's folder"


def test_one_file_is_a_module_without_anything_below(tmp_path, create_info):
    (tmp_path / "near.py").write_text("number = 1")
    module = load(create_info(write_file(tmp_path, "pipe", "number = 1")))
    assert (module.number, hasattr(module, "__path__")) == (1, False)
    with pytest.raises(ImportError):
        load(create_info(write_file(tmp_path, "nosy", "from . import near")))


def test_swapped_files_are_read_though_size_and_time_are_the_same(tmp_path, create_info):
    folder = write_folder(tmp_path, "box", "from .part import number")

    def write(value: int) -> None:
        (folder / "part.py").write_text(f"number = {value}")
        for file in folder.glob("*.py"):
            os.utime(file, (1_700_000_000, 1_700_000_000))

    for value in (1, 2, 3):
        write(value)
        module = load(create_info(folder))
        assert module.number == value
        unload(create_info(folder))


def test_what_is_unloaded_cannot_be_imported_any_more(tmp_path, create_info):
    info = create_info(write_folder(tmp_path, "box", "from . import part"))
    (tmp_path / "box" / "part.py").write_text("")
    load(info)
    unload(info)
    assert not [name for name in sys.modules if name.startswith("tidings_plugin_box")]
    with pytest.raises(ModuleNotFoundError):
        __import__("tidings_plugin_box")


def test_a_failed_import_leaves_no_half_of_a_module(tmp_path, create_info):
    info = create_info(write_folder(tmp_path, "box", "raise SystemExit(3)"))
    with pytest.raises(SystemExit):
        load(info)
    assert "tidings_plugin_box" not in sys.modules


def test_one_drop_in_does_not_see_the_modules_of_another(tmp_path, create_info):
    load(create_info(write_folder(tmp_path, "box", "")))
    other = write_folder(tmp_path / "more", "other", "import tidings_plugin_box.part")
    with pytest.raises(ImportError):
        load(replace(create_info(other), name="other"))


# ---- a deadline
def test_work_in_time_gives_its_result_and_sees_the_callers_context():
    place = contextvars.ContextVar("place")
    place.set("here")
    assert within(5, lambda: (place.get(), threading.current_thread().name), "work") == ("here", "work")


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(1), KeyboardInterrupt(), GeneratorExit()])
def test_what_work_raises_is_handed_over(error):
    def work():
        raise error

    with pytest.raises(Raised) as raised:
        within(5, work, "work")
    assert raised.value.error is error


@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "while True:\n    try:\n        x = 1\n    except Exception:\n        pass",
        "try:\n    while True: pass\nexcept BaseException:\n    raise ValueError('cleaned up')",
        "while True:\n    time.sleep(0.01)",
    ],
)
def test_a_loop_without_end_is_given_up_and_ends(code):
    before = set(threading.enumerate())
    started = time.monotonic()
    with pytest.raises(TookTooLong):
        within(0.2, lambda: exec(code, {"time": time}), "work")  # noqa: S102 - code of this test
    assert time.monotonic() - started < 2
    for thread in set(threading.enumerate()) - before:
        thread.join(2)
        assert not thread.is_alive(), "the thread goes on"


def test_one_that_catches_everything_a_few_times_is_told_again():
    code = "n = 0\nwhile n < 3:\n    try:\n        while True: pass\n    except BaseException:\n        n += 1"
    before = set(threading.enumerate())
    with pytest.raises(TookTooLong):
        within(0.1, lambda: exec(code, {}), "work")  # noqa: S102 - code of this test
    assert set(threading.enumerate()) <= before


def test_waiting_outside_of_python_is_given_up_too():
    release = threading.Event()
    started = time.monotonic()
    with pytest.raises(TookTooLong):
        within(0.1, lambda: release.wait(30), "work")
    assert time.monotonic() - started < 3
    release.set()
