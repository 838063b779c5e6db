"""`revhouse policy check` as a person or a program meets it; what the checks find is tested with the dbt project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from revhouse import cli, exits, policy
from revhouse.policy import Counted, Finding, PolicyCheck
from revhouse.policy_files import FileProblem, PolicyUnreadable


def finding(severity: str, check_name: str, row_key: str = "B01/CHK_SALES_001", line: int = 2) -> Finding:
    path = "dbt_project/seeds/policy/checklist_items.csv"
    return Finding(check_name, severity, "checklist_items", row_key, f"Found at {row_key}.", "Mend it.", path, [line])


def checked(*findings: Finding) -> PolicyCheck:
    counts = {
        "checklist_items": Counted("checklist_items", 65, 65, 64),
        "signals": Counted("signals", 63, 62, 0),
        "assets": Counted("assets", 66, 66, 66),
        "playbooks": Counted("playbooks", 69, 69, 69),
        "active_blueprints": Counted("active_blueprints", 16, 16, 16),
        "reserved_blueprints": Counted("reserved_blueprints", 1, 1, 1),
    }
    known = {"repeated_item_ids": "Two blueprints use the same ids."}
    return PolicyCheck("0123456789ab", "dbt_project/seeds/policy", counts, list(findings), known)


ERROR = finding("error", "unimplemented_item", line=7)
WARNING = finding("warning", "unreachable_playbook", "PB_136")
KNOWN = finding("known_contradiction", "repeated_item_ids", "B10/CHK_SVC_001", 35)


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> object:
    monkeypatch.chdir(tmp_path)

    def run(outcome: PolicyCheck | Exception, *arguments: str) -> Result:
        def check(settings: object) -> PolicyCheck:
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr(policy, "check_policy", check)
        return CliRunner().invoke(cli.cli, ["policy", "check", *arguments])

    return run


def test_a_policy_without_errors_is_fine(invoke: object) -> None:
    result = invoke(checked(WARNING, KNOWN))  # type: ignore[operator]

    assert result.exit_code == exits.OK
    assert "No error in the policy; 1 warning, 1 known contradiction." in result.stdout


def test_counts_are_shown_as_found_of_expected(invoke: object) -> None:
    lines = [" ".join(line.split()) for line in invoke(checked()).stdout.splitlines()]  # type: ignore[operator]

    assert "Checklist items 65/65 64 with a rule" in lines
    assert "Signals 62/63 0 computed" in lines
    assert "kept free 1/1" in lines


def test_an_error_ends_with_its_own_code_and_names_file_and_line(invoke: object) -> None:
    result = invoke(checked(ERROR, WARNING, KNOWN))  # type: ignore[operator]

    assert result.exit_code == exits.POLICY
    assert "dbt_project/seeds/policy/checklist_items.csv:7\n" in result.stdout
    assert "1 error in the policy; 1 warning, 1 known contradiction." in result.stdout


def test_a_known_contradiction_is_shown_with_what_it_is_about_and_how_it_is_resolved(invoke: object) -> None:
    shown = invoke(checked(KNOWN)).stdout  # type: ignore[operator]

    for line in ("repeated_item_ids  1", "Two blueprints use the same ids.", "Mend it.", "checklist_items.csv:35"):
        assert line in shown


def test_many_findings_of_a_kind_are_cut_short_and_counted(invoke: object) -> None:
    result = invoke(checked(*(finding("error", "unimplemented_item", f"B01/{n}", n) for n in range(2, 40))))  # type: ignore[operator]

    assert "unimplemented_item  38" in result.stdout
    assert "… and 28 more; --format json has all of them" in result.stdout


def test_programs_get_everything_as_json(invoke: object) -> None:
    result = invoke(checked(ERROR, WARNING, KNOWN), "--format", "json")  # type: ignore[operator]
    document = json.loads(result.stdout)

    assert result.exit_code == exits.POLICY
    assert document["totals"] == {"error": 1, "warning": 1, "known_contradiction": 1}
    assert document["counts"]["signals"] == {"subject": "signals", "expected": 63, "found": 62, "working": 0}
    assert document["findings"][0]["lines"] == [7]
    assert document["policy_version"] == "0123456789ab"


def test_a_file_that_cannot_be_read_is_told_without_a_traceback(invoke: object) -> None:
    problem = FileProblem(Path("seeds/policy/tracks.csv"), 3, "sort_order is 'second', which is no integer")
    result = invoke(PolicyUnreadable([problem]))  # type: ignore[operator]

    assert result.exit_code == exits.POLICY
    assert result.stderr.splitlines()[-2:] == [
        "The policy cannot be read:",
        "  seeds/policy/tracks.csv:3: sort_order is 'second', which is no integer",
    ]
