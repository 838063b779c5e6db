"""A run that is killed, and two runs at once: nothing is lost, doubled or corrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.ingestion.conftest import Desk
from tests.ingestion.crash_run import BUSY

ROOT = Path(__file__).parents[2]
TABLES = (
    "raw.shop__orders",
    "raw_history.shop__orders",
    "raw.shop__clicks",
    "ledger.files",
    "ledger.quarantine",
    "ledger.schema_drift",
)


def fill(desk: Desk) -> None:
    """Several deliveries that correct each other, with bad rows, so that every step of a load has work to do."""
    for month in range(1, 7):
        body = "".join(
            f"{number},label {number % (month + 3)},{'x' if number % 997 == 0 else number},2026-0{month}-01\n"
            for number in range(4000)
        )
        desk.drop(f"orders_2026-0{month}-28.csv", "Id,label,pieces,modified\n" + body)
        clicks = "".join(f"{number + month * 3000},2026-0{month}-02T00:00:00Z,/\n" for number in range(4000))
        desk.drop(f"clicks_2026-0{month}.csv", "click_id,clicked_at,page\n" + clicks)


def start(desk: Desk, wait_seconds: float = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ingestion.crash_run", str(desk.landing), str(desk.warehouse), str(wait_seconds)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def tables(desk: Desk) -> dict[str, list[tuple[object, ...]]]:
    # When a file was touched differs between two folders; everything else must not.
    return {
        table: desk.rows(
            f"select * {'exclude (modified_at)' if table == 'ledger.files' else ''} from {table} order by all"
        )
        for table in TABLES
    }


@pytest.fixture
def undisturbed(make_desk: Callable[[str], Desk]) -> tuple[float, dict[str, list[tuple[object, ...]]]]:
    desk = make_desk("undisturbed")
    fill(desk)
    started = time.monotonic()
    process = start(desk)
    assert process.wait(timeout=120) == 0
    return time.monotonic() - started, tables(desk)


def test_killed_at_any_moment_and_run_again_the_tables_are_the_same(
    make_desk: Callable[[str], Desk], undisturbed: tuple[float, dict[str, list[tuple[object, ...]]]]
) -> None:
    usual_seconds, expected = undisturbed
    kills = 0
    for attempt in range(5):
        desk = make_desk(f"killed_{attempt}")
        fill(desk)
        for share in (0.35, 0.55, 0.75, 0.9):
            process = start(desk)
            time.sleep(usual_seconds * (share + attempt * 0.03))
            kills += process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=30)
        assert start(desk).wait(timeout=120) == 0
        assert tables(desk) == expected
    assert kills >= 5, "the kills came too late to prove anything"


def test_of_two_runs_at_once_one_waits_and_both_end_well(make_desk: Callable[[str], Desk]) -> None:
    desk = make_desk("waiting")
    fill(desk)
    first = start(desk)
    assert first.stdout is not None
    assert first.stdout.readline() == "writing\n"
    second = start(desk, wait_seconds=120)
    assert (first.wait(timeout=120), second.wait(timeout=120)) == (0, 0)
    assert desk.value("select count(*) from raw.shop__orders") == 4000 - 5  # the rows with an x
    assert desk.value("select count(*) from ledger.files where status = 'loaded'") == 12


def test_a_run_that_may_not_wait_is_told_who_is_writing(make_desk: Callable[[str], Desk]) -> None:
    desk = make_desk("refusing")
    fill(desk)
    first = start(desk)
    assert first.stdout is not None
    first.stdout.readline()
    second = start(desk)
    said, _ = second.communicate(timeout=60)
    assert second.returncode == BUSY
    assert f"is being written by process {first.pid}" in said
    assert first.wait(timeout=120) == 0


def test_a_reader_that_holds_the_warehouse_is_named_as_the_obstacle(desk: Desk) -> None:
    desk.drop("orders.csv", "Id\n1\n")
    desk.load()
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; held = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True); sys.stdin.read()",
            str(desk.warehouse),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        with pytest.raises(Exception, match="held open by another program"):
            desk.load()
    finally:
        holder.communicate()
    assert duckdb.connect(str(desk.warehouse), read_only=True).execute(
        "select count(*) from raw.shop__orders"
    ).fetchone() == (1,)
