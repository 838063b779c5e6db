"""What becomes of a single row: how its texts are typed, and what sends it to quarantine."""

from __future__ import annotations

import gzip
import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from tests.ingestion.conftest import Desk

READ_AS = [
    # column, text in the file, value in the warehouse
    ("label", "plain", "plain"),
    ("label", " kept as it is ", " kept as it is "),
    ("label", "#N/A", None),
    ("label", "\\N", None),
    ("label", "?", None),
    ("label", "null", None),
    ("pieces", "12", 12),
    ("pieces", "12.0", 12),
    ("pieces", "-3", -3),
    ("price", "1234.5", Decimal("1234.500000")),
    ("price", "0", Decimal("0")),
    ("price", "-99.99", Decimal("-99.99")),
    ("weight", "1e3", 1000.0),
    ("is_open", "TRUE", True),
    ("is_open", "0", False),
    ("is_open", "yes", True),
    ("due_date", "2026-02-28", date(2026, 2, 28)),
    ("due_date", "2050-01-01", date(2050, 1, 1)),
    ("due_date", "9999-12-31", date(9999, 12, 31)),
    # Midnight written with an offset is still the day that was written.
    ("due_date", "2026-03-31T00:00:00.000-0700", date(2026, 3, 31)),
    ("due_date", "2026-03-31T00:00:00.000Z", date(2026, 3, 31)),
    ("changed_at", "2026-02-03T09:00:00.000+0000", datetime(2026, 2, 3, 9)),
    ("changed_at", "2026-02-03T09:00:00Z", datetime(2026, 2, 3, 9)),
    ("changed_at", "2026-02-03 09:00:00", datetime(2026, 2, 3, 9)),
    ("changed_at", "2026-02-03T09:00:00-05:00", datetime(2026, 2, 3, 14)),
    ("changed_at", "2026-02-03T09:00:00.123456+05:30", datetime(2026, 2, 3, 3, 30, 0, 123456)),
    ("changed_at", "2026-02-03T09:00:00.000-0500", datetime(2026, 2, 3, 14)),
    ("changed_at", "2026-02-03 09:00:00 -0800", datetime(2026, 2, 3, 17)),
    ("changed_at", "2026-02-03", datetime(2026, 2, 3)),
    ("changed_at", "1770109200", datetime(2026, 2, 3, 9)),
    ("changed_at", "1770109200000", datetime(2026, 2, 3, 9)),
    ("changed_at", "1770109200.5", datetime(2026, 2, 3, 9, 0, 0, 500000)),
    ("account_id", "001A000000abcde", "001A000000abcdeIAA"),
    ("account_id", "001A000000abcdeIAA", "001A000000abcdeIAA"),
    ("account_id", "001A000000ABCDE", "001A000000ABCDEIA5"),
    ("account_id", "000000000000000AAA", None),
    ("share", "100", 100.0),
    ("share", "0", 0.0),
]

SENT_TO_QUARANTINE = [
    # column, text in the file, reason code
    ("pieces", "twelve", "not_a_number"),
    ("pieces", "1.5", "not_a_number"),
    ("price", "1,234.50", "not_a_number"),
    ("price", "nan", "not_a_number"),
    ("weight", "inf", "not_a_number"),
    ("is_open", "maybe", "not_a_boolean"),
    ("due_date", "2026-02-30", "not_a_date"),
    ("due_date", "31/02/2026", "not_a_date"),
    ("due_date", "03/04/2026", "ambiguous_date"),
    ("due_date", "infinity", "not_a_date"),
    ("changed_at", "yesterday", "not_a_timestamp"),
    ("changed_at", "03/04/2026 10:00", "ambiguous_date"),
    ("changed_at", "2026-02-03T25:00:00Z", "not_a_timestamp"),
    ("details", "{broken", "not_json"),
    ("account_id", "001A000000abcdeIAB", "bad_salesforce_id"),
    ("account_id", "001A000000abcdeiaa", "bad_salesforce_id"),
    ("account_id", "acme", "bad_salesforce_id"),
    ("share", "1000", "out_of_range"),
    ("share", "-0.1", "out_of_range"),
]


