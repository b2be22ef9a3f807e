"""Runs the `tidings` command in a process of its own, forked from one that has imported everything: a second less for each."""

import io
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from typing import Any

__all__ = ["run_command"]

_PRELOADED = ["app.cli", "app.factory", "app.web", "app.services.intake", "app.testing.commands"]
_forked = multiprocessing.get_context("forkserver")
_forked.set_forkserver_preload(_PRELOADED)


def run_command(
    arguments: Sequence[object],
    *,
    environment: Mapping[str, str],
    stdin: str | bytes = "",
    timeout_s: float = 120,
) -> CompletedProcess[Any]:
    """What `tidings ARGUMENTS` wrote and ended with: bytes when `stdin` is bytes, else text. `environment` is all there is.

    Raises `TimeoutExpired` after `timeout_s` seconds; the process is killed then."""
    command = ["tidings", *map(str, arguments)]
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("stdin", "stdout", "stderr")]
        files[0].write_bytes(stdin if isinstance(stdin, bytes) else stdin.encode())
        process = _forked.Process(target=_run, args=(command, dict(environment), [str(path) for path in files]))
        process.start()
        process.join(timeout_s)
        if process.is_alive():
            process.kill()
            process.join()
            raise TimeoutExpired(command, timeout_s)
        written = [path.read_bytes() for path in files[1:]]
        process_code = process.exitcode
        process.close()
    stdout, stderr = written if isinstance(stdin, bytes) else [one.decode() for one in written]
    assert process_code is not None
    return CompletedProcess(command, process_code, stdout, stderr)


def _run(command: list[str], environment: dict[str, str], files: list[str]) -> None:
    """In the forked process: what a shell would do before the command, then the command."""
    for number, (path, flags) in enumerate(zip(files, (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2), strict=True)):
        os.dup2(os.open(path, flags), number)
    sys.stdin, sys.stdout, sys.stderr = (
        io.TextIOWrapper(os.fdopen(number, mode), encoding="utf-8", line_buffering=True)
        for number, mode in enumerate(("rb", "wb", "wb"))
    )
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = command
    from app.cli import main

    main()
