"""Loads a landing folder in a process of its own, so that a test can kill it at any moment.

Usage: python -m tests.ingestion.crash_run LANDING WAREHOUSE WAIT_SECONDS
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from ingestion.contract import read_contracts
from ingestion.loader import load_landing
from ingestion.runs import LoadRun
from ingestion.warehouse import WarehouseBusy, open_warehouse
from tests.ingestion.conftest import SHOP_CONTRACTS

BUSY = 5


def main(landing: str, warehouse: str, wait_seconds: str) -> int:
    try:
        with open_warehouse(Path(warehouse), wait_seconds=float(wait_seconds), threads=1) as connection:
            print("writing", flush=True)
            load_landing(
                connection, Path(landing), read_contracts(SHOP_CONTRACTS), LoadRun("run", datetime(2026, 3, 1))
            )
    except WarehouseBusy as busy:
        print(busy, flush=True)
        return BUSY
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
