"""The policy changes between two days: what was built by the old one is built again by the new one, and both are remembered."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from revhouse import models
from revhouse.models import NodeResult, Refreshed, build_days, read_manifest
from revhouse.settings import Settings, read_settings
from tests.dbt_project.conftest import fill_warehouse

DEALS = """\
Id,AccountId,OwnerId,Name,StageName,Amount,Probability,CloseDate,IsDeleted,CurrencyIsoCode,CreatedDate,SystemModstamp
006000000000001AAA,001000000000001AAA,005000000000001AAA,One,Qualification,50,10,2026-06-30,false,USD,2026-03-05T10:00:00Z,2026-03-05T10:00:00Z
006000000000002AAA,001000000000001AAA,005000000000001AAA,Two,Prospecting,70,20,2026-06-30,false,USD,2026-03-06T10:00:00Z,2026-03-06T10:00:00Z
"""
SELECT = ["fct_opportunity_days", "fct_support_case_days", "fct_policy_versions"]
# The name that Salesforce's stages are mapped by, and what it is mapped to.
OLD_ROW, NEW_ROW = ("salesforce,,Qualification,qualification,", "salesforce,,Qualification,discovery,")


class Project:
    """A copy of the dbt project whose policy a test can edit, on a warehouse of two deals."""

    def __init__(self, folder: Path, original: Path) -> None:
        self.dbt_project = folder / "dbt_project"
        shutil.copytree(original / "dbt_project", self.dbt_project, ignore=shutil.ignore_patterns("target", "logs"))
        read_manifest(read_settings({}, {}))
        shutil.copytree(original / "dbt_project/target/parsed", self.dbt_project / "target/parsed")
        export = folder / "landing/salesforce/main/Opportunity_2026-03-07.csv"
        export.parent.mkdir(parents=True)
        export.write_text(DEALS)
        (folder / "infohub").mkdir()
        fill_warehouse(folder)
        self.warehouse = folder / "warehouse.duckdb"
        self.untouched = folder / "untouched.duckdb"
        shutil.copy(self.warehouse, self.untouched)

    def settings(self) -> Settings:
        return read_settings({"warehouse": str(self.warehouse)}, {"PATH": os.environ["PATH"]})

    def build(self, *days: str) -> list[Refreshed]:
        """Build these days; what was built from the beginning."""
        asked = [date.fromisoformat(day) for day in days]
        results = list(build_days(self.settings(), asked, select=SELECT, put_back=False, with_tests=False))
        assert [result.fault for result in results if isinstance(result, NodeResult) and result.is_fault] == []
        return [result for result in results if isinstance(result, Refreshed)]

    def edit(self, seed: str, old: str, new: str) -> None:
        path = self.dbt_project / f"seeds/policy/{seed}.csv"
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()


DAYS = "select * exclude (known_file_id) from core.fct_opportunity_days order by opportunity_id, as_of_date"
STAGES = "select distinct stage_name, policy_stage from core.fct_opportunity_days order by all"


@pytest.fixture(scope="module")
def edited(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Built for two days, then with another stage map for a third, and that day from nothing."""
    copy = Project(tmp_path_factory.mktemp("edited"), project)
    seen: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "PROJECT", copy.dbt_project)
        seen["first"] = copy.build("2026-03-07", "2026-03-08")
        seen["stages before"] = copy.rows(STAGES)
        copy.edit("stage_map", OLD_ROW, NEW_ROW)
        seen["after the edit"] = copy.build("2026-03-09")
        seen["stages after"], seen["days"] = copy.rows(STAGES), copy.rows(DAYS)
        seen["corrections"] = copy.rows("select * from intermediate.int_stage__opportunity_days_restated")
        seen["versions"] = copy.rows(
            "select policy_version, first_used_as_of, count(*), count(distinct seed || row_key) "
            "from governance.fct_policy_versions group by all order by 2"
        )
        seen["mapped"] = copy.rows(
            "select first_used_as_of, content ->> '$.policy_stage' from governance.fct_policy_versions where "
            " seed = 'stage_map' and row_key = 'salesforce//Qualification' order by 1"
        )
        copy.warehouse.unlink()
        shutil.copy(copy.untouched, copy.warehouse)
        copy.build("2026-03-09")
        seen["at once"] = copy.rows(DAYS)
        yield seen


def test_a_first_build_and_a_day_more_are_no_refresh(edited: dict[str, Any]) -> None:
    assert edited["first"] == []
    assert edited["stages before"] == [("Prospecting", "qualification"), ("Qualification", "qualification")]


def test_tables_that_follow_from_what_was_edited_are_built_anew_and_no_others(edited: dict[str, Any]) -> None:
    assert edited["after the edit"] == [Refreshed("fct_opportunity_days", ["stage_map"])]
    assert edited["stages after"] == [("Prospecting", "qualification"), ("Qualification", "discovery")]


def test_all_days_are_then_those_of_one_full_build(edited: dict[str, Any]) -> None:
    assert len(edited["days"]) == 9
    assert edited["days"] == edited["at once"]


def test_another_policy_is_no_correction_of_what_was_delivered(edited: dict[str, Any]) -> None:
    assert edited["corrections"] == []


def test_both_policies_are_kept_each_once_however_many_days_they_were_used(edited: dict[str, Any]) -> None:
    (old, old_day, old_rows, old_keys), (new, new_day, new_rows, new_keys) = edited["versions"]

    assert old != new
    assert (old_day, new_day) == (date(2026, 3, 7), date(2026, 3, 9))
    assert old_rows == old_keys == new_rows == new_keys > 1900
    assert edited["mapped"] == [(date(2026, 3, 7), "qualification"), (date(2026, 3, 9), "discovery")]
