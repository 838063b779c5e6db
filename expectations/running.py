"""Running suites: Great Expectations asks the warehouse, in one context, one batch and one pass for each table.

Nothing is written here, and the file is free again when the answers are there.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from expectations.checks import (
    ERROR,
    FAIL,
    NOTHING_TO_ASSESS,
    PASS,
    Check,
    Contains,
    Filled,
    OneOf,
    Outcome,
    Share,
    Suite,
    Table,
)

# The policy's words for how much a rule matters, and Great Expectations'.
SEVERITIES = {"minimal": "info", "warn": "warning", "error": "critical"}

_REASON_CHARACTERS = 500
_NAMED = 10


class ExpectationsLost(RuntimeError):
    """Great Expectations answered fewer or other expectations than it was asked."""


def run_suites(
    warehouse: Path, suites: Sequence[Suite], *, settings: Mapping[str, str] | None = None
) -> tuple[list[Outcome], dict[str, Any]]:
    """What came of every check, in the order of the suites; and what Great Expectations said, by key, to be shown."""
    by_table: dict[Table, list[Check]] = defaultdict(list)
    for suite in suites:
        by_table[suite.table] += suite.checks
    answers: dict[str, Any] = {}
    errors: dict[str, str] = {}
    sizes: dict[Table, int] = {}
    with _opened(warehouse, settings or {}) as source:
        for table, checks in by_table.items():
            try:
                batch, sizes[table] = _batch(source, table)
                found = batch.validate(_suite(table.name, checks), result_format="BASIC").results
            except Exception as error:
                # Whatever keeps a table from being asked, a missing one above all, is an error of each of its checks.
                errors |= {check.key: _short(error) for check in checks}
                continue
            answers |= matched(checks, found)
    outcomes = [
        _error(suite, check, errors[check.key])
        if check.key in errors
        else _outcome(suite, check, answers[check.key], sizes[suite.table])
        for suite in suites
        for check in suite.checks
    ]
    return outcomes, answers


def matched(checks: Iterable[Check], results: Iterable[Any]) -> dict[str, Any]:
    """Results by key: they come in another order, and an expectation that was dropped on the way would pass unseen."""
    found: dict[str, Any] = {}
    for result in results:
        found[result.expectation_config.meta["key"]] = result
    asked = [check.key for check in checks]
    if sorted(found) != sorted(asked):
        lost, strange = sorted(set(asked) - set(found)), sorted(set(found) - set(asked))
        raise ExpectationsLost(f"asked {len(asked)}, answered {len(found)}; lost: {lost}; never asked: {strange}")
    return found


def expectation(check: Check) -> Any:
    """The check as an expectation."""
    from expectations.shares import ExpectShareOfGroupToPass

    # Its classes are typed by what they may be given besides a plain value, which no dictionary of arguments is.
    gxe: Any = import_module("great_expectations.expectations")
    said: dict[str, Any] = {
        "severity": SEVERITIES[check.severity],
        "description": check.description,
        "meta": {
            "key": check.key,
            "rule_id": check.rule_id,
            "severity": check.severity,
            "owner_role": check.owner_role,
            "playbook": check.playbook,
            "archetype": check.archetype,
            "blueprint": check.blueprint,
            "item": check.item,
            "track": check.track,
            "mostly": check.minimum_pct / 100,
            "is_blocking": check.is_blocking,
        },
    }
    match check.question:
        case Share() as share:
            return ExpectShareOfGroupToPass(
                group=dict(share.group),
                status_column=share.column,
                counted=list(share.counted),
                passing=list(share.passing),
                minimum_pct=share.minimum_pct,
                **said,
            )
        case OneOf(column, values):
            return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=list(values), **said)
        case Filled(column):
            return gxe.ExpectColumnValuesToNotBeNull(column=column, **said)
        case Contains(column, values):
            return gxe.ExpectColumnDistinctValuesToContainSet(column=column, value_set=list(values), **said)


def _suite(name: str, checks: Iterable[Check]) -> Any:
    import great_expectations as gx

    return gx.ExpectationSuite(name, expectations=[expectation(check) for check in checks])


@contextmanager
def _opened(warehouse: Path, settings: Mapping[str, str]) -> Iterator[Any]:
    from expectations.dialect import url_of

    context = quiet_context()
    source = context.data_sources.add_sql(
        "warehouse", connection_string=url_of(warehouse, settings.items()), create_temp_table=False
    )
    try:
        yield source
    finally:
        # There are two engines, and each holds the file.
        source.get_execution_engine().engine.dispose()
        source.get_engine().dispose()


def quiet_context() -> Any:
    """A context that lives as long as this process, shows no progress and tells nobody."""
    import great_expectations as gx

    # What it logs is a metric that failed, with a page of traceback; that is in the results.
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context


def _batch(source: Any, table: Table) -> tuple[Any, int]:
    import sqlalchemy as sa

    asset = source.add_table_asset(table.name, table_name=table.name, schema_name=table.schema)
    batch = asset.add_batch_definition_whole_table("whole").get_batch()
    count = sa.select(sa.func.count()).select_from(sa.table(table.name, schema=table.schema))
    return batch, source.get_execution_engine().execute_query(count).scalar()


def _outcome(suite: Suite, check: Check, answer: Any, row_count: int) -> Outcome:
    if raised := _raised(answer):
        return _error(suite, check, raised)
    result = answer.result
    if isinstance(check.question, Share):
        counted = result["element_count"]
        unexpected = result["unexpected_count"]
        counts = result["details"]["counts"]
    else:
        counted = row_count
        # Of a set that lacks values no row is at fault.
        unexpected = result.get("unexpected_count", 0)
        counts = {}
    if not counted:
        status = NOTHING_TO_ASSESS
    else:
        status = PASS if answer.success else FAIL
    return Outcome(suite.name, check, status, counted, unexpected, counts, _missing_values(check, answer))


def _missing_values(check: Check, answer: Any) -> str | None:
    if not isinstance(check.question, Contains) or answer.success:
        return None
    named = sorted(answer.result["partial_missing_list"])
    return f"{answer.result['missing_count']} not there, such as {', '.join(named[:_NAMED])}"


def _raised(answer: Any) -> str | None:
    """What an expectation that raised says: at the top, or below the metrics that could not be had."""
    told = answer.exception_info or {}
    found = [told] if "raised_exception" in told else [part for part in told.values() if isinstance(part, dict)]
    messages = [str(part["exception_message"]) for part in found if part.get("raised_exception")]
    return "; ".join(dict.fromkeys(messages))[:_REASON_CHARACTERS] or None


def _error(suite: Suite, check: Check, message: str) -> Outcome:
    return Outcome(suite.name, check, ERROR, message=message)


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:_REASON_CHARACTERS]
