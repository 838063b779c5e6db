"""The policy checked without a warehouse or a company: its files read, the linter's SQL run on them, what came of it.

What is wrong with a policy is decided by the models behind rpt_policy_findings, which the warehouse builds with all others;
here the same SQL runs on the files as they are at this moment.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from revhouse import models
from revhouse.models import CompiledModel, compile_models, read_manifest
from revhouse.policy_files import SeedFile, load_seed_files, read_seed_files
from revhouse.settings import Settings
from revhouse.wording import short

FINDINGS = "rpt_policy_findings"
COUNTS = "int_governance__policy_things_counted"
_SEVERITIES = ("error", "warning", "known_contradiction")


@dataclass(frozen=True)
class Finding:
    """A row of rpt_policy_findings, and where in the files it is."""

    check_name: str
    severity: str
    seed: str
    row_key: str
    finding: str
    resolution: str
    path: str
    lines: list[int]

    @property
    def place(self) -> str:
        return f"{self.path}:{self.lines[0]}" if self.lines else self.path


@dataclass(frozen=True)
class Counted:
    """How many of something the policy has to hold, holds, and makes use of."""

    subject: str
    expected: int
    found: int
    working: int


@dataclass(frozen=True)
class PolicyCheck:
    """All that was found. `contradictions` says what each known contradiction is about."""

    policy_version: str
    folder: str
    counts: dict[str, Counted]
    findings: list[Finding]
    contradictions: dict[str, str] = field(default_factory=dict)

    def of(self, severity: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == severity]

    def as_json(self) -> dict[str, Any]:
        totals = {severity: len(self.of(severity)) for severity in _SEVERITIES}
        return {**asdict(self), "totals": totals}


def check_policy(settings: Settings) -> PolicyCheck:
    """Check the policy as its files are now. PolicyUnreadable if one cannot be read, ModelsFailed if dbt cannot begin."""
    folder = models.PROJECT / "seeds/policy"
    files = read_seed_files(folder)
    # Files come first: what is no CSV is told by line, before dbt is asked.
    compiled = compile_models(settings, [f"+{FINDINGS}"])
    manifest = read_manifest(settings)
    with open_policy_tables(compiled[0].database) as connection:
        load_seed_files(connection, files, column_types(manifest))
        run_models(connection, compiled)
        return read_check(connection, files, row_keys(manifest), folder)


def open_policy_tables(database: str) -> duckdb.DuckDBPyConnection:
    """A database in memory that bears the name of the warehouse."""
    connection = duckdb.connect()
    connection.execute(f"attach ':memory:' as \"{database}\"")
    connection.execute(f'use "{database}"')
    return connection


def run_models(connection: duckdb.DuckDBPyConnection, compiled: list[CompiledModel]) -> None:
    """Make tables of compiled models. As views, each would be planned again within all that read it."""
    for model in compiled:
        connection.execute(f'create schema if not exists "{model.schema}"')
        connection.execute(f'create or replace table "{model.schema}"."{model.name}" as {model.sql}')


def read_check(
    connection: duckdb.DuckDBPyConnection, files: Mapping[str, SeedFile], keys: Mapping[str, list[str]], folder: Path
) -> PolicyCheck:
    """Read what the models found."""
    rows = connection.execute(
        "select check_name, severity, seed, row_key, finding, resolution, policy_version "
        f"from governance.{FINDINGS} order by check_name, seed, row_key, finding"
    ).fetchall()
    findings = []
    for check_name, severity, seed, row_key, finding, resolution, _ in rows:
        path, lines = _place(seed, row_key, files, keys, folder)
        findings.append(Finding(check_name, severity, seed, row_key, finding, resolution, path, lines))
    findings.sort(key=lambda found: (_SEVERITIES.index(found.severity), found.check_name, found.path, found.lines))
    counts = connection.execute(
        f"select subject, expected_count, found_count, working_count from intermediate.{COUNTS} order by subject"
    ).fetchall()
    contradictions = connection.execute("select contradiction, finding from policy.policy_contradictions").fetchall()
    return PolicyCheck(
        policy_version=rows[0][6] if rows else "",
        folder=short(folder),
        counts={row[0]: Counted(*row) for row in counts},
        findings=findings,
        contradictions=dict(contradictions),
    )


def column_types(manifest: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The columns of each seed of the policy and their types, in order."""
    return {node["name"]: node["config"]["column_types"] for node in _seeds(manifest)}


def row_keys(manifest: Mapping[str, Any]) -> dict[str, list[str]]:
    """By which columns the rows of a seed are told apart: those that its test of rows calls its key."""
    keys: dict[str, list[str]] = {}
    for node in manifest["nodes"].values():
        test = node.get("test_metadata") or {}
        if test.get("name") == "sound_rows" and (node.get("attached_node") or "").startswith("seed."):
            keys.setdefault(node["attached_node"].split(".")[-1], test["kwargs"]["key"])
    return keys


def _seeds(manifest: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return (
        node for node in manifest["nodes"].values() if node["resource_type"] == "seed" and node["fqn"][1] == "policy"
    )


def _place(
    seed: str, row_key: str, files: Mapping[str, SeedFile], keys: Mapping[str, list[str]], folder: Path
) -> tuple[str, list[int]]:
    file = files.get(seed)
    if file is None:
        return short(folder / f"{seed}.csv"), []
    key = keys.get(seed) or file.columns[: row_key.count("/") + 1]
    return short(file.path), file.lines_of(row_key, key)
