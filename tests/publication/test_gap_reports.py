"""gap_report.yaml: what it says, where it is written, and when it is left alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from publication import gap_reports
from publication.gap_reports import Report, read_gap_reports, report_text, write_gap_reports

TODAY, YESTERDAY = date(2026, 6, 30), date(2026, 6, 29)
SCAN = {
    "node_id": "infohub:main:ACME/DEAL",
    "as_of_date": TODAY,
    "source_instance": "main",
    "realm": "ACME",
    "node": "DEAL",
    "track": "economy",
    "track_reason": "blueprint.yaml names it: `economy`, from 2026-01-01 on.",
    "is_conclusive": True,
    "governance_score": 80.25,
    "assets_status": "fail",
    "assets_points": 20.25,
}
GAP = {
    "node_id": "infohub:main:ACME/DEAL",
    "as_of_date": TODAY,
    "gap_kind": "asset_stale",
    "gap_status": "open",
    "severity": "warn",
    "owner_role": "account_executive",
    "playbook": "PB_131",
    "first_seen_date": YESTERDAY,
    "episode_first_seen_date": YESTERDAY,
    "due_date": date(2026, 7, 6),
    "is_overdue": False,
    "is_regressed": False,
    "is_node_scanned": True,
}


def text_type(name: str) -> str:
    if name.startswith("is_"):
        return "boolean"
    if name.endswith("_date"):
        return "date"
    return "decimal(18, 2)" if name.endswith(("_score", "_points")) else "varchar"


class Marts:
    """The marts that reports are read from, with the rows that a test gives."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        dimensions = [f"{name}_{it}" for name in gap_reports.DIMENSIONS for it in gap_reports._DIMENSION_FIGURES]
        scans = [*gap_reports._NODE_COLUMNS, *gap_reports._SCAN_COLUMNS, *gap_reports._SCORE_COLUMNS, *dimensions]
        lives = ["gap_status", "episode_first_seen_date", "resolved_date", "is_node_scanned"]
        self.connection.execute("create schema governance; create schema policy")
        self._table("governance.fct_node_scans", ["node_id", "as_of_date", *scans])
        self._table("governance.fct_gaps", ["node_id", "as_of_date", *gap_reports._GAP_COLUMNS, *lives])
        self.connection.execute(
            "create table policy.gap_kinds as select 'asset_missing' as gap_kind, 6 as sort_order union all select 'asset_stale', 10"
        )
        self.connection.execute(
            "create table policy.playbooks as select 'PB_131' as playbook, 'Progress deal stage' as playbook_name"
        )

    def _table(self, name: str, columns: list[str]) -> None:
        self.connection.execute(f"create table {name} ({', '.join(f'{it} {text_type(it)}' for it in columns)})")

    def _add(self, table: str, row: dict[str, Any]) -> None:
        marks = ", ".join("?" * len(row))
        self.connection.execute(
            f"insert into governance.{table} ({', '.join(row)}) values ({marks})", list(row.values())
        )

    def scan(self, **changes: Any) -> None:
        self._add("fct_node_scans", {**SCAN, **changes})

    def gap(self, subject: str, **changes: Any) -> None:
        row = {**GAP, "subject": subject, **changes}
        self._add("fct_gaps", {"gap_id": f"ACME/DEAL|{row['gap_kind']}|{subject}", **row})

    def report(self) -> Report:
        (report,) = read_gap_reports(self.connection, TODAY)
        return report


@pytest.fixture
def marts() -> Marts:
    return Marts()


def test_a_report_is_valid_yaml_that_says_what_the_marts_say(marts: Marts) -> None:
    marts.scan()
    marts.gap("a.yaml", reason="a.yaml is of: 2026-06-01 # old")

    document = yaml.safe_load(report_text(marts.report()))

    assert document == marts.report()
    assert document["as_of"] == TODAY
    assert document["engagement"]["track_reason"] == SCAN["track_reason"]
    assert document["score"]["governance_score"] == 80.25
    assert document["dimensions"]["assets"]["points"] == 20.25
    assert document["gap_counts"] == {"error": 0, "warn": 1, "minimal": 0, "overdue": 0, "waived": 0}
    (gap,) = document["open_gaps"]
    assert gap["reason"] == "a.yaml is of: 2026-06-01 # old"
    assert (gap["playbook"], gap["playbook_name"], gap["due_date"]) == (
        "PB_131",
        "Progress deal stage",
        date(2026, 7, 6),
    )


