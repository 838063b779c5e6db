"""What docs/signals.md tells of signals is so: it lists those of the policy, and says of each whether a model computes it."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

PRE_SALES = "B"


@pytest.fixture(scope="module")
def told(project: Path) -> dict[tuple[str, str], str]:
    """Blueprint and signal, and when the document says that it is on."""
    document = (project / "docs/signals.md").read_text()
    rows = re.findall(r"^\| `([BC]\d\d)/(\w+)` \| ([^|]+) \|", document, flags=re.MULTILINE)
    found = {(blueprint, signal): when for blueprint, signal, when in rows}
    assert len(found) == len(rows), "a signal is told twice"
    return found


@pytest.fixture(scope="module")
def computed(project: Path) -> set[tuple[str, str]]:
    """Blueprint and signal of each rule, which names the two in lines that follow each other."""
    return {
        named
        for model in (project / "dbt_project/models/intermediate/governance").glob(
            "int_governance__*_signals_detected.sql"
        )
        for named in re.findall(r"'([BC]\d\d)' as blueprint,\s+'(\w+)' as signal\w*,", model.read_text())
    }


def read_policy(project: Path, name: str) -> list[dict[str, str]]:
    with (project / f"dbt_project/seeds/policy/{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_signal_before_the_signature_is_told(project: Path, told: dict[tuple[str, str], str]) -> None:
    policy = {(row["blueprint"], row["signal"]) for row in read_policy(project, "signals")}

    assert {key for key in told if key[0].startswith(PRE_SALES)} == {
        key for key in policy if key[0].startswith(PRE_SALES)
    }
    assert set(told) <= policy


def test_it_says_which_are_not_computed(told: dict[tuple[str, str], str], computed: set[tuple[str, str]]) -> None:
    missing = {key for key, when in told.items() if when.startswith("**not computed**")}

    assert missing == {key for key in told if key[0].startswith(PRE_SALES)} - computed


def test_an_event_is_one_that_has_a_window(project: Path, told: dict[tuple[str, str], str]) -> None:
    windows = {(row["blueprint"], row["signal"]) for row in read_policy(project, "signal_windows")}
    events = {key for key, when in told.items() if when.startswith("event: ")}

    assert events == {key for key in windows if key in told}


def test_its_counts_are_so(project: Path, told: dict[tuple[str, str], str]) -> None:
    document = (project / "docs/signals.md").read_text()
    pre_sales = [when for (blueprint, _), when in told.items() if blueprint.startswith(PRE_SALES)]
    computed = [when for when in pre_sales if not when.startswith("**not computed**")]

    assert f"{len(pre_sales)} signals, of which {len(computed)} are computed." in document
