"""Loading an InfoHub: compare the tree with the last scan, read what changed, commit all of it at once.

What a file means is decided in files.py, what the tables look like in tables.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingestion.infohub.files import (
    MAX_FILE_BYTES,
    PASSING_REASONS,
    READER_VERSION,
    Readings,
    Wanted,
    shown_path,
)
from ingestion.infohub.tables import ScanTables, create_tables
from ingestion.infohub.tree import FileState, Tree, scan_tree
from ingestion.infohub.workers import read_here, read_in_processes
from ingestion.infohub.yaml_reading import has_libyaml
from ingestion.runs import LoadRun, Progress

# As for exports: losing more than half of what was known is a broken copy until somebody says it is meant.
DROP_GUARD_SHARE = 0.5
DROP_GUARD_FILES = 20

# Starting a worker takes as long as reading about this much (measured with files of 1 kB).
_BYTES_WORTH_A_WORKER = 1_000_000
_MAX_WORKERS = 8
_CHUNK_FILES = 1000
_CHUNK_BYTES = 2_000_000


class InfohubRefused(Exception):
    """The tree as a whole cannot be believed; what the last scan found stays."""

    def __init__(self, reason_code: str, reason: str) -> None:
        super().__init__(reason)
        self.reason_code = reason_code


@dataclass(frozen=True)
class InfohubProblem:
    """A file that could not be read as it is, or a remark on one that could."""

    path: str
    line: int | None
    reason_code: str
    reason: str


@dataclass(frozen=True)
class InfohubReport:
    """What a scan found. Every file seen was parsed now, is unchanged, or was not a file to parse."""

    files_seen: int
    files_parsed: int
    files_unchanged: int
    files_removed: int
    files_unreadable: int
    files_refused: int
    files_not_parsed: int
    documents: int
    realms: int
    nodes: int
    problems: list[InfohubProblem] = field(default_factory=list)


def load_infohub(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    run: LoadRun,
    *,
    instance: str = "main",
    workers: int | None = None,
    progress: Progress | None = None,
    accept_drop: bool = False,
) -> InfohubReport:
    """Bring the tables of one InfoHub up to date, or raise InfohubRefused and change nothing.

    `workers` is the number of processes that read files (default: as many as pay); with 1 they are read here.
    `accept_drop` lets a scan through that finds nothing, or less than half of what was known. An InfoHub that
    is missing or empty and never held anything is no drop: its report counts nothing.
    """
    create_tables(connection)
    tables = ScanTables(connection, instance, run.run_id, _utc(run.loaded_at))
    facts = {"root": root.resolve().name, "is_drop_accepted": accept_drop, "reader_version": READER_VERSION}
    try:
        known = tables.known_files()
        tree = _tree(root)
        vanished = _vanished(known, tree)
        if not accept_drop:
            _guard_against_drop(root, tree, len(vanished), len(known))
    except InfohubRefused as refusal:
        tables.record_scan(facts | {"status": "refused", "reason_code": refusal.reason_code, "reason": str(refusal)})
        raise

    connection.execute("begin transaction")
    try:
        report = _scan(tables, str(root.resolve()), tree, known, vanished, workers, progress)
        counts = {name: value for name, value in vars(report).items() if name != "problems"}
        tables.record_scan(facts | counts | {"status": "loaded"})
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return report


def _scan(
    tables: ScanTables,
    root: str,
    tree: Tree,
    known: dict[str, tuple[FileState, str | None, str | None]],
    vanished: set[str],
    workers: int | None,
    progress: Progress | None,
) -> InfohubReport:
    is_same_reader = tables.last_reader_version() == READER_VERSION
    new: list[Wanted] = []
    changed: list[Wanted] = []
    for path, state in tree.files.items():
        if (row := known.get(path)) is None and (row := known.get(shown_path(path))) is None:
            new.append(Wanted(path))
            continue
        known_state, sha256, reason_code = row
        is_settled = is_same_reader and reason_code not in PASSING_REASONS
        if not is_settled or state != known_state:
            changed.append(Wanted(path, sha256 if is_settled else None))

    parsed_count = touched_count = done = 0
    gone: list[str] = []
    total = len(new) + len(changed)
    for wanted, is_new in ((new, True), (changed, False)):
        if not wanted:
            continue
        if not is_new:
            tables.start_comparison()
        for readings in _read(root, wanted, tree, workers):
            if is_new:
                tables.add_new(readings.files, readings.documents)
            else:
                tables.compare(readings.files, readings.documents, readings.touched)
            parsed_count += readings.parsed_count
            touched_count += len(readings.touched)
            gone.extend(readings.gone)
            done += len(readings.files) + len(readings.touched) + len(readings.gone)
            if progress is not None:
                progress(done, total, "InfoHub")
        if not is_new:
            tables.finish_comparison()

    removed = vanished.union(known.keys() & map(shown_path, gone))
    if removed:
        tables.remove(removed)
    problems = [InfohubProblem(*row) for row in tables.problems()]
    if not has_libyaml:
        reason = "PyYAML was built without libyaml: reading takes ten times as long. Install a PyYAML wheel."
        problems.insert(0, InfohubProblem(".", None, "slow_parser", reason))
    return InfohubReport(
        files_seen=len(tree.files) - len(gone),
        files_parsed=parsed_count,
        files_unchanged=len(tree.files) - total + touched_count,
        files_removed=len(removed),
        problems=problems,
        **tables.counts(),
    )


def _tree(root: Path) -> Tree:
    if not root.exists():
        return Tree()
    if not root.is_dir():
        raise InfohubRefused(
            "not_a_folder",
            f"The InfoHub {root} is not a folder. Name the folder that holds one folder per realm.",
        )
    try:
        return scan_tree(str(root.resolve()))
    except OSError as error:
        raise InfohubRefused(
            "unreadable_root",
            f"The InfoHub {root} cannot be listed ({error.strerror}). What was loaded before is kept.",
        ) from error


def _vanished(known: Iterable[str], tree: Tree) -> set[str]:
    """Known paths that are not in the tree, but for those below a folder that could not be listed."""
    vanished = set(known).difference(map(shown_path, tree.files))
    if tree.closed_folders:
        closed = tuple(tree.closed_folders)
        vanished = {path for path in vanished if not path.startswith(closed)}
    return vanished


def _guard_against_drop(root: Path, tree: Tree, vanished_count: int, known_count: int) -> None:
    if known_count and not tree.files:
        code, missing = ("empty_root", "is empty") if root.exists() else ("missing_root", "does not exist")
        found = f"The InfoHub {root} {missing}, and {known_count:,} files of it were known."
    elif vanished_count >= DROP_GUARD_FILES and vanished_count > known_count * DROP_GUARD_SHARE:
        code = "sharp_drop"
        found = f"{vanished_count:,} of the {known_count:,} files known before are missing from {root}."
    else:
        return
    raise InfohubRefused(
        code,
        f"{found} Is it the right folder, and complete? If it is, accept the drop; nothing was changed.",
    )


def _read(root: str, wanted: list[Wanted], tree: Tree, workers: int | None) -> Iterator[Readings]:
    # Of larger files nothing is read.
    sizes = [min(tree.files[file.path].size_bytes, MAX_FILE_BYTES) for file in wanted]
    if workers is None:
        workers = min(_core_count(), _MAX_WORKERS, sum(sizes) // _BYTES_WORTH_A_WORKER)
    chunks = _chunks(wanted, sizes)
    if workers < 2 or len(chunks) < 2:
        return read_here(root, chunks)
    return read_in_processes(root, chunks, workers)


def _core_count() -> int:
    # Containers and batch systems lend fewer cores than the machine has; only Linux says how many.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _chunks(wanted: list[Wanted], sizes: list[int]) -> list[list[Wanted]]:
    chunks: list[list[Wanted]] = []
    chunk_bytes = 0
    for file, size in zip(wanted, sizes, strict=True):
        if not chunks or len(chunks[-1]) >= _CHUNK_FILES or chunk_bytes + size > _CHUNK_BYTES:
            chunks.append([])
            chunk_bytes = 0
        chunks[-1].append(file)
        chunk_bytes += size
    return chunks


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
