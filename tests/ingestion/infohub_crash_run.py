"""Scans an InfoHub in a process of its own, and kills it at a chosen moment.

Usage: python -m tests.ingestion.infohub_crash_run ROOT WAREHOUSE RUN_ID WORKERS KILL_AFTER_CHUNKS
Before it dies it prints the processes it has started. With a negative last argument it lives.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

import ingestion.infohub.scan
from ingestion.runs import LoadRun
from ingestion.warehouse import open_warehouse


def main(root: str, warehouse: str, run_id: str, workers: str, kill_after: str) -> None:
    chunks_done = 0

    def progress(done: int, total: int, label: str) -> None:
        nonlocal chunks_done
        chunks_done += 1
        if chunks_done > int(kill_after) >= 0:
            children = Path(f"/proc/self/task/{os.getpid()}/children")
            print(children.read_text() if children.exists() else "", flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

    ingestion.infohub.scan._CHUNK_FILES = 25
    run = LoadRun(run_id, datetime(2026, 3, 1))
    with open_warehouse(Path(warehouse), threads=1) as connection:
        print("scanning", flush=True)
        ingestion.infohub.scan.load_infohub(
            connection, Path(root), run, workers=int(workers), progress=progress, accept_drop=True
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
