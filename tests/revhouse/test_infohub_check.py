"""`revhouse infohub check`: an InfoHub scanned by itself, what is printed of it, and how the command ends."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from rich.console import Console

from ingestion.contract import read_contracts
from ingestion.infohub.scan import InfohubProblem
from ingestion.loader import load_landing
from ingestion.runs import LoadRun
from ingestion.warehouse import open_warehouse
from publication.gap_reports import DIMENSIONS
from revhouse import cli, exits, gap_screen
from revhouse.gap_scan import GapSummary
from revhouse.infohub_check import InfohubCheck, check_infohub, copy_crm
from revhouse.report import print_summary
from revhouse.settings import read_settings
from revhouse.summary import Summary

AS_OF = date(2026, 6, 30)
BLUEPRINT = """archetype: pre_sales_governance
track: economy
metadata: {last_updated: 2026-06-29}
timeline: {started_on: 2026-06-01}
reference_blueprints: [B01_sales_process, B09_sa_playbook]
waivers:
  - {rule: CHK_SALES_001, reason: The buyer is being replaced, approver: Kim, approved_on: 2026-06-10, expires_on: 2026-07-10}
"""
PROFILE = """updated_at: 2026-06-29
opportunity: {name: Trial}
stakeholders: {economic_buyer: {name: tbd}}
"""


def gap(subject: str, severity: str = "error", **fields: Any) -> dict[str, Any]:
    return {
        "gap_id": f"ACME/DEAL|asset_missing|{subject}",
        "gap_kind": "asset_missing",
        "subject": subject,
        "severity": severity,
        "reason": f"{subject} is missing; B01 asks for it.",
        "owner_role": "account_executive",
        "playbook": "PB_130",
        "playbook_name": "Qualify opportunity",
        "due_date": date(2026, 7, 7),
        **fields,
    }


def report(*gaps: dict[str, Any], stop: str | None = None) -> dict[str, Any]:
    severities = [it["severity"] for it in gaps]
    figures = {"status": "pass", "pass_count": 3, "fail_count": 1, "insufficient_data_count": 2}
    return {
        "as_of": AS_OF,
        "engagement": {
            "realm": "ACME",
            "node": "DEAL",
            "archetype": "pre_sales_governance",
            "track": "fast_track",
            "track_reason": "blueprint.yaml names it.",
            "is_ended": False,
        },
        "scan": {"is_conclusive": stop is None, "stop_reason": stop},
        "score": {
            "governance_score": None if stop else 81.5,
            "checklist_pass_rate_pct": 75.0,
            "minimum_pass_rate_pct": 95.0,
        },
        "dimensions": dict.fromkeys(DIMENSIONS, figures),
        "gap_counts": {name: severities.count(name) for name in ("error", "warn", "minimal")},
        "open_gaps": list(gaps),
        "waived_gaps": [],
    }


def check(*reports: dict[str, Any], problems: tuple[InfohubProblem, ...] = ()) -> InfohubCheck:
    return InfohubCheck(AS_OF, False, list(reports), list(problems))


def printed(checked: InfohubCheck) -> str:
    console = Console(width=110, file=StringIO(), record=True)
    gap_screen.print_check(console, checked)
    return console.export_text()


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hub").mkdir()
    return lambda *arguments: CliRunner().invoke(cli.cli, ["infohub", "check", "hub", *arguments])


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The check that the command is answered with, and what it asked."""
    asked: dict[str, Any] = {"answer": check(report())}

    def answer(folder: Path, settings: Any, as_of: date, **options: Any) -> InfohubCheck:
        asked.update(folder=folder, as_of=as_of, **options)
        answered: InfohubCheck = asked["answer"]
        return answered

    monkeypatch.setattr("revhouse.infohub_check.check_infohub", answer)
    return asked


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [
        ("error", "error", exits.GAPS_FOUND),
        ("warn", "error", exits.OK),
        ("warn", "warn", exits.GAPS_FOUND),
        ("error", "warn", exits.GAPS_FOUND),
        ("minimal", "warn", exits.OK),
        ("minimal", "minimal", exits.GAPS_FOUND),
        ("error", "never", exits.OK),
    ],
)
def test_gaps_of_the_severity_asked_about_or_worse_fail(
    invoke: Callable[..., Result], checked: dict[str, Any], severity: str, fail_on: str, code: int
) -> None:
    checked["answer"] = check(report(), report(gap("a.yaml", severity)))

    assert invoke("--fail-on", fail_on).exit_code == code


