"""The fuzzer finds what is wrong, makes it small and keeps it; and some seconds of it find nothing in what reads and writes mail."""

import re
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.__main__ import fuzz
from tests.fuzz.findings import target_of
from tests.fuzz.mutating import MOST_BYTES, mutate
from tests.fuzz.seeds import seed_mails
from tests.fuzz.targets import TARGETS, Target
from tests.fuzz.watching import minimised, tried

ROOT = Path(__file__).parents[2]
SECONDS = 20


@pytest.mark.slow
def test_bent_mails_are_read_and_written_without_a_fault(tmp_path):
    command = [sys.executable, "-m", "tests.fuzz", "--minutes", str(SECONDS / 60), "--folder", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    kept = "\n".join(path.read_text() for path in tmp_path.glob("*.txt"))
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\n{kept}"
    cases = re.search(r"([\d,]+) cases", done.stdout)
    assert cases
    assert int(cases[1].replace(",", "")) > 100


def fails_on_two_letters(data: bytes) -> None:
    if b"x" in data and b"y" in data:
        raise KeyError("x and y")


def never_ends(_data: bytes) -> None:
    while True:
        re.match(r"(a|a)*b", "a" * 40)


def test_a_fault_is_found_made_small_and_kept_once(tmp_path):
    seeds = (b"From: x\n" + b"words " * 50 + b"y\n",)
    target = Target(
        "two letters never meet", lambda rng, seeds: mutate(rng, seeds[0], seeds, (b"z",)), fails_on_two_letters
    )
    said: list[str] = []
    tally = fuzz({"letters": target}, seeds, minutes=0.02, seed=1, folder=tmp_path, say=said.append)
    assert tally.cases > 5
    assert len(tally.found) == len(said) == 1
    (kept,) = tmp_path.glob("*.bin")
    assert sorted(kept.read_bytes()) == [ord("x"), ord("y")]
    assert "KeyError: 'x and y'" in kept.with_suffix(".txt").read_text()
    assert target_of(kept) == "letters"


def test_what_takes_too_long_is_stopped():
    outcome = tried(never_ends, b"", limit_s=0.1)
    assert outcome.failure is not None
    assert outcome.failure.signature == "TooSlow"
    assert outcome.seconds < 1.5


def test_a_case_that_works_has_no_failure_and_the_limit_is_gone_afterwards():
    assert tried(lambda data: None, b"", limit_s=0.01).failure is None
    assert sum(range(3_000_000))


def test_making_small_keeps_the_same_fault():
    def either(data: bytes) -> None:
        if b"a" in data:
            raise ValueError
        if b"b" in data:
            raise TypeError

    signature = tried(either, b"bba").failure.signature
    assert minimised(either, b"bbbbabbb", signature) == b"a"


@pytest.mark.parametrize("name", TARGETS)
def test_the_same_numbers_give_the_same_case(name):
    seeds = seed_mails()[:9]
    first, second = (TARGETS[name].make(Random("7:1"), seeds) for _ in range(2))
    assert first == second
    assert len(first) < 4 * MOST_BYTES


def test_seeds_hold_mails_of_their_own():
    assert len({raw[:200] for raw in seed_mails()}) >= 9