@pytest.mark.parametrize(("column", "text", "expected"), READ_AS)
def test_a_text_is_read_as_the_contract_types_it(desk: Desk, column: str, text: str, expected: object) -> None:
    outcome = desk.load_one("orders.csv", f'Id,{column}\n1,"{text}"\n')
    assert (outcome.rows_loaded, outcome.quarantine_reasons) == (1, {})
    assert desk.value(f"select {column} from raw.shop__orders") == expected


@pytest.mark.parametrize(("column", "text", "code"), SENT_TO_QUARANTINE)
def test_a_text_that_is_not_of_the_type_sends_its_row_to_quarantine(
    desk: Desk, column: str, text: str, code: str
) -> None:
    quoted = '"' + text.replace('"', '""') + '"'
    outcome = desk.load_one("orders.csv", f"Id,{column}\n1,\n2,{quoted}\n3,\n")
    assert (outcome.rows_in, outcome.rows_loaded, outcome.rows_quarantined) == (3, 2, 1)
    assert desk.quarantine() == [(3, column, code, f"2,{quoted}")]
    assert desk.rows("select order_id from raw.shop__orders order by 1") == [("1",), ("3",)]


def test_the_reason_names_every_column_that_is_wrong(desk: Desk) -> None:
    desk.load_one("orders.csv", "Id,pieces,due_date\n1,many,soon\n")
    assert desk.value("select reason from ledger.quarantine") == (
        'pieces: "many" is not a number; due_date: "soon" is not a date'
    )


def test_ids_that_differ_by_case_only_stay_different_records(desk: Desk) -> None:
    desk.load_one("orders.csv", "Id,account_id\n1,001A000000abcde\n2,001A000000abcdE\n3,001A000000ABCDE\n")
    found = [account for (account,) in desk.rows("select account_id from raw.shop__orders order by order_id")]
    assert len({str(account).lower() for account in found}) == 3, "18 characters tell them apart even without case"


def test_a_missing_key_cannot_be_loaded(desk: Desk) -> None:
    outcome = desk.load_one("orders.csv", "Id,label\n,nobody\n#N/A,nobody either\n1,somebody\n")
    assert outcome.quarantine_reasons == {"missing_key": 2}
    assert outcome.rows_loaded == 1


def test_a_declared_layout_settles_what_an_ambiguous_date_means(desk: Desk) -> None:
    desk.drop("instance.yml", 'date_layouts: ["%d/%m/%Y"]\n', instance="emea")
    desk.drop("orders.csv", "Id,due_date\n1,03/04/2026\n", instance="emea")
    desk.load()
    assert desk.value("select due_date from raw.shop__orders") == date(2026, 4, 3)


def test_two_declared_layouts_that_disagree_leave_a_date_ambiguous(desk: Desk) -> None:
    desk.drop("instance.yml", 'date_layouts: ["%d/%m/%Y", "%m/%d/%Y"]\n')
    outcome = desk.load_one("orders.csv", "Id,due_date\n1,03/04/2026\n2,25/04/2026\n3,04/04/2026\n")
    assert outcome.quarantine_reasons == {"ambiguous_date": 1}
    assert desk.rows("select order_id, due_date from raw.shop__orders order by 1") == [
        ("2", date(2026, 4, 25)),
        ("3", date(2026, 4, 4)),
    ]


def test_local_times_become_utc_through_the_gap_and_the_overlap_of_summer_time(desk: Desk) -> None:
    desk.drop("instance.yml", "timezone: America/New_York\n")
    desk.load_one(
        "orders.csv",
        "Id,changed_at\n"
        "winter,2026-01-15 12:00:00\n"
        "summer,2026-07-15 12:00:00\n"
        "gap,2026-03-08 02:30:00\n"
        "overlap,2026-11-01 01:30:00\n"
        "says_utc,2026-07-15T12:00:00Z\n"
        "has_offset,2026-07-15T12:00:00+02:00\n",
    )
    assert dict(desk.rows("select order_id, changed_at from raw.shop__orders")) == {
        "winter": datetime(2026, 1, 15, 17),
        "summer": datetime(2026, 7, 15, 16),
        "gap": datetime(2026, 3, 8, 7, 30),
        "overlap": datetime(2026, 11, 1, 6, 30),
        "says_utc": datetime(2026, 7, 15, 12),
        "has_offset": datetime(2026, 7, 15, 10),
    }


