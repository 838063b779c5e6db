"""What staging shows of an earlier moment is what the loader's tables held then."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.dbt_project.conftest import Deliveries, Rows

View = Callable[[str, datetime], str]

MARCH = datetime(2026, 3, 1, 6, 0)
ACME = "001000000000001AAA"
HEADER = "Id,Name,SystemModstamp\n"
LONG_AGO = MARCH - timedelta(days=365)


@pytest.fixture
def names_known_at(company: Deliveries, view_known_at: View) -> Callable[[datetime], Rows]:
    """The names of accounts, and the files they are from, as staging shows them of a moment."""

    def names(moment: datetime) -> Rows:
        view = view_known_at("stg_salesforce__accounts", moment)
        return company.rows(f"select account_name, file_id from ({view}) order by all")

    return names


def test_a_correction_is_not_known_before_it_was_delivered(
    company: Deliveries, names_known_at: Callable[[datetime], Rows]
) -> None:
    company.deliver("Account_2026-03-01.csv", HEADER + f"{ACME},Acme,2026-02-01T00:00:00Z\n", known=MARCH)
    april = MARCH + timedelta(days=31)
    company.deliver("Account_2026-04-01.csv", HEADER + f"{ACME},Acme Ltd,2026-03-15T00:00:00Z\n", known=april)

    assert names_known_at(MARCH - timedelta(seconds=1)) == []
    assert names_known_at(MARCH) == [("Acme", 1)]
    assert names_known_at(april - timedelta(seconds=1)) == [("Acme", 1)]
    assert names_known_at(april) == [("Acme Ltd", 2)]
    assert names_known_at(april + timedelta(days=365)) == [("Acme Ltd", 2)]


def test_an_older_version_that_arrives_late_was_never_current(
    company: Deliveries, names_known_at: Callable[[datetime], Rows]
) -> None:
    company.deliver("Account_2026-03-01.csv", HEADER + f"{ACME},Acme Ltd,2026-02-20T00:00:00Z\n", known=MARCH)
    next_day = MARCH + timedelta(days=1)
    company.deliver("Account_2026-02-15.csv", HEADER + f"{ACME},Acme,2026-02-01T00:00:00Z\n", known=next_day)

    assert company.rows("select name from raw_history.salesforce__accounts") == [("Acme",)]
    assert names_known_at(MARCH) == [("Acme Ltd", 1)]
    assert names_known_at(next_day) == [("Acme Ltd", 1)]


def test_two_corrections_in_one_run_leave_the_last(
    company: Deliveries, names_known_at: Callable[[datetime], Rows]
) -> None:
    for day, name in ((1, "Acme"), (2, "Acme Ltd"), (3, "Acme plc")):
        path = company.folder / f"landing/salesforce/main/Account_2026-02-0{day}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEADER + f"{ACME},{name},2026-02-0{day}T00:00:00Z\n")
    company.deliver("Account_2026-02-04.csv", HEADER + f"{ACME},Acme,2026-01-01T00:00:00Z\n", known=MARCH)

    assert names_known_at(MARCH - timedelta(seconds=1)) == []
    assert names_known_at(MARCH) == [("Acme plc", 3)]


def test_a_run_that_began_first_and_ended_last_shows_no_row_twice(
    company: Deliveries, names_known_at: Callable[[datetime], Rows]
) -> None:
    """File 3 is from a run that began before file 2's did: at that time neither was there."""
    company.deliver("Account_2026-03-01.csv", HEADER + f"{ACME},Acme,2026-02-01T00:00:00Z\n", known=MARCH)
    began_first, began_second = MARCH + timedelta(hours=1), MARCH + timedelta(hours=2)
    company.deliver("Account_2026-03-02.csv", HEADER + f"{ACME},Acme Ltd,2026-02-02T00:00:00Z\n", known=began_second)
    company.deliver("Account_2026-03-03.csv", HEADER + f"{ACME},Acme plc,2026-02-03T00:00:00Z\n", known=began_first)

    assert names_known_at(began_first) == [("Acme", 1)]
    assert names_known_at(began_second) == [("Acme plc", 3)]


def test_when_a_row_was_last_seen_is_not_known_before_it_was(company: Deliveries, view_known_at: View) -> None:
    rows = HEADER + f"{ACME},Acme,2026-02-01T00:00:00Z\n"
    company.deliver("Account_2026-03-01.csv", rows, known=MARCH)
    company.deliver("Account_2026-03-02.csv", rows + "001000000000002AAA,Bolt,\n", known=MARCH + timedelta(days=1))

    seen = "select account_name, last_seen_file_id from ({}) order by all"
    assert company.rows(seen.format(view_known_at("stg_salesforce__accounts", MARCH))) == [("Acme", None)]
    assert company.rows(seen.format(view_known_at("stg_salesforce__accounts", MARCH + timedelta(days=1)))) == [
        ("Acme", 2),
        ("Bolt", 2),
    ]


