"""JSON Lines in and out of pure commands: one object a line, in UTF-8 whatever the terminal is set to; a bad line ends nothing."""

import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO

__all__ = ["answer_lines", "utf8_output"]

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@contextmanager
def utf8_output() -> Iterator[TextIO]:
    """Standard output, in UTF-8 whatever the terminal is set to; what cannot be said in it becomes a question mark."""
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="replace", write_through=False)
    try:
        yield out
    finally:
        out.flush()
        out.detach()


def answer_lines(lines: Iterable[bytes], answer: Answer) -> None:
    """Answer each line with one that names its `file`. What `answer` raises as ValueError, TypeError, LookupError
    or ArithmeticError is said as `error`."""
    with utf8_output() as out:
        for line in lines:
            if line.strip():
                out.write(json.dumps(_answered(line, answer), ensure_ascii=False) + "\n")


def _answered(line: bytes, answer: Answer) -> dict[str, Any]:
    named: dict[str, Any] = {"file": None}
    try:
        asked = json.loads(line)
        if not isinstance(asked, dict):
            raise TypeError("the line is no JSON object")
        named["file"] = asked.get("file")
        return {**named, **answer(asked)}
    except RecursionError:
        return {**named, "error": "the line is nested too deeply"}
    except (ValueError, TypeError, LookupError, ArithmeticError) as error:
        return {**named, "error": " ".join(str(error).split()) or type(error).__name__}