def test_an_engagement_that_could_not_be_assessed_fails(invoke: Callable[..., Result], checked: dict[str, Any]) -> None:
    checked["answer"] = check(report(stop="mostly_unassessed"))

    assert invoke().exit_code == exits.GAPS_FOUND
    assert invoke("--fail-on", "never").exit_code == exits.OK


def test_a_folder_without_engagements_is_told_where_they_lie(
    invoke: Callable[..., Result], checked: dict[str, Any]
) -> None:
    checked["answer"] = check()
    result = invoke()

    assert result.exit_code == exits.NOTHING_TO_LOAD
    assert "hub/ACME/IMPLEMENTATION/blueprint.yaml" in result.stderr


def test_the_day_is_the_one_asked_for_or_the_sample_companys(
    invoke: Callable[..., Result], checked: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "sample_company.json").write_text('{"as_of": "2026-06-30"}')
    invoke()
    assert checked["as_of"] == AS_OF
    assert checked["folder"] == tmp_path / "hub"
    assert checked["crm_warehouse"] is None

    invoke("--as-of", "2026-05-01")
    assert checked["as_of"] == date(2026, 5, 1)


def test_what_is_printed_names_track_score_gap_reason_owner_playbook_and_day() -> None:
    text = printed(check(report(gap("sales/opportunity_profile.yaml"))))

    for told in (
        "ACME/DEAL  score 81.5 of 100, checklist 75 % (asked: 95 %)",
        "pre-sales, fast track: blueprint.yaml names it.",
        "3 as asked, 1 not, 2 not known",
        "sales/opportunity_profile.yaml",
        "account executive",
        "PB_130",
        "2026-07-07",
        "1 engagement as of 2026-06-30, 0 of them without a gap. 1 open gap (1 error).",
    ):
        assert told in text


def test_what_could_not_be_read_is_printed_with_its_line() -> None:
    problem = InfohubProblem("ACME/DEAL/blueprint.yaml", 7, "tab_indentation", "indented with a tab")
    text = printed(check(report(stop="scope_unknown"), problems=(problem,)))

    assert "no score" in text
    assert "Not assessed: nobody can tell what is asked of it" in text
    assert "ACME/DEAL/blueprint.yaml:7  tab_indentation" in text


def test_documents_for_programs_are_valid_and_hold_nothing_else(
    invoke: Callable[..., Result], checked: dict[str, Any]
) -> None:
    checked["answer"] = check(report(gap("a.yaml", "warn")))

    from_json = json.loads(invoke("--format", "json").stdout)
    from_yaml = yaml.safe_load(invoke("--format", "yaml").stdout)

    assert from_json["engagements"][0]["open_gaps"][0]["due_date"] == "2026-07-07"
    assert from_yaml["engagements"][0]["open_gaps"][0]["due_date"] == date(2026, 7, 7)
    assert from_yaml["as_of"] == AS_OF


def test_markdown_keeps_what_people_wrote_in_its_cell(invoke: Callable[..., Result], checked: dict[str, Any]) -> None:
    hostile = gap("a.yaml", "warn", reason="a.yaml | <script> [x](y)\n| new | row |")
    checked["answer"] = check(report(hostile))

    text = invoke("--format", "md").stdout

    (row,) = [line for line in text.splitlines() if "a.yaml" in line]
    assert r"a.yaml \| \<script\> \[x\](y) \| new \| row \|" in row
    assert row.replace(r"\|", "").count("|") == 7


