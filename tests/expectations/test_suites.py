"""The suites say what the policy says: as many checks, as strict, and whose."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from expectations.checks import Check, Share, Suite
from expectations.policy import Policy


@pytest.fixture(scope="module")
def checks(suites: list[Suite]) -> dict[str, Check]:
    return {check.key: check for suite in suites for check in suite.checks}


def seed(project: Path, name: str) -> list[dict[str, str]]:
    with (project / f"dbt_project/seeds/policy/{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_there_is_a_suite_for_each_blueprint_each_archetype_and_track_and_each_source(suites: list[Suite]) -> None:
    kinds = Counter(suite.name.partition("_")[0] for suite in suites)

    assert kinds == {"checklist": 16, "staleness": 8, "source": 13, "structure": 3}
    assert "checklist_b06" not in {suite.name for suite in suites}


def test_each_item_is_asked_about_in_each_track_it_applies_to(project: Path, checks: dict[str, Check]) -> None:
    wanted = {
        f"{row['blueprint']}/{row['item']}/{track}"
        for row in seed(project, "checklist_items")
        for track in row["applicable_tracks"].split(";")
    }

    assert len({key.rpartition("/")[0] for key in wanted}) == 65
    assert {key for key, check in checks.items() if check.item} == wanted


def test_each_asset_is_asked_about_in_each_track_that_sets_an_age(project: Path, checks: dict[str, Check]) -> None:
    # Before the signature all four tracks set one; after it a trial does not.
    archetypes = {row["blueprint"]: row["archetype"] for row in seed(project, "blueprints")}
    before = sum(archetypes[row["blueprint"]] == "pre_sales_governance" for row in seed(project, "assets"))

    assert sum(key.startswith("staleness/") for key in checks) == before * 4 + (66 - before) * 3


def test_a_track_that_sets_no_age_has_a_suite_that_says_so(suites: list[Suite]) -> None:
    (suite,) = (suite for suite in suites if suite.name == "staleness_post_sales_poc")

    assert suite.checks == ()
    assert "sets no age" in suite.note


@pytest.mark.parametrize(
    ("key", "severity", "minimum_pct", "owner_role", "playbook"),
    [
        ("B01/CHK_SALES_001/poc", "minimal", 50, "account_executive", "PB_130"),
        ("B01/CHK_SALES_001/economy", "warn", 70, "account_executive", "PB_130"),
        ("B01/CHK_SALES_001/premium", "error", 90, "account_executive", "PB_130"),
        ("B01/CHK_SALES_001/fast_track", "error", 95, "account_executive", "PB_130"),
        ("source/salesforce/days_without_export", "warn", 100, "sales_operations", None),
    ],
)
def test_a_check_is_as_strict_as_its_track(
    checks: dict[str, Check], key: str, severity: str, minimum_pct: float, owner_role: str, playbook: str | None
) -> None:
    check = checks[key]

    assert (check.severity, check.minimum_pct) == (severity, minimum_pct)
    assert (check.owner_role, check.playbook) == (owner_role, playbook)


def test_what_counts_and_what_passes_are_the_words_of_the_policy(policy: Policy) -> None:
    assert policy.counted == ("fail", "insufficient_data", "manual", "pass")
    assert policy.passing == ("pass",)


def test_only_what_says_that_data_are_broken_stops_the_pipeline(checks: dict[str, Check]) -> None:
    blocking = {check.rule_id for check in checks.values() if check.is_blocking}

    assert blocking == {
        "source/unexplained_rows_count",
        "structure/status_known",
        "structure/status_filled",
        "structure/item_asked",
    }


def test_every_check_says_what_it_asks_and_whose_it_is(checks: dict[str, Check]) -> None:
    for check in checks.values():
        assert check.description, check.key
        assert check.owner_role, check.key
        if isinstance(check.question, Share) and check.item:
            assert check.question.group["is_required"] is True
