"""What staging shows of a day: each row in the version that was true at its end, and nothing that only came later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.dbt_project.conftest import Deliveries, Rows

JULY = datetime(2026, 7, 1, 6, 0)
HEADER = "Id,Name,IsDeleted,CreatedDate,SystemModstamp\n"
Asked = Callable[..., Rows]


def account(key: int, name: str, stamp: str, *, created: str = "2026-01-01", deleted: bool = False) -> str:
    moment = stamp if "T" in stamp or not stamp else f"{stamp}T12:00:00Z"
    return f"00100000000000{key}AAA,{name},{str(deleted).lower()},{created}T08:00:00Z,{moment}\n"


@pytest.fixture
def names_on(company: Deliveries, staging_sql: Callable[..., str]) -> Asked:
    """Names of accounts as staging shows them of a day, and whether each is a later version carried back."""

    def names(day: str, **known: str) -> Rows:
        view = staging_sql("stg_salesforce__accounts", as_of=day, **known)
        return company.rows(f"select account_name, is_deleted, is_later_version from ({view}) order by all")

    return names


def deliver(company: Deliveries, number: int, *rows: str) -> None:
    name = f"Account_2026-06-{number:02}.csv"
    company.deliver(name, HEADER + "".join(rows), known=JULY + timedelta(days=number))


def test_a_day_shows_the_version_that_was_true_at_its_end(company: Deliveries, names_on: Asked) -> None:
    deliver(company, 1, account(1, "Acme", "2026-02-01"))
    deliver(company, 2, account(1, "Acme Ltd", "2026-03-15"))
    deliver(company, 3, account(1, "Acme plc", "2026-05-01", deleted=True))

    assert names_on("2026-02-01") == [("Acme", False, False)]
    assert names_on("2026-03-14") == [("Acme", False, False)]
    assert names_on("2026-03-15") == [("Acme Ltd", False, False)]
    assert names_on("2026-04-30") == [("Acme Ltd", False, False)]
    assert names_on("2026-05-01") == [("Acme plc", True, False)]
    assert names_on("2030-01-01") == [("Acme plc", True, False)]


def test_the_last_moment_of_a_day_belongs_to_it(company: Deliveries, names_on: Asked) -> None:
    deliver(company, 1, account(1, "Acme", "2026-02-01"))
    deliver(company, 2, account(1, "At midnight", "2026-03-16T00:00:00Z"))

    assert names_on("2026-03-15") == [("Acme", False, False)]
    assert names_on("2026-03-16") == [("At midnight", False, False)]


def test_a_row_that_existed_before_its_oldest_version_is_carried_back_and_marked(
    company: Deliveries, names_on: Asked
) -> None:
    deliver(company, 1, account(1, "Acme", "2026-03-01", created="2026-01-10"))
    deliver(company, 2, account(1, "Acme Ltd", "2026-04-01", created="2026-01-10"))

    assert names_on("2026-01-09") == []
    assert names_on("2026-01-10") == [("Acme", False, True)]
    assert names_on("2026-02-28") == [("Acme", False, True)]
    assert names_on("2026-03-01") == [("Acme", False, False)]


def test_a_row_without_a_stamp_is_taken_as_it_is(company: Deliveries, names_on: Asked) -> None:
    deliver(company, 1, account(1, "Acme", ""))

    assert names_on("2020-01-01") == [("Acme", False, False)]


def test_what_is_delivered_later_and_dated_later_changes_nothing(company: Deliveries, names_on: Asked) -> None:
    deliver(company, 1, account(1, "Acme", "2026-02-01"), account(2, "Bolt", "2026-02-02"))
    before = names_on("2026-03-31")
    deliver(
        company, 2,
        account(1, "Acme Ltd", "2026-04-01"), account(2, "Bolt", "2026-04-02", deleted=True),
        account(3, "Cobalt", "2026-04-03", created="2026-04-03"),
    )  # fmt: skip

    assert before == [("Acme", False, False), ("Bolt", False, False)]
    assert names_on("2026-03-31") == before
    assert names_on("2026-04-30") == [("Acme Ltd", False, False), ("Bolt", True, False), ("Cobalt", False, False)]


def test_a_version_that_arrived_already_old_is_what_was_true_then(company: Deliveries, names_on: Asked) -> None:
    deliver(company, 2, account(1, "Acme Ltd", "2026-03-15"))
    deliver(company, 1, account(1, "Acme", "2026-02-01"))

    assert names_on("2026-02-10") == [("Acme", False, False)]
    assert names_on("2026-03-15") == [("Acme Ltd", False, False)]


def test_of_two_versions_with_one_stamp_the_one_that_won_counts(company: Deliveries, names_on: Asked) -> None:
    deliver(company, 1, account(1, "Acme", "2026-02-01"))
    deliver(company, 2, account(1, "Acme again", "2026-02-01"))
    deliver(company, 3, account(1, "Acme Ltd", "2026-03-01"))

    assert names_on("2026-02-10") == [("Acme again", False, False)]


def test_a_day_can_be_asked_about_from_what_was_known_earlier(company: Deliveries, names_on: Asked) -> None:
    """Day 3 of July brought a version of February; on day 2 nobody knew it."""
    deliver(company, 2, account(1, "Acme", "2026-02-01"))
    deliver(company, 3, account(1, "Acme Ltd", "2026-02-20"))

    assert names_on("2026-02-28") == [("Acme Ltd", False, False)]
    assert names_on("2026-02-28", known_at=f"{JULY + timedelta(days=2)}") == [("Acme", False, False)]
    assert names_on("2026-02-28", known_at=f"{JULY + timedelta(days=3)}") == [("Acme Ltd", False, False)]
    assert names_on("2026-01-15", known_at=f"{JULY + timedelta(days=2)}") == [("Acme", False, True)]
    assert names_on("2026-02-28", known_at=f"{JULY + timedelta(days=1)}") == []


def test_a_row_that_was_deleted_and_came_back_says_so(company: Deliveries, staging_sql: Callable[..., str]) -> None:
    deliver(company, 1, account(1, "Acme", "2026-02-01"), account(2, "Bolt", "2026-02-01"))
    deliver(company, 2, account(1, "Acme", "2026-03-01", deleted=True), account(2, "Bolt", "2026-02-01"))
    deliver(company, 3, account(1, "Acme", "2026-04-01"), account(2, "Bolt", "2026-04-01", deleted=True))

    def states(day: str, **known: str) -> Rows:
        view = staging_sql("stg_salesforce__accounts", as_of=day, **known)
        return company.rows(f"select account_name, is_deleted, is_restored from ({view}) order by all")

    assert states("2026-02-28") == [("Acme", False, False), ("Bolt", False, False)]
    assert states("2026-03-31") == [("Acme", True, False), ("Bolt", False, False)]
    assert states("2026-04-01") == [("Acme", False, True), ("Bolt", True, False)]
    before_it_came_back = f"{JULY + timedelta(days=2, hours=1):%Y-%m-%d %H:%M:%S}"
    assert states("2026-04-01", known_at=before_it_came_back) == [("Acme", True, False), ("Bolt", False, False)]
