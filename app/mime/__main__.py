"""`python -m app.mime --files-from -`: paths on standard input, one JSON object a line on standard output."""

import sys

from .report import parse_files

if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    parse_files((line.rstrip("\n") for line in sys.stdin if line.strip()), sys.stdout)
