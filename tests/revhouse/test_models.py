"""What a person is told when dbt cannot even begin, and that it is parsed only when something changed."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import duckdb
import pytest

from ingestion.warehouse import WarehouseBusy, writer_lock
from revhouse import models
from revhouse.models import ModelsFailed, NodeResult, build_days, build_models, read_manifest, started_dbt
from revhouse.settings import Settings, read_settings

DAY = date(2026, 6, 30)


@pytest.fixture
def settings(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A dbt project of one model beside a warehouse that is not there yet."""
    ours = tmp_path / "dbt_project"
    (ours / "models").mkdir(parents=True)
    (ours / "dbt_project.yml").write_text("name: revhouse\nversion: 0.1.0\nprofile: revhouse\nmodel-paths: [models]\n")
    (ours / "profiles.yml").write_text((project / "dbt_project/profiles.yml").read_text())
    (ours / "models/days.sql").write_text("select cast('{{ var('as_of', none) }}' as date) as as_of_date")
    monkeypatch.setattr(models, "PROJECT", ours)
    return read_settings({"warehouse": str(tmp_path / "warehouse.duckdb")}, {"PATH": os.environ["PATH"]})


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Each time that dbt is started."""
    seen: list[Any] = []
    start = models.subprocess.Popen

    def counted(*arguments: Any, **options: Any) -> Any:
        seen.append(arguments)
        return start(*arguments, **options)

    monkeypatch.setattr(models.subprocess, "Popen", counted)
    return seen


def test_the_project_is_parsed_when_it_changed_and_only_then(settings: Settings, starts: list[Any]) -> None:
    assert set(read_manifest(settings)["nodes"]) == {"model.revhouse.days"}
    read_manifest(settings)
    assert len(starts) == 1
    (models.PROJECT / "models/more.sql").write_text("select * from {{ ref('days') }}")
    assert set(read_manifest(settings)["nodes"]) == {"model.revhouse.days", "model.revhouse.more"}
    assert len(starts) == 2


def test_several_days_are_one_start_of_dbt(settings: Settings, starts: list[Any]) -> None:
    built = list(build_days(settings, [date(2026, 6, 29), date(2026, 6, 28)], describe=True))

    assert len(starts) == 1
    assert [(result.day.day, result.status) for result in built[:-1] if isinstance(result, NodeResult)] == [
        (28, "success"),
        (29, "success"),
    ]
    assert built[-1] == models.Relation("main", "days", {"as_of_date": "DATE"}, row_count=None)


def test_dbt_can_start_while_somebody_else_still_writes(settings: Settings, starts: list[Any]) -> None:
    with started_dbt(settings) as dbt:
        with writer_lock(settings.warehouse, 0), duckdb.connect(str(settings.warehouse)) as loading:
            loading.execute("create table loaded as select 1 as row_number")
            _wait_until_parsed(settings)
        outcome = build_models(settings, DAY, dbt)

    assert (outcome.models, outcome.faults) == (1, [])
    assert len(starts) == 1


def test_a_dbt_that_is_asked_nothing_ends(settings: Settings) -> None:
    with started_dbt(settings) as dbt:
        _wait_until_parsed(settings)
        assert dbt.process.poll() is None

    assert dbt.process.poll() is not None
    assert not settings.warehouse.exists()


@pytest.mark.parametrize("given", [None, 4])
def test_dbts_second_model_is_one_of_the_threads(settings: Settings, given: int | None) -> None:
    (models.PROJECT / "models/days.sql").write_text(
        "{{ config(materialized='table') }} select cast(current_setting('threads') as integer) as threads"
    )
    with duckdb.connect() as connection:
        chosen = connection.execute("select current_setting('threads')").fetchall()[0][0]

    build_models(replace(settings, threads=given), DAY)

    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        assert connection.execute("from days").fetchall() == [(max((given or chosen) - 1, 1),)]


def _wait_until_parsed(settings: Settings) -> None:
    deadline = time.monotonic() + 60
    while not (models.parsed_folder(settings) / "digest").exists():
        assert time.monotonic() < deadline, "dbt did not parse the project"
        time.sleep(0.05)


def test_a_part_is_tested_by_what_asks_about_nothing_else(settings: Settings) -> None:
    (models.PROJECT / "models/more.sql").write_text("select * from {{ ref('days') }}")
    (models.PROJECT / "models/_models.yml").write_text(
        "models:\n"
        "  - name: days\n"
        "    columns: [{name: as_of_date, data_tests: [not_null]}]\n"
        "  - name: more\n"
        "    columns:\n"
        "      - {name: as_of_date, data_tests: [{relationships: {arguments: {to: ref('days'), field: as_of_date}}}]}\n"
    )

    def build(**part: list[str]) -> list[str]:
        return [
            result.unique_id.split(".")[2] + " " + result.status
            for result in build_days(settings, [DAY], **part)
            if isinstance(result, NodeResult)
        ]

    # `more` is not there yet: a test of it that also asks about `days` would fail.
    assert build(select=["days"]) == ["days success", "not_null_days_as_of_date pass"]
    assert len(build()) == 4
    relationships = "relationships_more_as_of_date__as_of_date__ref_days_"
    assert set(build(select=["days"], tests=[relationships])) >= {"days success", f"{relationships} pass"}
    assert build(tests=[relationships]) == [f"{relationships} pass"]


@pytest.fixture
def tested(settings: Settings, project: Path) -> Callable[[str, str], NodeResult]:
    """What came of the test of rows that a model is given, beside the SQL that makes its rows."""

    def build(query: str, description: str) -> NodeResult:
        shutil.copytree(project / "dbt_project/tests/generic", models.PROJECT / "tests/generic")
        (models.PROJECT / "models/days.sql").write_text("select 1 as day")
        (models.PROJECT / "models/said.sql").write_text(query)
        (models.PROJECT / "models/_models.yml").write_text(
            "models:\n  - name: said\n" + indent(dedent(description), "    ")
        )
        (test,) = (it for it in build_days(settings, [DAY]) if isinstance(it, NodeResult) and it.is_test)
        return test

    return build


def test_what_a_test_found_is_told(tested: Callable[[str, str], NodeResult]) -> None:
    test = tested(
        "select 'a' as word, 1 as number union all select 'a', 2 union all select 'b', null union all select null, 1",
        """
        data_tests:
          - sound_rows:
              arguments:
                key: [word]
                filled: [number]
                values: {word: [a]}
                references: {number: {to: ref('days'), field: day}}
        """,
    )

    # The key a and the key that is null, the number that is null, the word b, and the day 2.
    assert test.failures == 5
    assert test.fault.startswith("test sound_rows_said: Got 5 results")
    for told in (
        "rule_broken key, columns_at_fault word, value_found a, row_count 2",
        "rule_broken filled, columns_at_fault number, value_found None, row_count 1",
    ):
        assert told in test.fault
    assert test.fault.endswith("; ...")


def test_who_somebody_is_goes_into_no_log(tested: Callable[[str, str], NodeResult]) -> None:
    test = tested(
        "select 'dana@example.com' as email, 'chief' as role union all select 'dana@example.com', 'chief'",
        """
        columns: [{name: email, config: {meta: {personal: true}}}]
        data_tests:
          - sound_rows: {arguments: {key: [email], values: {role: [member]}}}
        """,
    )

    assert "columns_at_fault email, value_found (personal), row_count 2" in test.fault
    assert "columns_at_fault role, value_found chief, row_count 2" in test.fault
    assert "dana" not in test.fault


def test_a_file_that_is_no_warehouse_is_named(settings: Settings) -> None:
    settings.warehouse.write_text("not a database, but long enough to be taken for one" * 100)

    with pytest.raises(ModelsFailed, match=r"(?s)dbt could not build the project.*warehouse\.duckdb"):
        list(build_days(settings, [DAY]))


def test_dbt_breaking_off_is_told_with_what_it_said_last(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_PROGRAM", ["-c", "import sys; sys.exit('out of memory')"])

    with pytest.raises(ModelsFailed, match=r"(?s)broke off.*out of memory"):
        list(build_days(settings, [DAY]))


def test_nothing_is_built_while_somebody_else_writes(settings: Settings, starts: list[Any]) -> None:
    with writer_lock(settings.warehouse, 0), pytest.raises(WarehouseBusy):
        list(build_days(settings, [DAY]))
    assert starts == []


def test_what_is_replaced_is_there_until_the_new_one_is(settings: Settings, project: Path) -> None:
    (models.PROJECT / "macros").mkdir()
    shutil.copy(project / "dbt_project/macros/replaced_relations.sql", models.PROJECT / "macros")

    (models.PROJECT / "models/days.sql").unlink()

    def build(**written: tuple[str, str]) -> dict[str, tuple[str, str, int]]:
        """What becomes of models, each written as a kind and a query: dbt's word for it, and what there is then."""
        for name, (kind, query) in written.items():
            (models.PROJECT / f"models/{name}.sql").write_text(f"{{{{ config(materialized='{kind}') }}}}\n{query}")
        statuses = {it.name: it.status for it in build_days(settings, [DAY]) if isinstance(it, NodeResult)}
        with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
            kinds = dict(connection.execute("select table_name, table_type from information_schema.tables").fetchall())
            return {
                name: (statuses[name], kinds[name], connection.execute(f"select number from {name}").fetchall()[0][0])
                for name in written
            }

    one, two, three = (f"select {number} as number" for number in (1, 2, 3))
    assert build(stored=("table", one), shown=("view", one), turned=("view", one)) == {
        "stored": ("success", "BASE TABLE", 1),
        "shown": ("success", "VIEW", 1),
        "turned": ("success", "VIEW", 1),
    }
    no_number = "select cast('no number' as integer) as number"
    assert build(stored=("table", two), shown=("view", two), turned=("table", no_number)) == {
        "stored": ("success", "BASE TABLE", 2),
        "shown": ("success", "VIEW", 2),
        "turned": ("error", "VIEW", 1),
    }
    nowhere = "select nowhere as number"
    assert build(stored=("table", nowhere), shown=("view", nowhere), turned=("table", three)) == {
        "stored": ("error", "BASE TABLE", 2),
        "shown": ("error", "VIEW", 2),
        "turned": ("success", "BASE TABLE", 3),
    }
