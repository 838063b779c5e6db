"""A landing folder of one's own, and a loader that reads it with the made-up shop's contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ingestion.contract import Contract, read_contracts
from ingestion.ledger import FileOutcome
from ingestion.loader import LoadReport, load_landing
from ingestion.runs import LoadRun
from ingestion.warehouse import open_warehouse

SHOP_CONTRACTS = Path(__file__).parent / "contracts"
FIRST_RUN_AT = datetime(2026, 3, 1, 6, 0)


class Desk:
    """What a test works at: drop files, load them, look at the tables."""

    def __init__(self, folder: Path, contracts: dict[str, Contract]) -> None:
        self.landing = folder / "landing"
        self.landing.mkdir()
        self.warehouse = folder / "warehouse.duckdb"
        self.contracts = contracts
        self.runs = 0

    def drop(self, name: str, content: str | bytes, instance: str = "main", system: str = "shop") -> Path:
        path = self.landing / system / instance / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def load(self, *, accept_drop: bool = False, only: set[str] | None = None) -> LoadReport:
        self.runs += 1
        run = LoadRun(f"run-{self.runs}", FIRST_RUN_AT + timedelta(hours=self.runs))
        with open_warehouse(self.warehouse) as connection:
            return load_landing(connection, self.landing, self.contracts, run, accept_drop=accept_drop, only=only)

    def load_one(self, name: str, content: str | bytes, **options: bool) -> FileOutcome:
        path = self.drop(name, content)
        report = self.load(**options)
        (outcome,) = [file for file in report.files if file.path == path.relative_to(self.landing).as_posix()]
        return outcome

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.execute(query).fetchall()

    def value(self, query: str) -> object:
        ((found,),) = self.rows(query)
        return found

    def quarantine(self) -> list[tuple[object, ...]]:
        return self.rows(
            "select line, column_name, reason_code, original_text from ledger.quarantine order by file_id, line"
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, read_contracts(SHOP_CONTRACTS))


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[Callable[[str], Desk]]:
    """Several desks in one test, for comparing what two histories end in."""
    contracts = read_contracts(SHOP_CONTRACTS)

    def make(name: str) -> Desk:
        folder = tmp_path / name
        folder.mkdir()
        return Desk(folder, contracts)

    return make
