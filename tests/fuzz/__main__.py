"""`python -m tests.fuzz`: try cases for some minutes, or a kept one again. Exit code 1 when something was found."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic

from tests.fuzz.findings import FOLDER, keep, target_of
from tests.fuzz.seeds import seed_mails
from tests.fuzz.targets import TARGETS, Target
from tests.fuzz.watching import LIMIT_S, Outcome, minimised, tried

MINIMISING_S = 30.0


@dataclass(slots=True)
class Tally:
    """What was tried so far. `slowest` is (seconds, bytes, which case)."""

    cases: int = 0
    slowest: tuple[float, int, str] = (0.0, 0, "")
    found: dict[tuple[str, str], Path] = field(default_factory=dict)


def fuzz(
    targets: dict[str, Target],
    seeds: Sequence[bytes],
    *,
    minutes: float,
    seed: int,
    folder: Path,
    say: Callable[[str], None],
) -> Tally:
    """Cases in turn for each target until the time is over. Each mistake is minimised and kept once."""
    tally, end = Tally(), monotonic() + 60 * minutes
    while monotonic() < end:
        for name, target in targets.items():
            origin = f"{name}, seed {seed}, number {tally.cases}"
            data = target.make(Random(f"{seed}:{tally.cases}:{name}"), seeds)
            outcome = tried(target.run, data)
            tally.cases += 1
            tally.slowest = max(tally.slowest, (outcome.seconds, len(data), origin))
            if outcome.failure is not None and (name, outcome.failure.signature) not in tally.found:
                say(f"{outcome.failure.signature} ({origin}; {len(data)} bytes)")
                small = minimised(target.run, data, outcome.failure.signature, seconds=MINIMISING_S)
                tally.found[name, outcome.failure.signature] = keep(name, small, outcome.failure, origin, folder=folder)
    return tally


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz, or run a kept case again, and say what came out."""
    options = _parser().parse_args(arguments)
    if options.again:
        return _again(options.again)
    chosen = {name: TARGETS[name] for name in options.only or TARGETS}
    seeds = seed_mails()
    _say(
        f"{len(chosen)} targets, {len(seeds)} seeds, seed number {options.seed}, {options.minutes:g} minutes, {LIMIT_S:g} s a case"
    )
    tally = fuzz(chosen, seeds, minutes=options.minutes, seed=options.seed, folder=options.folder, say=_say)
    seconds, size, origin = tally.slowest
    _say(f"{tally.cases:,} cases; the slowest took {seconds * 1e3:.0f} ms for {size / 1000:.0f} kB ({origin})")
    for path in tally.found.values():
        _say(f"found: {path}")
    return 1 if tally.found else 0


def _again(path: Path) -> int:
    outcome: Outcome = tried(TARGETS[target_of(path)].run, path.read_bytes())
    _say(f"{outcome.seconds * 1e3:.0f} ms" + (f"\n{outcome.failure.details}" if outcome.failure else ", nothing wrong"))
    return 1 if outcome.failure else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description="Try what reads and writes mail with bent mails."
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (default 10)")
    parser.add_argument(
        "--seed", type=int, default=Random().randrange(10**6), help="the same number gives the same cases"
    )
    parser.add_argument("--only", nargs="+", choices=tuple(TARGETS), help="which targets (default all)")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where findings are kept (default .build/fuzz)")
    parser.add_argument("--again", type=Path, metavar="FILE", help="run a kept case again")
    return parser


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command that people run


if __name__ == "__main__":
    sys.exit(main())
