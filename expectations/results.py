"""Keeping what came of checks: a row for each of them, and one for each subject that made one fail, day by day in the warehouse.

The day is written whole or not at all, and writing it again replaces it.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb

from expectations.checks import FAIL, Check, Filled, OneOf, Outcome, Share, Suite, Table

SCHEMA = "expectations"

_RESULTS = {
    "as_of_date": "date",
    "run_id": "varchar",
    "suite": "varchar",
    "expectation_key": "varchar",
    "rule_id": "varchar",
    "archetype": "varchar",
    "blueprint": "varchar",
    "item": "varchar",
    "track": "varchar",
    "severity": "varchar",
    "is_blocking": "boolean",
    "status": "varchar",
    "counted_count": "bigint",
    "unexpected_count": "bigint",
    "observed_pct": "double",
    "mostly": "double",
    "threshold": "varchar",
    "status_counts": "json",
    "message": "varchar",
    "description": "varchar",
    "owner_role": "varchar",
    "playbook": "varchar",
    "judged_table": "varchar",
    "policy_version": "varchar",
    "evaluated_at": "timestamp",
}
_SUBJECTS = {
    "as_of_date": "date",
    "run_id": "varchar",
    "suite": "varchar",
    "expectation_key": "varchar",
    "node_id": "varchar",
    "subject_id": "varchar",
    "status": "varchar",
    "reason": "varchar",
    "link": "varchar",
}


@dataclass(frozen=True)
class Run:
    """Whose results these are: the day asked about, the run and its moment (UTC), and the policy that was applied."""

    run_id: str
    as_of: date
    evaluated_at: datetime
    policy_version: str


@dataclass(frozen=True)
class Subject:
    """Something that made a check fail."""

    expectation_key: str
    node_id: str | None
    subject_id: str
    status: str | None
    reason: str | None
    link: str | None


class CountsDiffer(RuntimeError):
    """The rows at fault are not as many as were counted."""


def store_results(
    connection: duckdb.DuckDBPyConnection, run: Run, suites: Sequence[Suite], outcomes: Sequence[Outcome]
) -> None:
    """Put these suites' results in place of what the day had of them. Other suites of the day stay."""
    connection.execute("begin")
    try:
        _make_tables(connection)
        names = [suite.name for suite in suites]
        for table in ("results", "failing_subjects"):
            connection.execute(
                f"delete from {SCHEMA}.{table} where as_of_date = ? and list_contains(?, suite)", [run.as_of, names]
            )
        _insert_rows(connection, [_row(run, suites, outcome) for outcome in outcomes])
        _insert_subjects(connection, run, suites, outcomes)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def read_subjects(
    connection: duckdb.DuckDBPyConnection, as_of: date, suites: Sequence[Suite], *, per_check: int
) -> dict[str, list[Subject]]:
    """The first few subjects of each check that failed on the day."""
    rows = connection.execute(
        f"""
        select expectation_key, node_id, subject_id, status, reason, link
        from {SCHEMA}.failing_subjects
        where as_of_date = ? and list_contains(?, suite)
        qualify row_number() over (partition by expectation_key order by subject_id) <= ?
        order by expectation_key, subject_id
        """,
        [as_of, [suite.name for suite in suites], per_check],
    ).fetchall()
    found: dict[str, list[Subject]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(Subject(*row))
    return dict(found)


def read_worst_nodes(
    connection: duckdb.DuckDBPyConnection, as_of: date, suites: Sequence[Suite], *, per_suite: int
) -> dict[str, list[tuple[str, int]]]:
    """The engagements with the most subjects at fault on the day, and how many they have, for each suite."""
    rows = connection.execute(
        f"""
        select suite, node_id, count(*)
        from {SCHEMA}.failing_subjects
        where as_of_date = ? and list_contains(?, suite) and node_id is not null
        group by suite, node_id
        qualify row_number() over (partition by suite order by count(*) desc, node_id) <= ?
        order by suite, count(*) desc, node_id
        """,
        [as_of, [suite.name for suite in suites], per_suite],
    ).fetchall()
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for suite, node_id, count in rows:
        found[suite].append((node_id, count))
    return dict(found)


def _make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"create schema if not exists {SCHEMA}")
    for name, columns in (("results", _RESULTS), ("failing_subjects", _SUBJECTS)):
        said = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        connection.execute(f"create table if not exists {SCHEMA}.{name} ({said})")


def _row(run: Run, suites: Sequence[Suite], outcome: Outcome) -> dict[str, Any]:
    check = outcome.check
    place = next(suite.table.place for suite in suites if suite.name == outcome.suite)
    return {
        "as_of_date": run.as_of.isoformat(),
        "run_id": run.run_id,
        "suite": outcome.suite,
        "expectation_key": check.key,
        "rule_id": check.rule_id,
        "archetype": check.archetype,
        "blueprint": check.blueprint,
        "item": check.item,
        "track": check.track,
        "severity": check.severity,
        "is_blocking": check.is_blocking,
        "status": outcome.status,
        "counted_count": outcome.counted,
        "unexpected_count": outcome.unexpected,
        "observed_pct": outcome.observed_pct,
        "mostly": check.minimum_pct / 100,
        "threshold": check.threshold,
        "status_counts": dict(outcome.counts),
        "message": outcome.message,
        "description": check.description,
        "owner_role": check.owner_role,
        "playbook": check.playbook,
        "judged_table": place,
        "policy_version": run.policy_version,
        "evaluated_at": run.evaluated_at.isoformat(),
    }


