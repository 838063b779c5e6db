"""Which version of a row is kept when it was delivered more than once, and where the others go."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.ingestion.conftest import Desk


def orders(*rows: Sequence[object]) -> str:
    return "Id,label,modified\n" + "".join(",".join(str(cell) for cell in row) + "\n" for row in rows)


def test_a_correction_replaces_the_row_and_the_old_version_is_kept_as_history(desk: Desk) -> None:
    desk.load_one("orders_2026-01-31.csv", orders((1, "first", "2026-01-10"), (2, "same", "2026-01-10")))
    outcome = desk.load_one("orders_2026-02-28.csv", orders((1, "second", "2026-02-10"), (2, "same", "2026-01-10")))
    assert (outcome.rows_in, outcome.rows_loaded, outcome.rows_superseded, outcome.rows_repeated, outcome.rows_corrected) == (
        2, 1, 1, 1, 1,
    )  # fmt: skip
    assert desk.rows("select order_id, label, _file_id, _last_seen_file_id from raw.shop__orders order by 1") == [
        ("1", "second", 2, 2),
        ("2", "same", 1, 2),
    ]
    assert desk.rows("select order_id, label, _file_id, _superseded_by_file_id from raw_history.shop__orders") == [
        ("1", "first", 1, 2)
    ]


def test_an_older_version_that_arrives_late_goes_straight_to_history(desk: Desk) -> None:
    desk.load_one("orders_2026-02-28.csv", orders((1, "newer", "2026-02-10")))
    outcome = desk.load_one("orders_2026-01-31.csv", orders((1, "older", "2026-01-10")))
    assert (outcome.rows_loaded, outcome.rows_superseded, outcome.rows_repeated) == (0, 1, 0)
    assert desk.value("select label from raw.shop__orders") == "newer"
    assert desk.value("select label from raw_history.shop__orders") == "older"


def test_repeats_within_a_file_are_counted_not_stored(desk: Desk) -> None:
    outcome = desk.load_one("orders.csv", orders(*[(1, "same", "2026-01-10")] * 3, (2, "other", "2026-01-10")))
    assert (outcome.rows_in, outcome.rows_loaded, outcome.rows_superseded, outcome.rows_repeated) == (4, 2, 2, 2)
    assert desk.value("select count(*) from raw_history.shop__orders") == 0


def test_of_two_changes_in_one_second_the_later_row_wins(desk: Desk) -> None:
    desk.load_one("orders.csv", orders((1, "earlier", "2026-01-10T10:00:00Z"), (1, "later", "2026-01-10T10:00:00Z")))
    assert desk.value("select label from raw.shop__orders") == "later"
    assert desk.value("select label from raw_history.shop__orders") == "earlier"


def test_a_formula_field_that_moved_without_its_stamp_is_taken_from_the_later_delivery(desk: Desk) -> None:
    desk.load_one("orders_2026-01-31.csv", orders((1, "before", "2026-01-10")))
    desk.load_one("orders_2026-02-28.csv", orders((1, "after", "2026-01-10")))
    assert desk.value("select label from raw.shop__orders") == "after"


def test_a_row_without_a_stamp_counts_as_of_its_delivery(desk: Desk) -> None:
    desk.load_one("orders_2026-01-31.csv", orders((1, "stamped", "2026-01-10")))
    desk.load_one("orders_2026-02-28.csv", orders((1, "unstamped", "")))
    assert desk.value("select label from raw.shop__orders") == "unstamped"


def test_without_a_stamp_the_later_delivery_wins_even_when_it_is_loaded_first(desk: Desk) -> None:
    desk.load_one("visits_2026-02-28.csv", "shop_id,visit_date,visitors\na,2026-01-01,9\n")
    desk.load_one("visits_2026-01-31.csv", "shop_id,visit_date,visitors\na,2026-01-01,5\n")
    assert desk.rows("select shop_id, visitors from raw.shop__visits") == [("a", 9)]


def test_a_value_that_went_and_came_back_is_the_current_one(desk: Desk) -> None:
    for month, visitors in (("01-31", 5), ("02-28", 9), ("03-31", 5)):
        desk.load_one(f"visits_2026-{month}.csv", f"shop_id,visit_date,visitors\na,2026-01-01,{visitors}\n")
    assert desk.rows("select visitors, _file_id from raw.shop__visits") == [(5, 3)]
    assert desk.rows("select visitors, _file_id from raw_history.shop__visits order by 2") == [(5, 1), (9, 2)]


def test_rows_absent_from_a_full_export_are_still_there_and_recognisable(desk: Desk) -> None:
    desk.load_one("orders_2026-01-31.csv", orders((1, "stays", "2026-01-10"), (2, "absent later", "2026-01-10")))
    desk.load_one("orders_2026-02-28.csv", orders((1, "stays", "2026-01-10"), (3, "arrives", "2026-02-10")))
    assert desk.rows("select order_id, _last_seen_file_id from raw.shop__orders order by 1") == [
        ("1", 2),
        ("2", 1),
        ("3", 2),
    ]


def test_the_same_event_delivered_twice_counts_once_and_new_ones_are_added(desk: Desk) -> None:
    head = "click_id,clicked_at,page\n"
    desk.load_one("clicks_2026-01.csv", head + "a,2026-01-01T00:00:00Z,/\nb,2026-01-02T00:00:00Z,/\n")
    outcome = desk.load_one("clicks_2026-02.csv", head + "b,2026-01-02T00:00:00Z,/\nc,2026-02-01T00:00:00Z,/\n")
    assert (outcome.rows_loaded, outcome.rows_repeated) == (1, 1)
    assert [key for (key,) in desk.rows("select click_id from raw.shop__clicks order by 1")] == ["a", "b", "c"]


def test_every_row_of_every_file_is_accounted_for_in_the_tables(desk: Desk) -> None:
    desk.load_one(
        "orders_2026-01-31.csv", orders((1, "a", "2026-01-10"), (1, "b", "2026-01-11"), (2, "c", "never"), (3, "d", ""))
    )
    desk.load_one(
        "orders_2026-02-28.csv", orders((1, "b", "2026-01-11"), (3, "e", "2026-01-01"), (4, "f", "2026-02-01"))
    )
    assert desk.rows(
        "select file_id, rows_in, rows_loaded, rows_quarantined, rows_superseded from ledger.files order by file_id"
    ) == [(1, 4, 2, 1, 1), (2, 3, 1, 0, 2)]
    # What a file loaded is what still carries its number, here or in the history of files that came after it.
    assert desk.rows(
        """
        select files.file_id from ledger.files as files
        where rows_loaded <> (select count(*) from raw.shop__orders as rows where rows._file_id = files.file_id)
            + (select count(*) from raw_history.shop__orders as old
               where old._file_id = files.file_id and old._superseded_by_file_id <> files.file_id)
        """
    ) == []  # fmt: skip


def test_what_was_known_after_an_earlier_run_can_be_told_from_the_ledger(desk: Desk) -> None:
    desk.load_one("orders_2026-01-31.csv", orders((1, "first", "2026-01-10")))
    desk.load_one("orders_2026-02-28.csv", orders((1, "second", "2026-02-10")))
    known_then = desk.rows(
        """
        with versions as (
            select order_id, label, _file_id, null as _superseded_by_file_id from raw.shop__orders
            union all
            select order_id, label, _file_id, _superseded_by_file_id from raw_history.shop__orders
        )
        select label from versions
        inner join ledger.files as delivered on delivered.file_id = versions._file_id
        left join ledger.files as replaced on replaced.file_id = versions._superseded_by_file_id
        where delivered.loaded_at <= timestamp '2026-03-01 07:00' and coalesce(replaced.loaded_at > timestamp '2026-03-01 07:00', true)
        """
    )
    assert known_then == [("first",)]


@pytest.mark.parametrize("large", [False, True], ids=["in order", "in any order first"])
def test_a_large_file_is_loaded_like_a_small_one(desk: Desk, monkeypatch: pytest.MonkeyPatch, large: bool) -> None:
    if large:
        monkeypatch.setattr("ingestion.loader.LARGE_FILE_BYTES", 1)
    rows = [(number, f"label {number}", "2026-01-10") for number in range(5000)]
    rows += [(7, "tie, so the later line wins", "2026-01-10"), (8, "label 8", "2026-01-10"), (9, "bad", "soon")]
    outcome = desk.load_one("orders.csv", orders(*((key, f'"{label}"', stamp) for key, label, stamp in rows)))
    assert (outcome.rows_in, outcome.rows_loaded, outcome.rows_superseded, outcome.rows_repeated) == (5003, 5000, 2, 1)
    assert desk.value("select label from raw.shop__orders where order_id = '7'") == "tie, so the later line wins"
    assert desk.quarantine() == [(5004, "changed_at", "not_a_timestamp", '9,"bad",soon')]
    assert desk.value("select count(*) from ledger.files") == 1
