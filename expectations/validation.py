"""A validation from beginning to end: the suites that the policy asks for, what came of them, kept in the warehouse and shown as pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from expectations.checks import Outcome, Suite
from expectations.policy import read_policy
from expectations.results import Run, Tally, read_subjects, read_worst_nodes, store_results, tally
from expectations.suites import build_suites
from ingestion.warehouse import WarehouseBusy

_NODES_TOLD = 10


@dataclass(frozen=True)
class Validation:
    suites: Sequence[Suite]
    outcomes: Sequence[Outcome]
    tally: Tally
    data_docs: Path | None
    worst_nodes: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    """For each suite the engagements with the most subjects at fault, and how many."""


def validate(
    warehouse: Path,
    suites: Sequence[Suite],
    run: Run,
    *,
    data_docs: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> Validation:
    """Run suites, and keep and show the results. The caller holds the warehouse's lock, so that nobody writes in between."""
    from expectations.data_docs import SUBJECTS_SHOWN, write_data_docs
    from expectations.running import run_suites

    with _connected(warehouse, read_only=True):
        pass  # Great Expectations would call a file that is in use an error of each expectation
    outcomes, answers = run_suites(warehouse, suites, settings=settings)
    with _connected(warehouse, read_only=False) as connection:
        store_results(connection, run, suites, outcomes)
        subjects = read_subjects(connection, run.as_of, suites, per_check=SUBJECTS_SHOWN)
        worst_nodes = read_worst_nodes(connection, run.as_of, suites, per_suite=_NODES_TOLD)
    begins = write_data_docs(data_docs, run, suites, outcomes, answers, subjects) if data_docs else None
    return Validation(suites, outcomes, tally(suites, outcomes), begins, worst_nodes)


def suites_of(policy_folder: Path) -> tuple[list[Suite], str]:
    """All suites of a policy, and its version."""
    policy = read_policy(policy_folder)
    return build_suites(policy), policy.version


@contextmanager
def _connected(warehouse: Path, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        connection = duckdb.connect(str(warehouse), read_only=read_only)
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise
        raise WarehouseBusy(
            f"{warehouse} is held open by another program (a BI tool or a DuckDB shell?): close it and run again. "
            f"DuckDB says: {str(error).splitlines()[0]}"
        ) from error
    try:
        connection.execute("set timezone = 'UTC'")
        yield connection
    finally:
        connection.close()