def test_a_report_is_written_as_pyyaml_writes_it(marts: Marts) -> None:
    marts.scan()
    marts.gap("a.yaml", reason="a.yaml is of: 2026-06-01 # old", observed_value="29", threshold="7")
    marts.gap("b.yaml", reason="Nobody has said when this is to be done, " * 4, evidence_path="é/b.yaml")
    marts.gap("c.yaml", gap_status="waived", waiver_expires_date=date(2026, 7, 31))
    marts.gap("d.yaml", gap_status="resolved", resolved_date=TODAY)
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    heading, lines = report_text(marts.report()).split("\n", 1)

    assert heading.startswith("# Written by revhouse")
    assert lines == yaml.dump(marts.report(), Dumper=dumper, sort_keys=False, allow_unicode=True, width=120)


def test_gaps_stand_in_one_order_whatever_order_they_were_found_in(marts: Marts) -> None:
    marts.scan()
    for subject, kind, severity in [
        ("b.yaml", "asset_stale", "warn"),
        ("z.yaml", "asset_stale", "error"),
        ("a.yaml", "asset_stale", "warn"),
        ("c.yaml", "asset_missing", "warn"),
        ("m.yaml", "asset_missing", "minimal"),
    ]:
        marts.gap(subject, gap_kind=kind, severity=severity)

    assert [gap["subject"] for gap in marts.report()["open_gaps"]] == ["z.yaml", "c.yaml", "a.yaml", "b.yaml", "m.yaml"]


def test_the_change_since_the_last_scan_is_told(marts: Marts) -> None:
    marts.scan()
    marts.scan(as_of_date=YESTERDAY)
    marts.scan(as_of_date=date(2026, 6, 1))
    marts.gap("stays.yaml")
    marts.gap("new.yaml", first_seen_date=TODAY, episode_first_seen_date=TODAY)
    marts.gap("back.yaml", first_seen_date=date(2026, 6, 1), episode_first_seen_date=TODAY, is_regressed=True)
    marts.gap("done.yaml", gap_status="resolved", resolved_date=TODAY)
    marts.gap("long_done.yaml", gap_status="resolved", resolved_date=date(2026, 6, 2))
    marts.gap("waived.yaml", gap_status="waived", waiver_expires_date=date(2026, 7, 31))

    report = marts.report()

    assert report["change"] == {
        "since": YESTERDAY,
        "new": ["ACME/DEAL|asset_stale|new.yaml"],
        "regressed": ["ACME/DEAL|asset_stale|back.yaml"],
        "resolved": ["ACME/DEAL|asset_stale|done.yaml"],
        "still_open": 1,
    }
    assert [gap["subject"] for gap in report["waived_gaps"]] == ["waived.yaml"]


def test_before_the_first_scan_there_was_nothing_to_compare_with(marts: Marts) -> None:
    marts.scan()
    marts.scan(as_of_date=date(2026, 7, 2))
    marts.gap("a.yaml", first_seen_date=TODAY, episode_first_seen_date=TODAY)

    assert marts.report()["change"]["since"] is None
    assert marts.report()["change"]["new"] == ["ACME/DEAL|asset_stale|a.yaml"]


def test_gaps_of_engagements_that_are_gone_are_in_no_report(marts: Marts) -> None:
    marts.scan()
    marts.gap("a.yaml", node_id="infohub:main:ACME/GONE", is_node_scanned=False)

    assert marts.report()["open_gaps"] == []


def test_what_would_not_change_is_not_written_again(marts: Marts, tmp_path: Path) -> None:
    marts.scan()
    first = write_gap_reports([marts.report()], tmp_path)
    path = tmp_path / "ACME/DEAL/gap_report.yaml"
    inode = path.stat().st_ino
    again = write_gap_reports([marts.report()], tmp_path)
    marts.gap("a.yaml")
    changed = write_gap_reports([marts.report()], tmp_path)

    assert (first.written, first.unchanged) == (1, 0)
    assert (again.written, again.unchanged) == (0, 1)
    assert (changed.written, changed.unchanged) == (1, 0)
    # Another file has taken its place, so nobody can have found half of it.
    assert path.stat().st_ino != inode
    assert [it.name for it in path.parent.iterdir()] == ["gap_report.yaml"]