def _insert_rows(connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    # As one document: a statement a row would take longer than judging it did.
    shape = json.dumps([{name: kind.upper() for name, kind in _RESULTS.items()}])
    connection.execute(
        f"""
        insert into {SCHEMA}.results by name
        select unnest(rows, recursive := true) from (select unnest(from_json(?, ?)) as rows)
        """,
        [json.dumps(rows), shape],
    )


def _insert_subjects(
    connection: duckdb.DuckDBPyConnection, run: Run, suites: Sequence[Suite], outcomes: Sequence[Outcome]
) -> None:
    tables = {suite.name: suite.table for suite in suites}
    shares: dict[tuple[Table, tuple[str, ...], str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.status != FAIL:
            continue
        match outcome.check.question:
            case Share(group=group, column=column):
                shares[tables[outcome.suite], tuple(group), column].append(outcome)
            case OneOf(column, values):
                at_fault = f"{column} is not null and not list_contains(?, {column})"
                _insert_rows_at_fault(connection, run, tables[outcome.suite], outcome, at_fault, [list(values)])
            case Filled(column):
                _insert_rows_at_fault(connection, run, tables[outcome.suite], outcome, f"{column} is null", [])
    for (table, columns, status), failed in shares.items():
        _insert_shares(connection, run, table, columns, status, failed)


def _insert_shares(
    connection: duckdb.DuckDBPyConnection,
    run: Run,
    table: Table,
    columns: tuple[str, ...],
    status: str,
    failed: Sequence[Outcome],
) -> None:
    """The rows behind all failed shares of a table, by one statement."""
    asked = [
        {
            "expectation_key": outcome.check.key,
            "suite": outcome.suite,
            "at_fault": [word for word in question.counted if word not in question.passing],
            **question.group,
        }
        for outcome in failed
        if isinstance(question := outcome.check.question, Share)
    ]
    kinds = {column: "BOOLEAN" if isinstance(asked[0][column], bool) else "VARCHAR" for column in columns}
    shape = {"expectation_key": "VARCHAR", "suite": "VARCHAR", "at_fault": ["VARCHAR"], **kinds}
    joined = " and ".join(f"judged.{column} = asked.{column}" for column in columns)
    connection.execute(
        f"""
        insert into {SCHEMA}.failing_subjects by name
        with asked as (select unnest(from_json(?, ?), recursive := true))
        select {_subject(table, "asked.suite", "asked.expectation_key", status, said_by_key=columns)}
        from {table.place} as judged
        inner join asked on {joined}
        where list_contains(asked.at_fault, judged.{status})
        """,
        [json.dumps(asked), json.dumps([shape]), run.as_of, run.run_id],
    )
    counted = dict(
        connection.execute(
            f"""
            select expectation_key, count(*) from {SCHEMA}.failing_subjects
            where as_of_date = ? and list_contains(?, expectation_key) group by all
            """,
            [run.as_of, [outcome.check.key for outcome in failed]],
        ).fetchall()
    )
    wrong = [outcome.check.key for outcome in failed if counted.get(outcome.check.key, 0) != outcome.unexpected]
    if wrong:
        raise CountsDiffer(
            f"{table.place} has other rows at fault than were counted, for {wrong[:5]}: it was written in the meantime, or "
            "its columns do not mean what they did. Nothing was kept."
        )


def _insert_rows_at_fault(
    connection: duckdb.DuckDBPyConnection, run: Run, table: Table, outcome: Outcome, at_fault: str, values: list[Any]
) -> None:
    connection.execute(
        f"""
        insert into {SCHEMA}.failing_subjects by name
        select {_subject(table, "cast(? as varchar)", "cast(? as varchar)", "status")}
        from {table.place} as judged where {at_fault}
        """,
        [run.as_of, run.run_id, outcome.suite, outcome.check.key, *values],
    )


def _subject(table: Table, suite: str, key: str, status: str, said_by_key: tuple[str, ...] = ()) -> str:
    named = [column for column in table.subject if column not in said_by_key]
    names = " || ' / ' || ".join(f"coalesce(judged.{column}, '')" for column in named)
    node = "judged.node_id" if "node_id" in table.subject else "cast(null as varchar)"
    return f"""
        cast(? as date) as as_of_date, cast(? as varchar) as run_id, {suite} as suite, {key} as expectation_key,
        {node} as node_id, {names} as subject_id, judged.{status} as status, judged.{table.reason} as reason,
        judged.{table.link} as link
    """


@dataclass(frozen=True)
class Tally:
    """A validation in figures."""

    suites: int
    expectations: int
    by_status: dict[str, int]
    failed_by_severity: dict[str, int]
    broken: list[str]
    failing: list[str]


def tally(suites: Sequence[Suite], outcomes: Sequence[Outcome]) -> Tally:
    failed = [outcome for outcome in outcomes if outcome.status == FAIL]
    severities = Counter(outcome.check.severity for outcome in failed)
    return Tally(
        suites=len(suites),
        expectations=len(outcomes),
        by_status=dict(Counter(outcome.status for outcome in outcomes)),
        failed_by_severity={word: severities[word] for word in ("error", "warn", "minimal") if severities[word]},
        broken=[_said(outcome) for outcome in outcomes if outcome.is_broken_data],
        failing=[_said(outcome) for outcome in failed],
    )


def _said(outcome: Outcome) -> str:
    check: Check = outcome.check
    if outcome.message:
        return f"{check.key}: {outcome.message}"
    return f"{check.key}: {outcome.unexpected:,} of {outcome.counted:,} fail ({outcome.observed_pct or 0:.0f} % pass, {check.minimum_pct:g} % have to)"