def test_a_column_that_the_contract_gained_since_is_where_it_belongs(company: Deliveries, view_known_at: View) -> None:
    """Tables grow at their ends, where a history has a column more: position for position they no longer agree."""
    (accounts,) = [it for it in company.contracts["salesforce"].tables if it.raw_name == "salesforce__accounts"]
    columns = tuple(column for column in accounts.columns if column.name != "industry")
    before = dataclasses.replace(
        company.contracts["salesforce"], tables=(dataclasses.replace(accounts, columns=columns),)
    )
    company.deliver(
        "Account_2026-03-01.csv",
        HEADER + f"{ACME},Acme,2026-02-01T00:00:00Z\n",
        known=MARCH,
        contracts={"salesforce": before},
    )
    company.deliver(
        "Account_2026-03-02.csv",
        f"Id,Name,Industry,SystemModstamp\n{ACME},Acme,Mining,2026-02-02T00:00:00Z\n",
        known=MARCH + timedelta(days=1),
    )

    shown = "select account_name, industry, file_id from ({})"
    assert company.rows(shown.format(view_known_at("stg_salesforce__accounts", MARCH))) == [("Acme", None, 1)]
    assert company.rows(shown.format(view_known_at("stg_salesforce__accounts", MARCH + timedelta(days=1)))) == [
        ("Acme", "Mining", 2)
    ]


def test_every_earlier_moment_shows_what_the_table_held_then(company: Deliveries, view_known_at: View) -> None:
    """New, changed, unchanged, changed back, late, repeated and vanished rows, over six deliveries."""
    deliveries = [
        [(1, "Acme", "02-01"), (2, "Bolt", "02-01"), (3, "Cobalt", "02-01")],
        [(1, "Acme Ltd", "02-05"), (2, "Bolt", "02-01"), (3, "Cobalt", "02-01")],
        [(1, "Acme", "02-07"), (2, "Bolt", "02-01"), (4, "Dune", "02-06")],
        [(2, "Bolt early", "01-15"), (4, "Dune", "02-06"), (4, "Dune Ltd", "02-08")],
        [],
        [(1, "Acme", "02-07"), (2, "Bolt AG", "02-09"), (3, "Cobalt", "02-01"), (5, "Elm", "02-09")],
    ]
    held: list[tuple[datetime, Rows]] = []
    for number, rows in enumerate(deliveries):
        lines = [f"00100000000000{key}AAA,{name},2026-{day}T00:00:00Z\n" for key, name, day in rows]
        known = MARCH + timedelta(days=number)
        company.deliver(f"Account_2026-03-0{number + 1}.csv", HEADER + "".join(lines), known=known)
        table = "select id, name, system_modstamp_at, _file_id from raw.salesforce__accounts order by all"
        held.append((known, company.rows(table)))

    for known, rows_then in held:
        view = view_known_at("stg_salesforce__accounts", known)
        shown = company.rows(f"select account_id, account_name, updated_at, file_id from ({view}) order by all")
        assert shown == rows_then, known
    assert company.rows("select count(*) from raw_history.salesforce__accounts") == [(6,)]


def test_the_ledger_ends_where_knowledge_did(company: Deliveries, view_known_at: View) -> None:
    company.deliver("Account_2026-03-01.csv", HEADER + f"{ACME},Acme,2026-02-01T00:00:00Z\n", known=MARCH)
    company.deliver("Nonsense.csv", "a,b\n1,2\n", known=MARCH + timedelta(days=1))

    files = "select file_id, load_status from ({}) order by all"
    assert company.rows(files.format(view_known_at("stg_ledger__files", MARCH))) == [(1, "loaded")]
    assert company.rows(files.format(view_known_at("stg_ledger__files", MARCH + timedelta(days=1)))) == [
        (1, "loaded"),
        (2, "refused"),
    ]


def test_infohub_files_are_known_from_scan_to_scan(company: Deliveries, view_known_at: View) -> None:
    moments = [MARCH + timedelta(days=day) for day in range(3)]
    company.write("ACME/IMPLEMENTATION/blueprint.yaml", "track: economy\n")
    company.write("ACME/IMPLEMENTATION/risks.yaml", "risks: []\n")
    company.scan(known=moments[0])
    company.write("ACME/IMPLEMENTATION/blueprint.yaml", "track: premium_plus\n")
    company.scan(known=moments[1])
    (company.folder / "infohub/ACME/IMPLEMENTATION/risks.yaml").unlink()
    company.scan(known=moments[2])

    def documents(moment: datetime) -> Rows:
        view = view_known_at("stg_infohub__documents", moment)
        return company.rows(f"select split_part(file_path, '/', 3), fields from ({view}) order by all")

    risks = ("risks.yaml", '{"risks":[]}')
    assert documents(moments[0] - timedelta(seconds=1)) == []
    assert documents(moments[0]) == [("blueprint.yaml", '{"track":"economy"}'), risks]
    assert documents(moments[1]) == [("blueprint.yaml", '{"track":"premium_plus"}'), risks]
    assert documents(moments[2]) == [("blueprint.yaml", '{"track":"premium_plus"}')]

    def scans(moment: datetime) -> Rows:
        view = view_known_at("stg_ledger__infohub_scans", moment)
        return company.rows(f"select scan_id, file_count, removed_file_count from ({view}) order by all")

    assert scans(moments[1]) == [(1, 2, 0), (2, 2, 0)]
    assert scans(moments[2]) == [(1, 2, 0), (2, 2, 0), (3, 1, 1)]


def test_overlapping_scans_show_no_file_twice(company: Deliveries, view_known_at: View) -> None:
    began_first, began_second = MARCH + timedelta(hours=1), MARCH + timedelta(hours=2)
    for track, known in (("poc", MARCH), ("economy", began_second), ("premium", began_first)):
        company.write("ACME/IMPLEMENTATION/blueprint.yaml", f"track: {track}\n")
        company.scan(known=known)

    view = view_known_at("stg_infohub__documents", began_first)
    assert company.rows(f"select fields from ({view})") == [('{"track":"poc"}',)]
