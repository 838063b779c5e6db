"""What docs/policy.md tells those who edit the policy is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from revhouse import exits
from tests.dbt_project.checklist_rules import POLICY, read_policy


@pytest.fixture(scope="module")
def document(project: Path) -> str:
    return (project / "docs/policy.md").read_text()


def test_every_file_is_listed_once(document: str) -> None:
    listed = re.findall(r"^\| `(\w+)\.csv` \| \w", document, flags=re.MULTILINE)

    assert listed == sorted(path.stem for path in POLICY.glob("*.csv"))


def test_its_counts_are_those_of_the_files(document: str) -> None:
    told = re.search(
        r"holds (\d+) active blueprints and (\w+), which is kept free, (\d+) signals, (\d+) assets, (\d+) checklist items and "
        r"(\d+) playbooks",
        " ".join(document.split()),
    )
    blueprints = read_policy("blueprints")
    active = [row for row in blueprints if row["blueprint_status"] == "active"]
    (reserved,) = (row["blueprint"] for row in blueprints if row["blueprint_status"] == "reserved")
    counts = [len(read_policy(name)) for name in ("signals", "assets", "checklist_items", "playbooks")]

    assert told
    assert told.groups() == (str(len(active)), reserved, *map(str, counts))


def test_its_counts_are_those_that_the_linter_expects(document: str) -> None:
    expected = {row["subject"]: int(row["expected_count"]) for row in read_policy("policy_counts")}

    assert expected == {
        "active_blueprints": 16,
        "reserved_blueprints": 1,
        "signals": 63,
        "assets": 66,
        "checklist_items": 65,
        "playbooks": 69,
    }


def test_every_check_is_listed_with_its_severity(document: str, project: Path) -> None:
    models = yaml.safe_load((project / "dbt_project/models/marts/governance/_policy.yml").read_text())["models"]
    (tests,) = (model["data_tests"] for model in models if model["name"] == "rpt_policy_findings")
    checks = set(tests[0]["sound_rows"]["arguments"]["values"]["check_name"])
    known = {row["contradiction"] for row in read_policy("policy_contradictions")}
    rows = re.findall(r"^\| `(?:error|warning)` \| [^|]+ \| (.+) \|$", document, flags=re.MULTILINE)

    assert len(rows) == 2
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == checks - known
    assert known < checks


def test_the_exit_code_is_the_one_that_is_told(document: str) -> None:
    assert f"Exit code {exits.POLICY} means that there is an error" in document