def test_a_run_says_what_the_scan_found(summary_of: Callable[..., Summary]) -> None:
    summary = summary_of()
    summary.gaps = GapSummary(engagements=3, unassessed=1, gaps={"error": 2, "warn": 1, "minimal": 0}, overdue=1)
    console = Console(width=110, file=StringIO(), record=True)
    print_summary(console, summary)
    text = console.export_text()

    assert "Gap scan of 3 engagements: 3 open gaps (2 error, 1 warn), 1 of them overdue, 0 waived." in text
    assert "1 engagement could not be assessed: none of their gaps was closed." in text


def test_what_the_crm_exported_is_taken_along_and_nothing_else(tmp_path: Path) -> None:
    run = LoadRun("run-1", datetime(2026, 7, 1, 6))
    for name, content in {
        "salesforce/main/Account.csv": "Id,Name,IsDeleted,CreatedDate,SystemModstamp\n"
        "001000000000001AAA,Acme,false,2026-01-01T08:00:00Z,2026-02-01T12:00:00Z\n",
        "zendesk/main/tickets.jsonl": '{"id": 1, "created_at": "2026-01-01T08:00:00Z", "updated_at": "2026-01-01T08:00:00Z"}\n',
    }.items():
        path = tmp_path / "landing" / name
        path.parent.mkdir(parents=True)
        path.write_text(content)
    with open_warehouse(tmp_path / "crm's.duckdb") as connection:
        load_landing(connection, tmp_path / "landing", read_contracts(), run)

    with open_warehouse(tmp_path / "check.duckdb") as connection:
        load_landing(connection, tmp_path / "none", read_contracts(), run)
        copy_crm(connection, tmp_path / "crm's.duckdb")
        accounts = connection.execute("select name from raw.salesforce__accounts").fetchall()
        tickets = connection.execute("select count(*) from raw.zendesk__tickets").fetchall()

    assert accounts == [("Acme",)]
    assert tickets == [(0,)]


@pytest.fixture(scope="module")
def real_check(tmp_path_factory: pytest.TempPathFactory) -> InfohubCheck:
    """A deal with a waiver, and an engagement whose blueprint.yaml cannot be read. All that the scan needs is built."""
    hub = tmp_path_factory.mktemp("hub")
    for path, content in {
        "ACME/DEAL/blueprint.yaml": BLUEPRINT,
        "ACME/DEAL/sales/opportunity_profile.yaml": PROFILE,
        "ACME/RUN/blueprint.yaml": "archetype: [unclosed\n",
    }.items():
        file = hub / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        moment = datetime(2026, 6, 29, 12).timestamp()
        os.utime(file, (moment, moment))
    settings = read_settings({"warehouse": str(tmp_path_factory.mktemp("none") / "missing" / "warehouse.duckdb")}, {})
    return check_infohub(hub, settings, AS_OF, now=datetime(2026, 7, 1, 6))


def test_a_tree_is_scanned_without_a_crm(real_check: InfohubCheck) -> None:
    deal, run = real_check.reports

    gaps = {(it["gap_kind"], it["subject"]): it for it in deal["open_gaps"]}
    assert deal["engagement"]["track"] == "economy"
    assert ("blueprint_not_instantiated", "B04") in gaps
    assert ("asset_missing", "sales/stage_checklist.yaml") in gaps
    assert gaps["asset_missing", "sales/stage_checklist.yaml"]["severity"] == "warn"
    # Seven days are what a deal of this track has.
    assert gaps["asset_missing", "sales/stage_checklist.yaml"]["due_date"] == date(2026, 7, 7)
    assert [(it["subject"], it["waiver_expires_date"]) for it in deal["waived_gaps"]] == [
        ("B01/CHK_SALES_001", date(2026, 7, 10))
    ]
    assert [it["gap_kind"] for it in run["open_gaps"]] == ["blueprint_unreadable"]
    assert run["scan"]["stop_reason"] == "scope_unknown"
    assert [problem.path for problem in real_check.problems] == ["ACME/RUN/blueprint.yaml"]
    assert real_check.fails("error")
