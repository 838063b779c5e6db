"""Every check of the policy, mechanically: rows that it has to catch, rows that it has to let pass, and the counts of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from expectations.checks import FAIL, NOTHING_TO_ASSESS, PASS, Check, Outcome, Share, Suite
from expectations.policy import read_policy
from expectations.running import run_suites
from expectations.suites import build_suites
from tests.expectations.warehouses import make_warehouse, rows_in, rows_of, table_of

POLICY = Path(__file__).parents[2] / "dbt_project/seeds/policy"
SHARES = [
    check for suite in build_suites(read_policy(POLICY)) for check in suite.checks if isinstance(check.question, Share)
]
# Of twenty rows, the shares that the policy names are whole numbers of rows.
COUNTED = 20
NOT_PASSING = ("fail", "insufficient_data", "manual")
NOT_COUNTED = ["waived", "too_early", "not_applicable"]


def allowed(check: Check) -> int:
    """How many of twenty may fail."""
    return {50: 10, 70: 6, 90: 2, 95: 1, 100: 0}[int(check.minimum_pct)]


def statuses(failing: int, word: str) -> list[str]:
    return [word] * failing + ["pass"] * (COUNTED - failing) + NOT_COUNTED


@dataclass
class Judged:
    warehouse: Path
    outcomes: dict[str, Outcome]


@pytest.fixture(scope="module")
def judge(suites: list[Suite], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Judged]:
    """Run all suites on a warehouse in which every group has these statuses."""

    def run(name: str, statuses_of: Callable[[int, Check], list[str]]) -> Judged:
        rows: list[tuple[str, dict[str, Any]]] = []
        for number, check in enumerate(SHARES):
            rows += [(table_of(check), row) for row in rows_of(check, statuses_of(number, check))]
        warehouse = make_warehouse(tmp_path_factory.mktemp(name) / "warehouse.duckdb", rows)
        outcomes, _ = run_suites(warehouse, suites)
        return Judged(warehouse, {outcome.check.key: outcome for outcome in outcomes})

    return run


@pytest.fixture(scope="module")
def clean(judge: Callable[..., Judged]) -> Judged:
    return judge("clean", lambda number, check: statuses(0, "fail"))


@pytest.fixture(scope="module")
def just_enough(judge: Callable[..., Judged]) -> Judged:
    return judge("just_enough", lambda number, check: statuses(allowed(check), NOT_PASSING[number % 3]))


@pytest.fixture(scope="module")
def one_too_many(judge: Callable[..., Judged]) -> Judged:
    return judge("one_too_many", lambda number, check: statuses(allowed(check) + 1, NOT_PASSING[number % 3]))


@pytest.fixture(scope="module")
def uncounted(judge: Callable[..., Judged]) -> Judged:
    return judge("uncounted", lambda number, check: NOT_COUNTED)


@pytest.mark.parametrize("check", SHARES, ids=lambda check: check.key)
def test_it_catches_one_too_many_and_lets_the_rest_pass(
    check: Check, clean: Judged, just_enough: Judged, one_too_many: Judged, uncounted: Judged
) -> None:
    assert clean.outcomes[check.key].status == PASS
    assert just_enough.outcomes[check.key].status == PASS
    assert one_too_many.outcomes[check.key].status == FAIL
    assert uncounted.outcomes[check.key].status == NOTHING_TO_ASSESS

    caught = one_too_many.outcomes[check.key]
    assert (caught.counted, caught.unexpected) == (COUNTED, allowed(check) + 1)
    assert caught.observed_pct == 100 * (COUNTED - allowed(check) - 1) / COUNTED
    assert uncounted.outcomes[check.key].observed_pct is None


def test_the_counts_are_those_of_sql_written_by_hand(one_too_many: Judged) -> None:
    items = rows_in(
        one_too_many.warehouse,
        """
        select
            blueprint || '/' || item || '/' || track,
            count(*) filter (where status in ('fail', 'insufficient_data', 'manual', 'pass')),
            count(*) filter (where status in ('fail', 'insufficient_data', 'manual'))
        from governance.fct_checklist_results
        where is_required
        group by all
        """,
    )
    assets = rows_in(
        one_too_many.warehouse,
        """
        select
            'staleness/' || archetype || '/' || track || '/' || asset_path,
            count(*) filter (where status not in ('waived', 'too_early', 'not_applicable')),
            count(*) filter (where status not in ('waived', 'too_early', 'not_applicable', 'pass'))
        from governance.fct_asset_freshness
        group by all
        """,
    )
    assert len(items) == sum(check.item is not None for check in SHARES)
    for key, counted, unexpected in [*items, *assets]:
        outcome = one_too_many.outcomes[key]
        assert (outcome.counted, outcome.unexpected) == (counted, unexpected), key


def test_structure_holds_of_each_of_them(clean: Judged, one_too_many: Judged) -> None:
    for judged in (clean, one_too_many):
        structure = {key: outcome.status for key, outcome in judged.outcomes.items() if key.startswith("structure/")}
        assert set(structure.values()) == {PASS}, structure
        assert len(structure) == 7
