"""A scan that is killed leaves the tables of the last whole scan; a reader that dies costs one file."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ingestion.infohub import workers as infohub_workers
from ingestion.infohub.files import MAX_FILE_BYTES, Wanted
from ingestion.infohub.workers import read_here, read_in_processes
from tests.ingestion.infohub_desk import TABLES, WRITTEN_AT, InfohubDesk, tables_of

SCANS = "ledger.infohub_scans"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def desk(tmp_path: Path) -> InfohubDesk:
    return InfohubDesk(tmp_path)


def start(desk: InfohubDesk, warehouse: Path, *, workers: int, kill_after: int) -> subprocess.Popen[str]:
    arguments = [str(desk.root), str(warehouse), "run-2", str(workers), str(kill_after)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ingestion.infohub_crash_run", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_until(is_so: Callable[[], bool], seconds: float = 10) -> bool:
    for _ in range(int(seconds / 0.05)):
        if is_so():
            return True
        time.sleep(0.05)
    return is_so()


def is_alive(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def scanned(warehouse: Path) -> dict[str, list[tuple[object, ...]]]:
    return tables_of(warehouse, (*TABLES, SCANS))


class TestKilledScans:
    @pytest.fixture
    def half_known(self, desk: InfohubDesk) -> InfohubDesk:
        """A warehouse that knows an earlier state of the tree: files are new, changed, saved again and removed."""
        for number in range(150):
            desk.write(f"A/N{number % 3}/{number:03d}.yaml", f"v: {number}\n")
        desk.scan()
        for number in range(0, 150, 5):
            (desk.root / f"A/N{number % 3}/{number:03d}.yaml").unlink()
        for number in range(1, 150, 5):
            desk.write(f"A/N{number % 3}/{number:03d}.yaml", "v: [\n", written_at=WRITTEN_AT + timedelta(days=1))
        for number in range(2, 150, 5):
            desk.touch(f"A/N{number % 3}/{number:03d}.yaml", WRITTEN_AT + timedelta(days=2))
        for number in range(150):
            desk.write(f"B/N/{number:03d}.yaml", f"v: {number}\n---\nw: {number}\n")
        return desk

    def undisturbed(self, desk: InfohubDesk, tmp_path: Path) -> dict[str, list[tuple[object, ...]]]:
        warehouse = tmp_path / "undisturbed.duckdb"
        shutil.copy(desk.warehouse, warehouse)
        assert start(desk, warehouse, workers=1, kill_after=-1).wait(60) == 0
        return scanned(warehouse)

    def test_after_a_kill_at_any_chunk_the_next_scan_ends_as_if_nothing_had_happened(
        self, half_known: InfohubDesk, tmp_path: Path
    ) -> None:
        before = scanned(half_known.warehouse)
        expected = self.undisturbed(half_known, tmp_path)
        assert expected != before
        for kill_after in (0, 3, 7):
            warehouse = tmp_path / f"killed_{kill_after}.duckdb"
            shutil.copy(half_known.warehouse, warehouse)
            assert start(half_known, warehouse, workers=1, kill_after=kill_after).wait(60) == -signal.SIGKILL
            assert scanned(warehouse) == before
            assert start(half_known, warehouse, workers=1, kill_after=-1).wait(60) == 0
            assert scanned(warehouse) == expected

    def test_a_kill_at_any_moment_leaves_the_last_scan_or_this_one(
        self, half_known: InfohubDesk, tmp_path: Path
    ) -> None:
        before = scanned(half_known.warehouse)
        expected = self.undisturbed(half_known, tmp_path)
        for number, delay in enumerate((0.0, 0.02, 0.06, 0.1, 0.15)):
            warehouse = tmp_path / f"killed_{number}.duckdb"
            shutil.copy(half_known.warehouse, warehouse)
            process = start(half_known, warehouse, workers=1, kill_after=-1)
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(delay)
            process.kill()
            process.wait(60)
            assert scanned(warehouse) in (before, expected)
            # A scan that was finished after all has nothing to do, and says so in a line of the ledger.
            assert start(half_known, warehouse, workers=1, kill_after=-1).wait(60) == 0
            tables = scanned(warehouse)
            scans = tables.pop(SCANS)
            assert scans[:2] == expected[SCANS]
            assert tables == {name: rows for name, rows in expected.items() if name != SCANS}

    @pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux lists processes in /proc")
    def test_readers_end_with_the_scan_that_started_them(self, half_known: InfohubDesk) -> None:
        process = start(half_known, half_known.warehouse, workers=2, kill_after=1)
        output, _ = process.communicate(timeout=60)
        readers = [int(word) for word in output.split() if word.isdigit()]
        assert readers
        assert wait_until(lambda: not any(is_alive(reader) for reader in readers))


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_endless_nesting_does_not_end_the_process(opening: str) -> None:
    """In a process of its own, because yaml.load with CSafeLoader does end it: that is why we do not use it."""
    code = f"""
