"""Reports of loaders that never ran, for the modules that only group and show them."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion.infohub.scan import InfohubReport
from ingestion.ledger import FileOutcome
from ingestion.loader import LoadReport
from revhouse.summary import Summary, summarise


@pytest.fixture
def outcome() -> Callable[..., FileOutcome]:
    """Make the outcome of one file of Salesforce's accounts, or of what the arguments say."""

    def make(path: str = "salesforce/main/Account.csv", status: str = "loaded", **fields: Any) -> FileOutcome:
        system, instance = path.split("/")[:2]
        table = fields.pop("table_name", f"{system}__accounts")
        return FileOutcome(path, system, instance, table, status, **fields)

    return make


@pytest.fixture
def infohub_report() -> Callable[..., InfohubReport]:
    """Make the report of a scan that found nothing but what the arguments say."""
    counts = [field.name for field in dataclasses.fields(InfohubReport) if field.name != "problems"]

    def make(**found: Any) -> InfohubReport:
        return InfohubReport(**{**dict.fromkeys(counts, 0), **found})

    return make


@pytest.fixture
def summary_of() -> Callable[..., Summary]:
    """Summarise these outcomes."""

    def make(*outcomes: FileOutcome, infohub: Any = None) -> Summary:
        return summarise(
            LoadReport(files=list(outcomes)),
            infohub,
            run_id="run-1",
            as_of=date(2026, 6, 30),
            loaded_at=datetime(2026, 7, 1, 4, 30, tzinfo=UTC),
            landing=Path.cwd() / "data/landing",
            infohub_folder=Path.cwd() / "data/infohub",
            warehouse=Path.cwd() / "data/warehouse.duckdb",
        )

    return make
