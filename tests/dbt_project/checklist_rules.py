"""Runs the rule models on written cases: the SQL that dbt compiled, on tables made of the cases, on one connection.

A case gives the situation of a node and the document that holds the evidence; what the rule has to say stands beside it. Files
in rule_cases/ hold them, one per blueprint. Thresholds are those of policy, so that a boundary in a case is policy's boundary.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import yaml

AS_OF = date(2026, 6, 30)
CASES = Path(__file__).parent / "rule_cases"
POLICY = Path(__file__).parents[2] / "dbt_project/seeds/policy"
EVIDENCE_PROBLEMS = ("missing", "unreadable", "ambiguous", "later_version", "blank")

# What int_governance__items_asked holds, with what a case has where it says nothing else. A test holds it to the model.
ASKED_COLUMNS: Mapping[str, tuple[str, Any]] = {
    "node_id": ("varchar", None),
    "archetype": ("varchar", None),
    "track": ("varchar", "economy"),
    "blueprint": ("varchar", None),
    "item": ("varchar", None),
    "asset_path": ("varchar", None),
    "file_path": ("varchar", None),
    "fields_text": ("varchar", None),
    "settled_status": ("varchar", None),
    "settled_reason": ("varchar", None),
    "needs_attestation": ("boolean", False),
    "evidence_problem": ("varchar", None),
    "evidence_problem_reason": ("varchar", None),
    "comparison": ("varchar", None),
    "threshold_value": ("double", None),
    "threshold_unit": ("varchar", None),
    "started_date": ("date", AS_OF - timedelta(days=180)),
    "signed_date": ("date", None),
    "onboarded_date": ("date", None),
    "ended_date": ("date", None),
    "is_ended": ("boolean", False),
    "stage": ("varchar", None),
    "stage_order": ("integer", None),
    "is_stage_open": ("boolean", False),
    "is_stage_won": ("boolean", False),
    "stage_closed_date": ("date", None),
    "began_date": ("date", AS_OF - timedelta(days=180)),
    "is_competitive": ("boolean", None),
    "has_poc": ("boolean", None),
    "has_rfp": ("boolean", None),
    "has_partner": ("boolean", None),
    "uses_services": ("boolean", None),
    "is_migration": ("boolean", None),
    "has_support_engineer": ("boolean", None),
    "is_reference": ("boolean", None),
    "specialist_state": ("varchar", None),
    "services_state": ("varchar", None),
    "poc_state": ("varchar", None),
    "poc_starts_date": ("date", None),
    "poc_ended_date": ("date", None),
    "rfp_submitted_date": ("date", None),
    "placeholder_list": ("varchar", "|???|<date>|<fill in>|tba|tbd|todo|xxx|"),
}


@dataclass(frozen=True)
class Case:
    blueprint: str
    item: str
    name: str
    expect: str
    document: Mapping[str, Any] | None = None
    evidence: str | None = None
    node: Mapping[str, Any] = field(default_factory=dict)
    # A part of the sentence that the rule has to give.
    because: str | None = None
    # The how-manieth of its item. Cases of one number share a node, as items do: a rule that takes another item's row shows.
    number: int = 0

    @property
    def node_id(self) -> str:
        return f"{self.blueprint} {self.number}"

    @property
    def case_id(self) -> str:
        return f"{self.blueprint}/{self.item}: {self.name}"


@dataclass(frozen=True)
class Verdict:
    status: str
    reason: str | None
    observed_value: str | None


def read_cases(folder: Path = CASES) -> list[Case]:
    return [
        Case(blueprint=path.stem.upper(), item=item, number=number, **case)
        for path in sorted(folder.glob("*.yml"))
        for item, cases in yaml.safe_load(path.read_text(encoding="utf-8")).items()
        for number, case in enumerate(cases, start=1)
    ]


def read_policy(seed: str, folder: Path = POLICY) -> list[dict[str, str]]:
    with (folder / f"{seed}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def open_rule_tables(database: str, policy: Path = POLICY) -> duckdb.DuckDBPyConnection:
    """A connection with the policy that rules read, in a database of the name that the compiled SQL has."""
    connection = duckdb.connect()
    # As in dbt's profile: a moment without a zone is UTC.
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"attach ':memory:' as {database}; create schema {database}.intermediate")
    connection.execute(f"create schema {database}.policy")
    for path in sorted(policy.glob("*.csv")):
        connection.execute(f"create table {database}.policy.{path.stem} as from read_csv('{path}', header = true)")
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in ASKED_COLUMNS.items())
    connection.execute(f"create table {database}.intermediate.int_governance__items_asked ({columns})")
    return connection


def ask(connection: duckdb.DuckDBPyConnection, database: str, cases: Iterable[Case], policy: Path = POLICY) -> None:
    """Put the cases where the rules look for what is asked."""
    tables = _Policy(policy)
    rows = [list(tables.asked_row(case).values()) for case in cases]
    marks = ", ".join("?" for _ in ASKED_COLUMNS)
    connection.execute(f"delete from {database}.intermediate.int_governance__items_asked")
    connection.executemany(f"insert into {database}.intermediate.int_governance__items_asked values ({marks})", rows)


def verdicts(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[tuple[str, str], Verdict]:
    """What a compiled rule model says of the cases of its blueprint, by node and item."""
    found = connection.execute(f"select node_id, item, status, reason, observed_value from ({sql})").fetchall()
    return {(node_id, item): Verdict(status, reason, observed) for node_id, item, status, reason, observed in found}


class _Policy:
    def __init__(self, folder: Path) -> None:
        self.items = {(row["blueprint"], row["item"]): row for row in read_policy("checklist_items", folder)}
        self.strictness = {
            (row["archetype"], row["track"]): row for row in read_policy("validation_strictness", folder)
        }
        self.stages = {row["policy_stage"]: row for row in read_policy("stages", folder)}
        self.thresholds: dict[tuple[str, str, str], list[dict[str, str]]] = {}
        for row in read_policy("checklist_thresholds", folder):
            self.thresholds.setdefault((row["blueprint"], row["item"], row["track"]), []).append(row)

    def asked_row(self, case: Case) -> dict[str, Any]:
        unknown = set(case.node) - set(ASKED_COLUMNS)
        assert not unknown, f"{case.case_id}: no such column: {sorted(unknown)}"
        assert case.evidence is None or case.evidence in EVIDENCE_PROBLEMS, case.case_id
        assert (case.document is None) == (case.evidence is not None and case.evidence != "blank"), (
            f"{case.case_id}: give a document, or say what is wrong with the evidence"
        )
        item = self.items[case.blueprint, case.item]
        is_deal = case.blueprint.startswith("B")
        row = {name: default for name, (_, default) in ASKED_COLUMNS.items()}
        row |= {
            "node_id": case.node_id,
            "archetype": "pre_sales_governance" if is_deal else "post_sales_governance",
            "blueprint": case.blueprint,
            "item": case.item,
            "asset_path": item["asset_path"],
            "fields_text": None if case.document is None else json.dumps(case.document, default=str),
            "needs_attestation": item["attestation_field"] != "",
            "evidence_problem": case.evidence,
            "evidence_problem_reason": case.evidence and f"{item['asset_path']} is {case.evidence}.",
            "stage": "solution" if is_deal else None,
        }
        row |= case.node
        stage = self.stages.get(row["stage"] or "")
        if stage:
            row["stage_order"] = int(stage["stage_order"])
            row["is_stage_open"], row["is_stage_won"] = stage["is_open"] == "true", stage["is_won"] == "true"
        row |= self._threshold(item, row)
        row |= {name: value for name, value in case.node.items() if name.startswith(("threshold", "comparison"))}
        return row

    def _threshold(self, item: Mapping[str, str], row: Mapping[str, Any]) -> dict[str, Any]:
        if item["threshold_home"] == "validation_strictness":
            maximum = self.strictness[row["archetype"], row["track"]]["engagement_gap_maximum_days"]
            return {"comparison": "at_most", "threshold_value": float(maximum or "nan"), "threshold_unit": "days"}
        found = self.thresholds.get((row["blueprint"], row["item"], row["track"]), [])
        if len(found) != 1:
            return {}
        return {
            "comparison": found[0]["comparison"],
            "threshold_value": float(found[0]["threshold_value"]),
            "threshold_unit": found[0]["unit"],
        }
