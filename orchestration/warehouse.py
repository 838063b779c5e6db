"""What every step needs before it calls a plain function: settings, the warehouse, and the run it belongs to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import dagster as dg
import duckdb

from ingestion.runs import LoadRun
from ingestion.warehouse import open_warehouse
from revhouse.settings import SettingError, Settings, read_settings

POOL = "warehouse"
"""The concurrency pool of everything that writes the warehouse; dagster.yaml gives a pool one slot."""

_WAIT_SECONDS = 600.0
"""A step waits for a run from the command line, which Dagster's pool knows nothing of."""


def live_settings() -> Settings:
    """The settings of a process that loads what is new and builds from it."""
    settings = read_settings()
    if settings.known_at:
        raise SettingError(
            "REVHOUSE_KNOWN_AT is set, and Dagster loads and builds what is known now. Unset it, and ask what was known "
            "earlier on the command line: revhouse run --known-at"
        )
    return settings


@contextmanager
def writing(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(
        settings.warehouse,
        memory_limit=settings.memory_limit,
        threads=settings.threads,
        wait_seconds=patient(settings).lock_wait_seconds,
    ) as connection:
        yield connection


def patient(settings: Settings) -> Settings:
    return replace(settings, lock_wait_seconds=max(settings.lock_wait_seconds, _WAIT_SECONDS))


def load_run(context: dg.AssetExecutionContext) -> LoadRun:
    """All steps of a Dagster run know what they load from the moment at which that run began."""
    stats = context.instance.get_run_stats(context.run.run_id)
    started = datetime.fromtimestamp(stats.start_time, UTC) if stats.start_time else datetime.now(UTC)
    return LoadRun(context.run.run_id, started.replace(tzinfo=None))
