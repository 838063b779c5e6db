"""Tests the written cases of the checklist rules: what changes in a rule or in its policy without any case noticing?

`make mutate` runs it on every rule, `make mutate ARGS="C05 B01"` on some. It compiles the rule models once, changes one small thing
at a time, and asks each mutant for the statuses of all cases of its blueprint. What lives on is shown; below 95 % caught it exits 1.
A mutant that means the same as the rule belongs into equivalent_mutants.yml, with the reason.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from tests.dbt_project.checklist_rules import POLICY, Case, ask, open_rule_tables, read_cases, read_policy
from tests.dbt_project.rule_mutants import Mutant, PolicyMutant, policy_mutants, rule_mutants

PROJECT = Path(__file__).parents[2]
COMPILED = PROJECT / "build/mutants"
EQUIVALENT = Path(__file__).parent / "equivalent_mutants.yml"
DATABASE = "warehouse"
MINIMUM_PCT = 95.0

Statuses = list[tuple[str, str, str]]


@dataclass(frozen=True)
class Place:
    """A mutant of one rule model."""

    blueprint: str
    mutant: Mutant

    def __str__(self) -> str:
        where = f"int_governance__{self.blueprint.lower()}_items_checked, line {self.mutant.line} ({self.mutant.part})"
        macro = f", written by {self.mutant.macro} here and elsewhere" if self.mutant.macro else ""
        return f"{where}{macro}: {self.mutant.before} → {self.mutant.after}"


@dataclass(frozen=True)
class Tally:
    mutants: int
    caught: int
    equivalent: int
    survivors: tuple[str, ...]

    @property
    def rate_pct(self) -> float:
        return 100.0 * self.caught / self.mutants if self.mutants else 100.0


class Trial:
    """The cases, asked on tables in memory, a connection for each blueprint."""

    def __init__(self, cases: Iterable[Case], policy: Path = POLICY) -> None:
        self._cases, self._policy = list(cases), policy
        self._connections: dict[str, duckdb.DuckDBPyConnection] = {}

    def statuses(self, blueprint: str, sql: str) -> Statuses:
        """What the rules say of each case; a case that has two rows, or none, is different too."""
        if blueprint not in self._connections:
            connection = open_rule_tables(DATABASE, self._policy)
            connection.execute("set threads = 1")
            ask(connection, DATABASE, [case for case in self._cases if case.blueprint == blueprint], self._policy)
            self._connections[blueprint] = connection
        found = (
            self._connections[blueprint].execute(f"select node_id, item, status from ({sql}) order by all").fetchall()
        )
        return [(node_id, item, status) for node_id, item, status in found]

    def notices(self, blueprint: str, sql: str, before: Statuses) -> bool:
        """Whether any case has another status than before, or the SQL does not run at all."""
        try:
            return self.statuses(blueprint, sql) != before
        except duckdb.Error:
            return True


def hunt(rules: Mapping[str, str], cases: Iterable[Case], known: Iterable[Mapping[str, str]] = ()) -> Tally:
    """Try every mutant of the rules, given as SQL by blueprint, and of the policy that they read."""
    cases, known = list(cases), list(known)
    before = _statuses_before(rules, cases)
    groups = _groups(rules)
    policies = [mutant for mutant in policy_mutants(_policy_tables()) if mutant.blueprint in rules]
    # Spawned: a process that is forked while DuckDB has threads may wait for one of them for ever.
    spawned = multiprocessing.get_context("spawn")
    held = (cases, rules, before)
    with ProcessPoolExecutor(os.cpu_count(), spawned, initializer=_begin, initargs=held) as pool:
        is_caught = list(pool.map(_is_caught, groups, chunksize=16))
        is_policy_caught = list(pool.map(_is_policy_caught, policies, chunksize=4))
    survivors = [group for group, caught in zip(groups, is_caught, strict=True) if not caught]
    living = [group for group in survivors if not any(_is_known(place, known) for place in group)]
    shown = [str(group[0]) for group in living]
    shown += [
        f"{mutant.seed}, {mutant.blueprint}: {mutant.before} → {mutant.after}"
        for mutant, caught in zip(policies, is_policy_caught, strict=True)
        if not caught
    ]
    equivalent = len(survivors) - len(living)
    count = len(groups) - equivalent + len(policies)
    return Tally(count, count - len(shown), equivalent, tuple(shown))


def _is_known(place: Place, known: Iterable[Mapping[str, str]]) -> bool:
    """Whether a mutant is listed as meaning the same; a row that does not name a model, part or column is of any."""
    mutant = place.mutant
    has = {"model": {place.blueprint}, "in": {mutant.part, mutant.macro}, "column": {mutant.column}}
    return any(
        (row["before"], row["after"]) == (mutant.before, mutant.after)
        and all(row[name] in values for name, values in has.items() if name in row)
        for row in known
    )


def _groups(rules: Mapping[str, str]) -> list[list[Place]]:
    """Mutants of one place are a group each; those of a macro that is used everywhere are a group over all its places."""
    groups: dict[object, list[Place]] = {}
    for blueprint, sql in sorted(rules.items()):
        for number, mutant in enumerate(rule_mutants(sql)):
            groups.setdefault(mutant.alike or (blueprint, number), []).append(Place(blueprint, mutant))
    return list(groups.values())


def _statuses_before(rules: Mapping[str, str], cases: list[Case]) -> dict[str, Statuses]:
    import sqlglot

    trial = Trial(cases)
    before = {blueprint: trial.statuses(blueprint, sql) for blueprint, sql in rules.items()}
    for blueprint, sql in rules.items():
        expected = sorted((case.node_id, case.item, case.expect) for case in cases if case.blueprint == blueprint)
        if before[blueprint] != expected:
            wrong = sorted(set(expected) ^ set(before[blueprint]))
            raise SystemExit(f"The cases of {blueprint} do not hold as it is. Mend them first: {wrong[:5]}")
        if trial.statuses(blueprint, sqlglot.parse_one(sql, dialect="duckdb").sql("duckdb")) != expected:
            raise SystemExit(
                f"sqlglot does not write the SQL of {blueprint} as it read it: its mutants would prove nothing."
            )
    return before


def _policy_tables() -> dict[str, list[dict[str, str]]]:
    return {name: read_policy(name) for name in ("checklist_items", "checklist_thresholds", "validation_strictness")}


# What each process of the pool holds.
_held: dict[str, Any] = {}


def _begin(cases: list[Case], rules: Mapping[str, str], before: Mapping[str, Statuses]) -> None:
    _held.update(cases=cases, rules=rules, before=before, trial=Trial(cases))


def _is_caught(group: list[Place]) -> bool:
    trial: Trial = _held["trial"]
    return any(trial.notices(place.blueprint, place.mutant.sql, _held["before"][place.blueprint]) for place in group)


def _is_policy_caught(mutant: PolicyMutant) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        policy = Path(shutil.copytree(POLICY, Path(folder) / "policy"))
        _write_seed(policy / f"{mutant.seed}.csv", mutant.rows)
        trial = Trial(_held["cases"], policy)
        return trial.notices(mutant.blueprint, _held["rules"][mutant.blueprint], _held["before"][mutant.blueprint])


def _write_seed(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    import csv

    rows = list(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def compile_rules(folder: Path) -> dict[str, str]:
    """The SQL of the rule models as dbt compiles it, by blueprint."""
    from dbt.cli.main import dbtRunner

    folder.mkdir(parents=True, exist_ok=True)
    os.environ["REVHOUSE_WAREHOUSE"] = str(folder / f"{DATABASE}.duckdb")
    places = ["--project-dir", "dbt_project", "--profiles-dir", "dbt_project"]
    outputs = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    asked = ["compile", "--select", "int_governance__*_items_checked", "--vars", '{as_of: "2026-06-30"}']
    os.chdir(PROJECT)
    if not dbtRunner().invoke(["--quiet", *asked, *places, *outputs]).success:
        raise SystemExit("dbt could not compile the rule models.")
    return dict(_compiled_rules(folder))


def _compiled_rules(folder: Path) -> Iterator[tuple[str, str]]:
    models = folder / "target/compiled/revhouse/models/intermediate/governance"
    for path in sorted(models.glob("int_governance__*_items_checked.sql")):
        yield path.stem.split("__")[1].split("_")[0].upper(), path.read_text(encoding="utf-8")


def main(blueprints: list[str]) -> int:
    rules = {name: sql for name, sql in compile_rules(COMPILED).items() if not blueprints or name in blueprints}
    if not rules or set(blueprints) - set(rules):
        print(f"There is no rule model of {', '.join(sorted(set(blueprints) - set(rules)))}.", file=sys.stderr)
        return 2
    known = yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8"))
    tally = hunt(rules, read_cases(), known)
    for survivor in tally.survivors:
        print(f"not caught: {survivor}")
    if tally.survivors:
        print(f"Lines are those of the compiled SQL in {COMPILED.relative_to(PROJECT)}/target/compiled.")
    print(
        f"{tally.mutants} mutants, {tally.caught} caught: {tally.rate_pct:.1f} % (at least {MINIMUM_PCT:.0f} % are asked); "
        f"{tally.equivalent} more mean the same as the rule"
    )
    return 0 if tally.rate_pct >= MINIMUM_PCT else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
