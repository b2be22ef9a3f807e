"""`python -m bench`: measure, and print one table of ratios."""

import argparse
import json
import os
import platform
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import asdict

from bench import dispatch, form_spam, form_submit, ingest, ingest_twice, mail_reading, mail_spam, pages, search
from bench.measure import Comparison
from bench.seed import seeded

BENCHES = ("pages", "ingest", "search", "dispatch", "mail_reading")
_WITHOUT_DATABASE: dict[str, Callable[[int], list[Comparison]]] = {
    "dispatch": dispatch.run,
    "mail_reading": mail_reading.run,
}
LOADS = ("form_submit", "form_spam", "ingest_twice", "mail_spam")
"""Not beside a reference and not run by default: they take a machine of their own for a while."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the chosen benches and print the table."""
    options = _parser().parse_args(arguments)
    chosen = options.only or BENCHES
    found: list[Comparison] = []
    for name in BENCHES:
        if name not in chosen:
            continue
        if name in _WITHOUT_DATABASE:
            found += _WITHOUT_DATABASE[name](options.rounds)
            continue
        module = {"pages": pages, "ingest": ingest, "search": search}[name]
        found += module.run(seeded(options.conversations), options.rounds)
    if "form_submit" in chosen:
        form_submit.run(seeded(options.conversations), rate=options.rate, seconds=options.seconds)
    if "form_spam" in chosen:
        form_spam.run()
    if "ingest_twice" in chosen:
        ingest_twice.run()
    if "mail_spam" in chosen:
        mail_spam.run()
    if not found:
        return
    if options.json:
        print(json.dumps([{**asdict(one), "ratio": one.ratio} for one in found], indent=2))
    else:
        _print(found, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Figures side by side with a bare reference.")
    parser.add_argument(
        "--conversations", "-n", type=int, default=100_000, help="size of the seeded database (default 100000)"
    )
    parser.add_argument("--rounds", "-r", type=int, default=15, help="how often each side runs (default 15)")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=(*BENCHES, *LOADS),
        help="which benches to run (default all but form_submit, form_spam and ingest_twice)",
    )
    parser.add_argument("--rate", type=int, default=50, help="form_submit: posts a second (default 50)")
    parser.add_argument("--seconds", type=int, default=30, help="form_submit: for how long (default 30)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _print(found: Sequence[Comparison], options: argparse.Namespace) -> None:
    print(
        f"{options.conversations:,} conversations, {options.rounds} rounds in turn, medians; Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n"
    )
    print(f"{'':34} {'ours':>10} {'reference':>10} {'ratio':>7} {'cpu ratio':>9} {'aim':>5}")
    for one in found:
        aim = f"≤ {one.aim:g}" if one.aim else ""
        print(
            f"{one.name:34} {_time(one.ours_s):>10} {_time(one.reference_s):>10} {one.ratio:6.2f}× {one.cpu_ratio:8.2f}× {aim:>5}"
            + (f"   {one.note}" if one.note else "")
        )


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"


if __name__ == "__main__":
    main()