def test_a_write_that_fails_leaves_the_file_as_it_was(
    marts: Marts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marts.scan()
    write_gap_reports([marts.report()], tmp_path)
    before = (tmp_path / "ACME/DEAL/gap_report.yaml").read_bytes()
    marts.gap("a.yaml")

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no space left"):
        write_gap_reports([marts.report()], tmp_path)

    assert [it.read_bytes() for it in (tmp_path / "ACME/DEAL").iterdir()] == [before]


@pytest.mark.parametrize(("realm", "node"), [("..", "DEAL"), ("ACME", "../../etc"), ("", "DEAL"), ("ACME", "/etc")])
def test_a_name_that_leads_elsewhere_is_refused(marts: Marts, tmp_path: Path, realm: str, node: str) -> None:
    marts.scan(realm=realm, node=node)

    outcome = write_gap_reports([marts.report()], tmp_path / "reports")

    assert outcome.written == 0
    assert "is no name of a folder" in outcome.refused[0]
    assert list(tmp_path.rglob("*.yaml")) == []


@pytest.mark.parametrize("link", ["ACME", "ACME/DEAL"])
def test_a_link_that_leads_elsewhere_is_refused(marts: Marts, tmp_path: Path, link: str) -> None:
    marts.scan()
    (tmp_path / "elsewhere").mkdir()
    place = tmp_path / "reports" / link
    place.parent.mkdir(parents=True)
    place.symlink_to(tmp_path / "elsewhere")

    outcome = write_gap_reports([marts.report()], tmp_path / "reports")

    assert outcome.refused == ["ACME/DEAL: its folder leads out of the folder for reports"]
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_link_to_another_folder_for_reports_is_followed(marts: Marts, tmp_path: Path) -> None:
    marts.scan()
    (tmp_path / "reports/RENAMED").mkdir(parents=True)
    (tmp_path / "reports/ACME").symlink_to("RENAMED")
    (tmp_path / "link").symlink_to("reports")

    outcome = write_gap_reports([marts.report()], tmp_path / "link")

    assert (outcome.written, outcome.refused) == (1, [])
    assert (tmp_path / "reports/RENAMED/DEAL/gap_report.yaml").is_file()


def test_a_link_in_the_place_of_the_file_is_left_alone(marts: Marts, tmp_path: Path) -> None:
    marts.scan()
    other = tmp_path / "other.yaml"
    other.write_text("mine\n")
    (tmp_path / "reports/ACME/DEAL").mkdir(parents=True)
    (tmp_path / "reports/ACME/DEAL/gap_report.yaml").symlink_to(other)

    outcome = write_gap_reports([marts.report()], tmp_path / "reports")

    assert outcome.refused == ["ACME/DEAL: gap_report.yaml is a link"]
    assert other.read_text() == "mine\n"


def test_no_folder_is_made_in_an_infohub(marts: Marts, tmp_path: Path) -> None:
    marts.scan()
    marts.scan(node="GONE", node_id="infohub:main:ACME/GONE")
    (tmp_path / "ACME/DEAL").mkdir(parents=True)

    outcome = write_gap_reports(read_gap_reports(marts.connection, TODAY), tmp_path, into_infohub=True)

    assert outcome.written == 1
    assert outcome.refused == ["ACME/GONE: its folder is gone"]


def test_several_infohubs_have_a_folder_each(marts: Marts, tmp_path: Path) -> None:
    marts.scan()
    marts.scan(source_instance="second", node_id="infohub:second:ACME/DEAL")

    write_gap_reports(read_gap_reports(marts.connection, TODAY), tmp_path)

    assert sorted(it.relative_to(tmp_path).as_posix() for it in tmp_path.rglob("*.yaml")) == [
        "main/ACME/DEAL/gap_report.yaml",
        "second/ACME/DEAL/gap_report.yaml",
    ]