def test_epoch_digits_are_utc_unless_the_contract_calls_them_local(desk: Desk) -> None:
    desk.drop("instance.yml", "timezone: America/New_York\n")
    desk.drop("orders.csv", "Id,changed_at\n1,1770109200\n")
    desk.drop("clicks.csv", "click_id,clicked_at\n1,1770109200\n")
    desk.load()
    assert desk.value("select changed_at from raw.shop__orders") == datetime(2026, 2, 3, 9)
    assert desk.value("select clicked_at from raw.shop__clicks") == datetime(2026, 2, 3, 14)


def test_a_newline_in_quotes_belongs_to_its_row_and_lines_are_counted_in_the_file(desk: Desk) -> None:
    outcome = desk.load_one(
        "orders.csv", 'Id,label,pieces\r\n1,"two\r\nlines",1\r\n\r\n2,"three\r\n\r\nlines",x\r\n3,short\r\n4,fine,4\r\n'
    )
    assert outcome.quarantine_reasons == {"not_a_number": 1, "wrong_column_count": 1}
    assert desk.value("select label from raw.shop__orders where order_id = '1'") == "two\r\nlines"
    assert desk.quarantine() == [
        (5, "pieces", "not_a_number", '2,"three\r\n\r\nlines",x'),
        (8, None, "wrong_column_count", "3,short"),
    ]


def test_a_stray_quote_costs_its_own_line_only(desk: Desk) -> None:
    rows = "".join(f"{number},label {number},{number}\n" for number in range(4, 500))
    outcome = desk.load_one("orders.csv", 'Id,label,pieces\n1,one,1\n2,"never closed,2\n3,"a "quoted" word",3\n' + rows)
    assert outcome.quarantine_reasons == {"unterminated_quote": 2}
    assert outcome.rows_loaded == 497
    assert [line for line, *_ in desk.quarantine()] == [3, 4]


def test_lines_after_a_stray_quote_keep_their_numbers(desk: Desk) -> None:
    desk.load_one("orders.csv", 'Id,label,pieces\n1,"open,1\n\n2,fine,2\n3,bad,many\n')
    assert desk.quarantine() == [
        (2, None, "unterminated_quote", '1,"open,1'),
        (5, "pieces", "not_a_number", "3,bad,many"),
    ]


def test_mixed_line_ends_are_read(desk: Desk) -> None:
    outcome = desk.load_one("orders.csv", "Id,pieces\r\n1,1\n2,2\r\n3,many\n4,4\r\n")
    assert (outcome.rows_loaded, outcome.rows_quarantined) == (3, 1)
    assert desk.quarantine() == [(4, "pieces", "not_a_number", "3,many")]


def test_old_mac_line_ends_are_read(desk: Desk) -> None:
    outcome = desk.load_one("orders.csv", "Id,pieces\r1,1\r2,2\r")
    assert outcome.rows_loaded == 2


def test_bytes_that_are_not_utf8_in_an_otherwise_utf8_file_cost_their_row(desk: Desk) -> None:
    outcome = desk.load_one(
        "orders.csv",
        "Id,label\n1,café\n2,na\xefve\n3,naïve\n".encode().replace(b"na\xc3\xafve\n3", b"na\xefve\n3"),
    )
    assert outcome.quarantine_reasons == {"bad_encoding": 1}
    assert desk.rows("select order_id, label from raw.shop__orders order by 1") == [("1", "café"), ("3", "naïve")]
    assert desk.quarantine() == [(3, None, "bad_encoding", "2,na\ufffdve")]


def test_footer_lines_of_a_report_are_not_data(desk: Desk) -> None:
    outcome = desk.load_one(
        "orders.csv", 'Id,label\n1,one\n2,two\n\n"Grand totals (2 records)"\n"Copyright (c) 2026 Shop"'
    )
    assert (outcome.rows_in, outcome.rows_loaded, outcome.footer_lines) == (2, 2, 2)
    assert desk.quarantine() == []


