"""A process holds only the clients of the storage its queue is on."""

import subprocess
import sys

import pytest

OPEN = """
import sys
from app.config import Config
from app.jobs.queue import Queue
queue = Queue(Config(home={home!r}, queue_url={url!r}))
queue.problem()
print(sorted({{"redis", "psycopg"}} & sys.modules.keys()))
"""


@pytest.mark.parametrize(("url", "loaded"), [("", "[]"), ("redis://127.0.0.1:1", "['redis']")])
def test_the_clients_of_other_storages_are_not_loaded(tmp_path, url, loaded):
    program = OPEN.format(home=tmp_path, url=url).replace("PosixPath", "__import__('pathlib').Path")
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == loaded
