"""Opening the warehouse file: one writer at a time, UTC everywhere, the loader's schemas in place.

What a loader writes into the file is not decided here.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

SCHEMAS = ("raw", "raw_history", "ledger")
_POLL_SECONDS = 0.2
# Without it DuckDB writes files that its version of 2022 could still read: larger, and an eighth slower to write.
_STORAGE_VERSION = "v1.5.0"


class WarehouseBusy(Exception):
    """Another process is writing the warehouse."""


@contextmanager
def open_warehouse(
    path: Path,
    *,
    memory_limit: str | None = None,
    threads: int | None = None,
    wait_seconds: float = 0.0,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield the only writing connection to the warehouse, or raise WarehouseBusy.

    The lock is a file of its own: DuckDB's lock is taken only once the file is open and names nobody, and a second
    writer should be told who it waits for before it touches anything. The kernel drops the lock with the process,
    so a killed run never leaves a stale one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with writer_lock(path, wait_seconds):
        config: dict[str, str | bool | int | float | list[str]] = {"storage_compatibility_version": _STORAGE_VERSION}
        if memory_limit:
            config["memory_limit"] = memory_limit
        if threads:
            config["threads"] = threads
        try:
            connection = duckdb.connect(str(path), config=config)
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise
            raise WarehouseBusy(
                f"{path} is held open by another program (a BI tool or a DuckDB shell?): close it and run again. "
                f"DuckDB says: {str(error).splitlines()[0]}"
            ) from error
        try:
            connection.execute("set timezone = 'UTC'")
            # A file and its ledger line are one fact; nobody should find one without the other after a crash.
            for schema in SCHEMAS:
                connection.execute(f"create schema if not exists {schema}")
            yield connection
        finally:
            connection.close()


@contextmanager
def writer_lock(path: Path, wait_seconds: float) -> Iterator[None]:
    """Be the one who may write the warehouse, or raise WarehouseBusy. Not to be held twice by one process."""
    lock_path = path.with_name(path.name + ".lock")
    waited = 0.0
    with lock_path.open("a+", encoding="utf-8") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if waited >= wait_seconds:
                    lock.seek(0)
                    holder = lock.read().strip() or "another process"
                    raise WarehouseBusy(
                        f"{path} is being written by {holder} (waited {wait_seconds:g} s). "
                        "Wait for it to end, or allow a longer wait with REVHOUSE_LOCK_WAIT_SECONDS."
                    ) from error
                time.sleep(_POLL_SECONDS)
                waited += _POLL_SECONDS
        lock.truncate(0)
        lock.write(f"process {os.getpid()}")
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)