from ingestion.infohub.yaml_reading import Unreadable, read_yaml
try:
    read_yaml({opening!r}.encode() * ({MAX_FILE_BYTES} // {len(opening)}))
except Unreadable as problem:
    print(problem.reason_code)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.strip() in ("too_deep", "collection_as_key")


class TestDyingReaders:
    """As when a file uses up all memory: no such file is known, so a reader that dies over a name plays its part."""

    @pytest.fixture
    def fatal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        serve = """
import os, sys
sys.path[:] = {path!r}
from ingestion.infohub import files as infohub_files, workers as infohub_workers
content_of = infohub_files._content_of
def fatal(path, data):
    if "fatal" in path:
        os.kill(os.getpid(), 9)
    return content_of(path, data)
infohub_files._content_of = fatal
infohub_workers.serve()
"""
        monkeypatch.setattr(infohub_workers, "_SERVE", serve)

    @pytest.mark.usefixtures("fatal")
    def test_one_file_is_lost_not_the_scan(self, desk: InfohubDesk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ingestion.infohub.scan._CHUNK_FILES", 10)
        for number in range(60):
            desk.write(f"A/N/{'fatal' if number in (3, 4, 44) else 'good'}_{number:02d}.yaml", f"v: {number}\n")
        report = desk.scan(workers=2)
        assert (report.files_seen, report.documents, report.files_unreadable) == (60, 57, 3)
        assert {problem.reason_code for problem in report.problems} == {"reader_died"}
        assert [problem.path for problem in report.problems] == [f"A/N/fatal_{n:02d}.yaml" for n in (3, 4, 44)]
        # They may have died of something that has passed: such files are tried again.
        report = desk.scan(workers=1)
        assert (report.files_parsed, report.documents, report.problems) == (3, 60, [])

    def test_readers_that_cannot_start_are_no_fault_of_the_files(
        self, desk: InfohubDesk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(infohub_workers, "_SERVE", "raise SystemExit(1)")
        wanted = []
        for number in range(30):
            desk.write(f"A/N/{number:02d}.yaml", f"v: {number}\n")
            wanted.append([Wanted(f"A/N/{number:02d}.yaml")])
        with pytest.raises(RuntimeError, match="end before they answer"):
            list(read_in_processes(str(desk.root), wanted, 2))


def test_readers_answer_what_is_read_here(desk: InfohubDesk) -> None:
    desk.write("A/N/a.yaml", "a: 'line\\u2028break'\n")
    desk.write("A/N/two\nlines 😀.yaml", 'a: "x\\ny"\n---\nb: 2\n')
    desk.write("A/N/bad.yaml", "a: [\n")
    chunks = [
        [Wanted("A/N/a.yaml"), Wanted("A/N/gone.yaml")],
        [Wanted("A/N/two\nlines 😀.yaml")],
        [Wanted("A/N/bad.yaml")],
    ]
    root = str(desk.root)
    here = list(read_here(root, chunks))
    there = list(read_in_processes(root, chunks, 2))
    assert sorted(there, key=repr) == sorted(here, key=repr)
    assert [readings.gone for readings in here] == [["A/N/gone.yaml"], [], []]


def test_no_reader_outlives_a_reading_that_is_given_up(desk: InfohubDesk) -> None:
    for number in range(30):
        desk.write(f"A/N/{number:02d}.yaml", f"v: {number}\n")
    readings = read_in_processes(str(desk.root), [[Wanted(f"A/N/{number:02d}.yaml")] for number in range(30)], 2)
    next(readings)
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    readings.close()
    if children.exists():
        assert not [child for child in children.read_text().split() if "infohub" in _command_of(child)]


def _command_of(process_id: str) -> str:
    return Path(f"/proc/{process_id}/cmdline").read_text()
