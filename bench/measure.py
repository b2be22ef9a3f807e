"""Timing two things in turn, so that what else the machine does meets both alike."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time

__all__ = ["Comparison", "Sample", "compare", "sample"]


@dataclass(frozen=True, slots=True)
class Sample:
    """Seconds by the clock on the wall, and seconds of processor time of this process."""

    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line of the table: medians of one operation of ours and of the reference, in seconds. `aim` is the ratio wanted, if any."""

    name: str
    ours_s: float
    reference_s: float
    cpu_ratio: float
    aim: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.ours_s / self.reference_s


def compare(
    name: str,
    ours: Callable[[], Sample],
    reference: Callable[[], Sample],
    *,
    rounds: int,
    aim: float | None = None,
    note: str = "",
) -> Comparison:
    """Run both once to warm up, then in turn, `rounds` times each. Whoever goes first changes with each round."""
    ours(), reference()
    found: dict[Callable[[], Sample], list[Sample]] = {ours: [], reference: []}
    for number in range(rounds):
        for run in (ours, reference) if number % 2 == 0 else (reference, ours):
            gc.collect()
            found[run].append(run())
    cpu = [median(one.cpu_s for one in found[run]) for run in (ours, reference)]
    wall = [median(one.wall_s for one in found[run]) for run in (ours, reference)]
    return Comparison(name, wall[0], wall[1], cpu[0] / cpu[1] if cpu[1] else float("nan"), aim, note)


def sample(operation: Callable[[], object], times: int = 1) -> Callable[[], Sample]:
    """What runs an operation some times and gives the seconds of one."""

    def run() -> Sample:
        wall, cpu = perf_counter(), process_time()
        for _ in range(times):
            operation()
        return Sample((perf_counter() - wall) / times, (process_time() - cpu) / times)

    return run
