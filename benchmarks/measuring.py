"""Running the two sides of a comparison in turn, each in a process of its own, and comparing their medians."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Side:
    """One thing to time: `python -m <module> <arguments>`, which prints {"seconds": …} as its last line."""

    module: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """Ours against its floor. Where `limit` is exceeded, the benchmark has failed."""

    name: str
    ours: Side
    floor: Side
    limit: float


@dataclass(frozen=True)
class Result:
    name: str
    ours_s: float
    floor_s: float
    ratio: float
    limit: float
    peak_mb: int

    @property
    def is_within_limit(self) -> bool:
        return self.ratio <= self.limit


def compare(comparison: Comparison, runs: int) -> Result:
    """The median of `runs` pairs. The floor goes first in one pair and last in the next, so that drift favours neither."""
    ours: list[float] = []
    floor: list[float] = []
    peak = 0
    for pair in range(runs):
        for is_ours in (False, True) if pair % 2 == 0 else (True, False):
            seconds, peak_mb = _time(comparison.ours if is_ours else comparison.floor)
            (ours if is_ours else floor).append(seconds)
            peak = max(peak, peak_mb) if is_ours else peak
    ours_s, floor_s = statistics.median(ours), statistics.median(floor)
    return Result(
        comparison.name, round(ours_s, 3), round(floor_s, 3), round(ours_s / floor_s, 3), comparison.limit, peak
    )


def _time(side: Side) -> tuple[float, int]:
    """Seconds as the side itself measured them, imports apart, and the peak memory of its process."""
    process = subprocess.Popen(
        [sys.executable, "-m", side.module, *side.arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"python -m {side.module} {' '.join(side.arguments)} ended with {process.returncode}")
    seconds = float(json.loads(said.strip().splitlines()[-1])["seconds"])
    # Linux counts ru_maxrss in kilobytes, macOS in bytes.
    return seconds, usage.ru_maxrss // (1024 if sys.platform != "darwin" else 1024 * 1024)
