"""What docs/signals.md tells of signals is so: it lists those of the policy, and says of each whether a model computes it."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

PARTS = ("B", "C")  # blueprints before the signature, and after it


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


def test_every_signal_is_told(project: Path, told: dict[tuple[str, str], str]) -> None:
    assert set(told) == {(row["blueprint"], row["signal"]) for row in read_policy(project, "signals")}


def test_it_says_which_are_not_computed(told: dict[tuple[str, str], str], computed: set[tuple[str, str]]) -> None:
    missing = {key for key, when in told.items() if when.startswith("**not computed**")}

    assert missing == set(told) - computed


def test_an_event_is_one_that_has_a_window(project: Path, told: dict[tuple[str, str], str]) -> None:
    windows = {(row["blueprint"], row["signal"]) for row in read_policy(project, "signal_windows")}
    events = {key for key, when in told.items() if when.startswith("event: ")}

    assert events == windows


def test_its_counts_are_so(project: Path, told: dict[tuple[str, str], str]) -> None:
    document = (project / "docs/signals.md").read_text()

    for part in PARTS:
        signals = [when for (blueprint, _), when in told.items() if blueprint.startswith(part)]
        computed = [when for when in signals if not when.startswith("**not computed**")]

        assert f"{len(signals)} signals, of which {len(computed)} are computed." in document