def test_a_line_that_only_looks_like_a_footer_is_not_dropped_from_the_middle(desk: Desk) -> None:
    rows = "".join(f"{number},label\n" for number in range(100))
    outcome = desk.load_one("orders.csv", f'Id,label\n"Copyright (c) 2026 Shop"\n{rows}')
    assert (outcome.footer_lines, outcome.quarantine_reasons) == (0, {"wrong_column_count": 1})


def test_json_lines_that_do_not_parse_are_quarantined_with_their_text(desk: Desk) -> None:
    lines = [
        '{"order_id": "1", "pieces": 2}',
        "",
        "not json",
        '{"order_id": "2", "pieces": "many"}',
        '{"pieces": 3}',
        "[1]",
    ]
    outcome = desk.load_one("orders.jsonl", "\n".join(lines) + "\n")
    assert outcome.quarantine_reasons == {"malformed_json": 1, "not_a_number": 1, "missing_key": 2}
    assert desk.quarantine() == [
        (3, None, "malformed_json", "not json"),
        (4, "pieces", "not_a_number", lines[3]),
        (5, "order_id", "missing_key", lines[4]),
        (6, "order_id", "missing_key", "[1]"),
    ]


def test_values_inside_objects_are_reached_by_path(desk: Desk) -> None:
    event = {"event": "click", "properties": {"$insert_id": "a1", "time": 1770109200, "page": "/home", "plan": "pro"}}
    desk.load_one("clicks.ndjson.gz", gzip.compress((json.dumps(event) + "\n").encode()))
    assert desk.rows("select click_id, clicked_at, page from raw.shop__clicks") == [
        ("a1", datetime(2026, 2, 3, 9), "/home")
    ]
    assert json.loads(str(desk.value("select _extra from raw.shop__clicks"))) == {
        "event": "click",
        "properties.plan": "pro",
    }


@pytest.mark.parametrize(
    "document",
    [
        [{"order_id": "1", "pieces": "1"}, {"order_id": "2", "pieces": "x"}],
        {"results": [{"order_id": "1", "pieces": "1"}, {"order_id": "2", "pieces": "x"}], "paging": {"next": None}},
    ],
    ids=["array", "wrapped in results"],
)
def test_a_json_document_is_read_record_by_record(desk: Desk, document: object) -> None:
    outcome = desk.load_one("orders.json", json.dumps(document))
    assert (outcome.rows_loaded, outcome.quarantine_reasons) == (1, {"not_a_number": 1})
    assert desk.quarantine() == [(None, "pieces", "not_a_number", '{"order_id":"2","pieces":"x"}')]


def test_a_json_column_keeps_its_object(desk: Desk) -> None:
    desk.load_one("orders.jsonl", '{"order_id": "1", "details": {"a": [1, {"b": null}]}}\n')
    assert json.loads(str(desk.value("select details from raw.shop__orders"))) == {"a": [1, {"b": None}]}


def test_columns_the_contract_does_not_know_are_kept(desk: Desk) -> None:
    outcome = desk.load_one("orders.csv", "Id,Region__c,label\n1,North,x\n2,,y\n")
    assert outcome.drift == ["new Region__c: not in the contract; kept in _extra"]
    assert desk.rows("select order_id, _extra from raw.shop__orders order by 1") == [
        ("1", '{"Region__c":"North"}'),
        ("2", None),
    ]


def test_an_object_that_is_kept_whole_is_not_kept_again_in_pieces(desk: Desk) -> None:
    desk.load_one("clicks.jsonl", '{"click_id": "1", "context": {"device": "phone", "os": "x"}}\n')
    ((context, device, extra),) = desk.rows("select context, device, _extra from raw.shop__clicks")
    assert (json.loads(str(context)), device, extra) == ({"device": "phone", "os": "x"}, "phone", None)


def test_a_heading_that_occurs_twice_keeps_both_values(desk: Desk) -> None:
    desk.load_one("orders.csv", "Id,label,Labels,Labels\n1,x,first,second\n")
    assert json.loads(str(desk.value("select _extra from raw.shop__orders"))) == {
        "Labels": "first",
        "Labels (2)": "second",
    }
