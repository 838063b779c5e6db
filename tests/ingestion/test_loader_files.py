"""What becomes of a whole file: recognised, refused with a reason a person can act on, or already known."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from ingestion.ledger import FileOutcome
from tests.ingestion.conftest import Desk

ROWS = "".join(f"{number},label {number},{number}\n" for number in range(1, 101))
ORDERS = "Id,label,pieces\n" + ROWS


def outcome_of(desk: Desk, name: str) -> FileOutcome:
    (outcome,) = [file for file in desk.load().files if file.path.endswith(name)]
    return outcome


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (b"", "empty_file", "0 bytes"),
        (b"%PDF-1.7\n\x00\x01", "not_text", "PDF"),
        (b"PK\x03\x04rest", "not_text", "Excel"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "not_text", "web page"),
        (b"Id,label\n1,a\x00b\n", "not_text", "NUL"),
        (bytes(range(1, 256)) * 4, "not_text", "binary"),
        (b"color,shape\nred,round\n", "unrecognised_header", "color, shape"),
        (b"label,pieces\nx,1\n", "missing_key_column", "order_id (order_id, Id)"),
        (gzip.compress(ORDERS.encode())[:-60], "truncated_gzip", "cut off"),
        (gzip.compress(ORDERS.encode())[:-1], "truncated_gzip", "cut off"),
        (b"Id,label,pieces\n1,a,1\n2,b,2\n3,c", "half_written", "last line"),
        (b'Id,label,pieces\n1,a,1\n2,b,2\n3,"c', "half_written", "last line"),
        ("Id,label\n1,a\n".encode("utf-16")[:-1], "not_text", "utf-16"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_trusted_is_refused_by_name_and_reason(
    desk: Desk, content: bytes, code: str, says: str
) -> None:
    outcome = desk.load_one("orders.csv", content)
    assert (outcome.status, outcome.reason_code) == ("refused", code)
    assert outcome.reason is not None
    assert says in outcome.reason
    assert desk.value("select count(*) from raw.shop__orders") == 0
    assert desk.rows("select path, status, reason_code from ledger.files") == [
        ("shop/main/orders.csv", "refused", code)
    ]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("orders.json", b'{"results": [{"order_id": "1"}, {"ord', "half_written"),
        ("orders.json", b'{"results": [{"order_id": "1"} x]}', "unreadable_json"),
        ("orders.jsonl", b'{"order_id": "1"}\n{"order_id": "2"}\n{"order_i', "half_written"),
        ("orders.jsonl", b'{"color": "red"}\n', "unrecognised_header"),
        ("orders.parquet", b"PAR1 and then nothing", "half_written"),
        ("orders.parquet", b"Id,label\n1,a\n", "not_parquet"),
        ("orders.parquet", b"PAR1" + b"\x00" * 40 + b"PAR1", "unreadable_parquet"),
        ("orders.xlsx", b"PK\x03\x04", "unsupported_format"),
        ("ordrs.csv", b"Id\n1\n", "unrecognised_name"),
    ],
)
def test_other_formats_are_refused_for_their_own_reasons(desk: Desk, name: str, content: bytes, code: str) -> None:
    outcome = desk.load_one(name, content)
    assert (outcome.status, outcome.reason_code) == ("refused", code), outcome.reason


def test_a_misspelt_name_is_answered_with_the_name_that_was_probably_meant(desk: Desk) -> None:
    outcome = desk.load_one("ordrs.csv", "Id\n1\n")
    assert outcome.reason is not None
    assert "did you mean 'orders'" in outcome.reason


def test_an_unknown_system_is_answered_with_the_known_ones(desk: Desk) -> None:
    desk.drop("orders.csv", ORDERS, system="shopp")
    outcome = outcome_of(desk, "shopp/main/orders.csv")
    assert (outcome.reason_code, "did you mean 'shop'" in str(outcome.reason)) == ("unknown_system", True)


def test_a_folder_with_the_name_of_a_file_is_named_and_its_neighbours_load(desk: Desk) -> None:
    desk.drop("orders.csv", ORDERS)
    (desk.landing / "shop/main/visits.csv").mkdir()
    statuses = {file.path: (file.status, file.reason_code) for file in desk.load().files}
    assert statuses == {
        "shop/main/orders.csv": ("loaded", None),
        "shop/main/visits.csv": ("refused", "not_a_file"),
    }


def test_a_file_outside_an_instance_folder_is_told_where_to_go(desk: Desk) -> None:
    (desk.landing / "shop").mkdir()
    (desk.landing / "shop" / "orders.csv").write_text(ORDERS)
    assert outcome_of(desk, "orders.csv").reason_code == "outside_an_instance"


def test_a_link_that_leaves_the_landing_folder_is_not_followed(desk: Desk, tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere.csv"
    secret.write_text(ORDERS)
    folder = desk.landing / "shop" / "main"
    folder.mkdir(parents=True)
    (folder / "orders.csv").symlink_to(secret)
    assert outcome_of(desk, "orders.csv").reason_code == "link_out_of_landing"
    assert desk.value("select count(*) from raw.shop__orders") == 0


def test_downloads_still_in_flight_are_left_alone(desk: Desk) -> None:
    desk.drop("orders.csv.part", "Id,la")
    desk.drop(".~lock.orders.csv", "x")
    assert desk.load().files == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_refused_and_the_rest_loads(desk: Desk) -> None:
    desk.drop("visits.csv", "shop_id,visit_date,visitors\n1,2026-01-01,5\n")
    desk.drop("orders.csv", ORDERS).chmod(0)
    assert [(file.status, file.reason_code) for file in desk.load().files] == [
        ("refused", "unreadable_file"),
        ("loaded", None),
    ]


def test_a_link_in_a_circle_is_refused(desk: Desk) -> None:
    path = desk.drop("orders.csv", ORDERS)
    path.unlink()
    path.symlink_to(path.name)
    assert outcome_of(desk, "orders.csv").reason_code == "link_out_of_landing"


@pytest.mark.parametrize(
    ("encoding", "noted"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("cp1252", "cp1252"),
    ],
)
@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])
def test_the_usual_encodings_are_understood(desk: Desk, encoding: str, noted: str, zipped: bool) -> None:
    content = "Id,label\n1,Café Zoë\n2,plain\n".encode(encoding)
    outcome = desk.load_one("orders.csv.gz" if zipped else "orders.csv", gzip.compress(content) if zipped else content)
    assert outcome.rows_loaded == 2
    assert desk.value("select label from raw.shop__orders where order_id = '1'") == "Café Zoë"
    assert desk.value("select encoding from ledger.files") == noted


def test_cp1252_keeps_its_own_signs(desk: Desk) -> None:
    desk.load_one("orders.csv", "Id,label\n1,“100 €” – naïve\n".encode("cp1252"))
    assert desk.value("select label from raw.shop__orders") == "“100 €” – naïve"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_from_the_header(desk: Desk, delimiter: str) -> None:
    content = delimiter.join(["Id", "label", "pieces"]) + "\n" + delimiter.join(["1", '"a,b;c|d"', "3"]) + "\n"
    desk.load_one("orders.csv", content)
    assert desk.rows("select order_id, label, pieces from raw.shop__orders") == [("1", "a,b;c|d", 3)]


@pytest.mark.parametrize(
    "name",
    [
        "orders.csv",
        "ORDERS.CSV",
        "Order List.csv",
        "order_list_2026-01-31.csv",
        "orders-20260131.csv",
        "2026-01-31_orders.csv",
        "orders_2026-01-31_part2.csv",
        "orders_2_2026-01-31.csv",
        "orders (1).csv",
        "orders_2026-01-31T081500Z.csv",
        "deep/er/orders.csv",
        "orders/2026-01-31.csv",
        "orders/part-0001.csv",
    ],
)
def test_a_table_is_recognised_however_its_file_is_decorated(desk: Desk, name: str) -> None:
    assert desk.load_one(name, ORDERS).table_name == "shop__orders"


def test_several_instances_of_a_system_live_side_by_side(desk: Desk) -> None:
    desk.drop("orders.csv", "Id,label\n1,ours\n", instance="emea")
    desk.drop("orders.csv", "Id,label\n1,theirs\n", instance="americas")
    desk.load()
    assert desk.rows("select source_instance, order_id, label from raw.shop__orders order by 1") == [
        ("americas", "1", "theirs"),
        ("emea", "1", "ours"),
    ]


def test_an_empty_landing_folder_loads_nothing_and_fails_nothing(desk: Desk) -> None:
    assert desk.load().files == []


def test_loading_again_reads_nothing_and_changes_nothing(desk: Desk) -> None:
    desk.drop("orders.csv", ORDERS)
    desk.drop("broken.csv", "x")
    desk.load()
    before = desk.rows("from raw.shop__orders order by all"), desk.rows("from ledger.files order by all")
    again = desk.load()
    assert {file.path.rsplit("/", 1)[1]: file.status for file in again.files} == {
        "orders.csv": "unchanged",
        "broken.csv": "refused",
    }
    assert (desk.rows("from raw.shop__orders order by all"), desk.rows("from ledger.files order by all")) == before


@pytest.mark.parametrize("copy", ["orders_2026-01-31 (1).csv", "orders_2026-01-01.csv", "Order List.csv"])
def test_the_same_content_under_another_name_or_time_changes_nothing(desk: Desk, copy: str) -> None:
    desk.drop("orders_2026-01-31.csv", ORDERS)
    desk.load()
    before = desk.rows("from raw.shop__orders order by all")
    outcome = desk.load_one(copy, ORDERS)
    assert (outcome.status, outcome.rows_loaded) == ("unchanged", 0)
    assert "orders_2026-01-31.csv" in str(outcome.reason)
    os.utime(desk.landing / "shop/main/orders_2026-01-31.csv", (1, 1))
    assert {file.status for file in desk.load().files} == {"unchanged"}
    assert desk.rows("from raw.shop__orders order by all") == before


def test_the_same_content_under_a_later_date_says_that_the_rows_are_still_there(desk: Desk) -> None:
    desk.load_one("orders_2026-01-31.csv", ORDERS)
    outcome = desk.load_one("orders_2026-02-28.csv", ORDERS)
    assert (outcome.status, outcome.rows_loaded, outcome.rows_repeated) == ("loaded", 0, 100)
    assert desk.rows("select distinct _file_id, _last_seen_file_id from raw.shop__orders") == [(1, 2)]


def test_an_export_without_rows_does_not_replace_good_data(desk: Desk) -> None:
    desk.load_one("orders_2026-01-31.csv", ORDERS)
    outcome = desk.load_one("orders_2026-02-28.csv", "Id,label,pieces\n")
    assert (outcome.status, outcome.reason_code) == ("refused", "empty_export")
    assert desk.value("select count(*) from raw.shop__orders") == 100


def test_an_export_without_rows_is_a_fact_where_there_was_nothing_before(desk: Desk) -> None:
    outcome = desk.load_one("orders.csv", "Id,label,pieces\n")
    assert (outcome.status, outcome.rows_in) == ("loaded", 0)
    assert desk.value("select rows_in from ledger.files") == 0


def test_a_sharp_drop_is_refused_until_somebody_says_it_is_right(desk: Desk) -> None:
    desk.load_one("orders_2026-01-31.csv", ORDERS)
    smaller = "Id,label,pieces\n" + "".join(f"{number},new,0\n" for number in range(1, 50))
    outcome = desk.load_one("orders_2026-02-28.csv", smaller)
    assert (outcome.status, outcome.reason_code) == ("refused", "sharp_drop")
    assert "49 rows" in str(outcome.reason)
    assert "100" in str(outcome.reason)
    assert desk.value("select count(*) from raw.shop__orders where label = 'new'") == 0
    accepted = {file.path: file for file in desk.load(accept_drop=True).files}
    assert accepted["shop/main/orders_2026-02-28.csv"].status == "loaded"
    assert desk.value("select count(*) from raw.shop__orders where label = 'new'") == 49
    # Absence from an export is not deletion at the source.
    assert desk.value("select count(*) from raw.shop__orders") == 100


def test_half_of_the_rows_is_not_yet_a_sharp_drop(desk: Desk) -> None:
    desk.load_one("orders_2026-01-31.csv", ORDERS)
    half = "Id,label,pieces\n" + "".join(f"{number},new,0\n" for number in range(1, 51))
    assert desk.load_one("orders_2026-02-28.csv", half).status == "loaded"


def test_the_parts_of_one_delivery_are_weighed_together(desk: Desk) -> None:
    desk.load_one("orders_2026-01-31.csv", ORDERS)
    for part, rows in enumerate((range(1, 41), range(41, 101))):
        body = "Id,label,pieces\n" + "".join(f"{number},part {part},0\n" for number in rows)
        desk.drop(f"orders_2026-02-28_part{part}.csv", body)
    assert [file.status for file in desk.load().files] == ["unchanged", "loaded", "loaded"]


def test_a_file_with_mostly_bad_rows_is_refused_and_the_retyped_column_named(desk: Desk) -> None:
    desk.load_one("orders_2026-01-31.csv", ORDERS)
    retyped = "Id,label,pieces\n" + "".join(f"{number},label,about {number}\n" for number in range(100))
    outcome = desk.load_one("orders_2026-02-28.csv", retyped)
    assert (outcome.status, outcome.reason_code) == ("refused", "mostly_bad_rows")
    assert outcome.drift == ["retyped pieces: 100 of 100 values: is not a number"]
    assert desk.rows("select verdict, column_name from ledger.schema_drift") == [("retyped", "pieces")]
    assert desk.value("select count(*) from raw.shop__orders where label = 'label'") == 0


def test_changes_of_columns_are_named(desk: Desk) -> None:
    desk.load_one("orders_2026-01-31.csv", "Id,label,pieces,price,weight,Zone\n1,a,1,1,1,x\n")
    outcome = desk.load_one(
        "orders_2026-02-28.csv", "order_id,label,Piece,weight,due_date,Size\n1,a,1,1,2026-01-01,x\n"
    )
    assert sorted(outcome.drift) == [
        "missing Zone: not in the contract, no longer delivered",
        "missing price: the last delivery had it as 'price'; now null",
        "new Size: not in the contract; kept in _extra",
        "new due_date: first seen as 'due_date'",
        "renamed order_id: was 'Id', is 'order_id'",
        "renamed pieces: was 'pieces', perhaps now 'Piece': add that spelling to the contract if so",
    ]


def test_only_the_tables_asked_for_are_loaded(desk: Desk) -> None:
    desk.drop("orders.csv", ORDERS)
    desk.drop("visits.csv", "shop_id,visit_date,visitors\n1,2026-01-01,5\n")
    report = desk.load(only={"shop__visits"})
    assert [(file.table_name, file.status) for file in report.files] == [("shop__visits", "loaded")]


def test_a_bad_instance_file_is_reported_on_the_files_it_would_have_governed(desk: Desk) -> None:
    desk.drop("instance.yml", "timezone: Mars/Olympus\n")
    outcome = desk.load_one("orders.csv", ORDERS)
    assert (outcome.reason_code, "Mars/Olympus" in str(outcome.reason)) == ("bad_instance_file", True)


def test_a_part_that_is_refused_does_not_hold_back_the_other_parts(desk: Desk) -> None:
    desk.drop("orders_2026-01-31_part1.csv", ORDERS)
    desk.drop("orders_2026-01-31_part2.csv.gz", gzip.compress(ORDERS.encode())[:-9])
    assert [(file.status, file.reason_code) for file in desk.load().files] == [
        ("loaded", None),
        ("refused", "truncated_gzip"),
    ]
    assert desk.value("select count(*) from raw.shop__orders") == 100
