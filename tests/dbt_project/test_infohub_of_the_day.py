"""What staging shows of the InfoHub on a day: what its files held at its end, and nothing that only came later."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.dbt_project.conftest import DbtRun, Deliveries, Rows

Asked = Callable[..., Rows]


def morning(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 6, 0)


@pytest.fixture
def risks_on(company: Deliveries, staging_sql: Callable[..., str]) -> Asked:
    """What each document said on a day: its place below the node, and the first of its risks."""

    def risks(day: str, **known: str) -> Rows:
        view = staging_sql("stg_infohub__documents", as_of=day, **known)
        return company.rows(f"select split_part(file_path, '/', 3), fields ->> '$.risks[0]' from ({view}) order by all")

    return risks


@pytest.fixture
def files_on(company: Deliveries, staging_sql: Callable[..., str]) -> Asked:
    """The files of a day, and whether each has gone since."""

    def files(day: str, **known: str) -> Rows:
        view = staging_sql("stg_infohub__files", as_of=day, **known)
        return company.rows(f"select file_path, is_removed_since from ({view}) order by all")

    return files


def write(company: Deliveries, *documents: tuple[str, str], name: str = "risks.yaml") -> None:
    """A file with a document for each day and risk."""
    company.write(f"ACME/POC/{name}", "---\n".join(f"updated_at: {day}\nrisks: [{risk}]\n" for day, risk in documents))


def remove(company: Deliveries, name: str = "risks.yaml") -> None:
    (company.folder / "infohub/ACME/POC" / name).unlink()


def test_a_day_shows_what_a_file_held_at_its_end(company: Deliveries, risks_on: Asked) -> None:
    write(company, ("2026-02-01", "budget"))
    company.scan(known=morning(2, 2))
    write(company, ("2026-03-15", "sponsor"))
    company.scan(known=morning(3, 16))
    write(company, ("2026-05-01", "security"))
    company.scan(known=morning(5, 2))

    assert risks_on("2026-02-01") == [("risks.yaml", "budget")]
    assert risks_on("2026-03-14") == [("risks.yaml", "budget")]
    assert risks_on("2026-03-15") == [("risks.yaml", "sponsor")]
    assert risks_on("2026-04-30") == [("risks.yaml", "sponsor")]
    assert risks_on("2026-05-01") == [("risks.yaml", "security")]
    assert risks_on("2030-01-01") == [("risks.yaml", "security")]


def test_before_the_oldest_content_the_oldest_is_shown(company: Deliveries, risks_on: Asked) -> None:
    """int_infohub__files_dated marks it as a later version by its date."""
    write(company, ("2026-02-01", "budget"))
    company.scan(known=morning(2, 2))
    write(company, ("2026-03-15", "sponsor"))
    company.scan(known=morning(3, 16))

    assert risks_on("2026-01-31") == [("risks.yaml", "budget")]


def test_a_correction_that_keeps_its_date_counts_for_the_whole_time(company: Deliveries, risks_on: Asked) -> None:
    write(company, ("2026-02-01", "bugdet"))
    company.scan(known=morning(2, 2))
    write(company, ("2026-02-01", "budget"))
    company.scan(known=morning(3, 1))

    assert risks_on("2026-02-10") == [("risks.yaml", "budget")]
    assert risks_on("2026-02-10", known_at="2026-02-11 06:00:00") == [("risks.yaml", "bugdet")]


def test_content_that_was_put_back_counts_again(company: Deliveries, risks_on: Asked) -> None:
    for day, risk, known in (("2026-02-01", "budget", 2), ("2026-03-01", "sponsor", 3), ("2026-02-01", "budget", 4)):
        write(company, (day, risk))
        company.scan(known=morning(known, 2))

    assert risks_on("2026-06-30") == [("risks.yaml", "budget")]
    assert risks_on("2026-06-30", known_at="2026-03-31 06:00:00") == [("risks.yaml", "sponsor")]


def test_of_a_log_a_day_shows_what_was_in_it(company: Deliveries, risks_on: Asked) -> None:
    """The first document stays as it is, and so has one row in history and now; the file has two versions."""
    write(company, ("2026-02-01", "budget"))
    company.scan(known=morning(2, 2))
    write(company, ("2026-02-01", "budget"), ("2026-03-01", "sponsor"))
    company.scan(known=morning(3, 2))
    write(company, ("2026-02-01", "budget"), ("2026-03-01", "sponsor"), ("2026-04-01", "security"))
    company.scan(known=morning(4, 2))

    assert risks_on("2026-02-28") == [("risks.yaml", "budget")]
    assert risks_on("2026-03-31") == [("risks.yaml", "budget"), ("risks.yaml", "sponsor")]
    assert len(risks_on("2026-04-01")) == 3


def test_a_file_without_a_date_is_dated_by_the_file_system(company: Deliveries, risks_on: Asked) -> None:
    for month, risk in ((2, "budget"), (3, "sponsor")):
        company.write("ACME/POC/risks.yaml", f"risks: [{risk}]\n")
        moment = datetime(2026, month, 10, 12, tzinfo=UTC).timestamp()
        os.utime(company.folder / "infohub/ACME/POC/risks.yaml", (moment, moment))
        company.scan(known=morning(month, 11))

    assert risks_on("2026-03-09") == [("risks.yaml", "budget")]
    assert risks_on("2026-03-10") == [("risks.yaml", "sponsor")]


def test_a_file_that_went_away_was_there_before(company: Deliveries, files_on: Asked, risks_on: Asked) -> None:
    write(company, ("2026-02-01", "budget"))
    write(company, ("2026-02-01", "late"), name="steps.yaml")
    company.scan(known=morning(2, 2))
    remove(company)
    company.scan(known=morning(4, 1))

    assert files_on("2026-03-31") == [("ACME/POC/risks.yaml", True), ("ACME/POC/steps.yaml", False)]
    assert risks_on("2026-03-31") == [("risks.yaml", "budget"), ("steps.yaml", "late")]
    assert files_on("2026-04-01") == [("ACME/POC/steps.yaml", False)]
    assert risks_on("2026-04-01") == [("steps.yaml", "late")]
    # whoever asked in March did not know that it would go
    assert files_on("2026-03-31", known_at="2026-03-31 06:00:00") == [
        ("ACME/POC/risks.yaml", False),
        ("ACME/POC/steps.yaml", False),
    ]


def test_a_file_that_came_back_is_there_again(company: Deliveries, risks_on: Asked) -> None:
    write(company, ("2026-02-01", "budget"))
    company.scan(known=morning(2, 2))
    remove(company)
    company.scan(known=morning(3, 2))
    write(company, ("2026-05-01", "sponsor"))
    company.scan(known=morning(5, 2))

    assert risks_on("2026-03-01") == [("risks.yaml", "budget")]
    assert risks_on("2026-03-02") == []
    assert risks_on("2026-05-01") == [("risks.yaml", "sponsor")]


def test_a_folder_that_was_renamed_is_shown_once(company: Deliveries, files_on: Asked) -> None:
    write(company, ("2026-02-01", "budget"))
    company.scan(known=morning(2, 2))
    infohub = company.folder / "infohub"
    shutil.move(infohub / "ACME", infohub / "ACME_CORP")
    company.scan(known=morning(4, 1))

    assert files_on("2026-03-31") == [("ACME_CORP/POC/risks.yaml", False)]
    assert files_on("2026-03-31", known_at="2026-03-31 06:00:00") == [("ACME/POC/risks.yaml", False)]


def test_what_happens_later_changes_nothing_of_a_day(company: Deliveries, files_on: Asked, risks_on: Asked) -> None:
    for name in ("risks.yaml", "steps.yaml", "plan.yaml"):
        write(company, ("2026-02-01", name.partition(".")[0]), name=name)
    company.scan(known=morning(2, 2))
    before = risks_on("2026-03-31")
    remove(company, "plan.yaml")
    write(company, ("2026-04-02", "changed"), name="steps.yaml")
    company.scan(known=morning(4, 3))

    assert before == [("plan.yaml", "plan"), ("risks.yaml", "risks"), ("steps.yaml", "steps")]
    assert risks_on("2026-03-31") == before
    assert risks_on("2026-04-30") == [("risks.yaml", "risks"), ("steps.yaml", "changed")]
    assert files_on("2026-04-30") == [("ACME/POC/risks.yaml", False), ("ACME/POC/steps.yaml", False)]


def test_a_run_that_scanned_twice_shows_no_file_twice(company: Deliveries, risks_on: Asked) -> None:
    write(company, ("2026-02-01", "budget"))
    company.scan(known=morning(2, 2))
    for risk in ("sponsor", "security"):
        write(company, ("2026-03-01", risk))
        company.runs = 1  # a run that broke off after its scan, and was tried again under the same id
        company.scan(known=morning(3, 2))

    assert risks_on("2026-02-28") == [("risks.yaml", "budget")]
    assert risks_on("2026-03-01") == [("risks.yaml", "security")]


def test_an_unreadable_version_is_shown_as_what_it_was(company: Deliveries, staging_sql: Callable[..., str]) -> None:
    write(company, ("2026-02-01", "budget"))
    company.scan(known=morning(2, 2))
    company.write("ACME/POC/risks.yaml", "risks: [\n")
    moment = datetime(2026, 3, 10, 12, tzinfo=UTC).timestamp()
    os.utime(company.folder / "infohub/ACME/POC/risks.yaml", (moment, moment))
    company.scan(known=morning(3, 11))

    def states(day: str) -> Rows:
        return company.rows(f"select reading_status from ({staging_sql('stg_infohub__files', as_of=day)})")

    assert states("2026-03-09") == [("parsed",)]
    assert states("2026-03-10") == [("unreadable",)]


def test_a_file_that_was_away_on_the_day_is_accounted_for(company: Deliveries, dbt: Callable[..., DbtRun]) -> None:
    """Of the two files that the latest scan found, one is shown, and the other one was not there."""
    company.deliver("Account_2026-02-01.csv", "Id,Name,SystemModstamp\n", known=morning(2, 1))
    write(company, ("2026-02-01", "budget"))
    write(company, ("2026-02-01", "plan"), name="plan.yaml")
    company.scan(known=morning(2, 2))
    remove(company)
    company.scan(known=morning(3, 2))
    write(company, ("2026-05-01", "sponsor"))
    company.scan(known=morning(5, 2))

    def counted(day: str) -> tuple[Rows, list[int]]:
        run = dbt(company.folder, "run", "--select", "+stg_infohub__files", variables={"as_of": day})
        assert run.succeeded, run.output
        absent = "select row_count from ({{ rows_created_after_the_day('infohub__files') }}) as absent_files"
        shown = dbt(company.folder, "show", "--output", "json", "--inline", absent, variables={"as_of": day})
        assert shown.succeeded, shown.output
        found = re.search(r'"show": (\[.*?\])', shown.output, re.DOTALL)
        assert found, shown.output
        return (
            company.rows("select file_path, is_removed_since from staging.stg_infohub__files order by all"),
            [row["row_count"] for row in json.loads(found[1])],
        )

    plan = ("ACME/POC/plan.yaml", False)
    assert counted("2026-02-28") == ([plan, ("ACME/POC/risks.yaml", True)], [1])
    assert counted("2026-03-31") == ([plan], [1])
    assert counted("2026-05-01") == ([plan, ("ACME/POC/risks.yaml", False)], [])
