"""Whatever can be written as CSV or JSON lines comes back as it was or lies in quarantine, and the rows always add up."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.contract import read_contracts
from tests.ingestion.conftest import SHOP_CONTRACTS, Desk

CONTRACTS = read_contracts(SHOP_CONTRACTS)
NULL_MARKERS = set(CONTRACTS["shop"].tables[0].null_markers)

# NUL is what tells a text file from a binary one; lone surrogates cannot be written as UTF-8.
ANY_TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)
AWKWARD_TEXT = st.sampled_from(
    ['"', '""', ",", "\n", "\r\n", "\r", ";", "\t", " ", "'", "\\", '"\n"', "a,b", "é€", "#N/A", "\ufeff"]
)
CELLS = st.one_of(ANY_TEXT, AWKWARD_TEXT)
MODEST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def fresh_desk(folder: str) -> Desk:
    return Desk(Path(folder), CONTRACTS)


@MODEST
@given(
    labels=st.lists(CELLS, max_size=40),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quote_all=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_text_that_a_csv_writer_can_write_round_trips(
    labels: list[str], delimiter: str, line_end: str, quote_all: bool, encoding: str
) -> None:
    if not quote_all:
        # Python leaves a lone carriage return unquoted, and then no reader can tell it from the end of a line.
        labels = [label.replace("\r", "") for label in labels]
    out = io.StringIO(newline="")
    writer = csv.writer(
        out, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    )
    writer.writerow(["Id", "label", "pieces"])
    writer.writerows([number, label, number] for number, label in enumerate(labels))
    with tempfile.TemporaryDirectory() as folder:
        desk = fresh_desk(folder)
        outcome = desk.load_one("orders.csv", out.getvalue().encode(encoding))
        assert outcome.status == "loaded", outcome.reason
        assert outcome.rows_in == outcome.rows_loaded == len(labels)
        assert [label for (label,) in desk.rows("select label from raw.shop__orders order by order_id::int")] == [
            None if label in NULL_MARKERS else label for label in labels
        ]


@MODEST
@given(labels=st.lists(CELLS, min_size=1, max_size=40))
def test_any_text_in_json_lines_round_trips(labels: list[str]) -> None:
    lines = "".join(
        json.dumps({"order_id": str(n), "label": label}, ensure_ascii=n % 2 == 0) + "\n"
        for n, label in enumerate(labels)
    )
    with tempfile.TemporaryDirectory() as folder:
        desk = fresh_desk(folder)
        outcome = desk.load_one("orders.jsonl", lines)
        assert outcome.rows_in == outcome.rows_loaded == len(labels)
        assert [label for (label,) in desk.rows("select label from raw.shop__orders order by order_id::int")] == [
            None if label in NULL_MARKERS else label for label in labels
        ]


@MODEST
@given(
    numbers=st.lists(
        st.one_of(st.integers(-(2**63), 2**63 - 1).map(str), st.sampled_from(["x", "1.5", "", "9" * 30])), max_size=40
    )
)
def test_every_row_is_either_loaded_or_in_quarantine_with_its_own_line(numbers: list[str]) -> None:
    body = "".join(f"{place},{number}\n" for place, number in enumerate(numbers))
    wanted_bad = [place for place, number in enumerate(numbers) if number in ("x", "1.5", "9" * 30)]
    with tempfile.TemporaryDirectory() as folder:
        desk = fresh_desk(folder)
        outcome = desk.load_one("orders.csv", "Id,pieces\n" + body)
        if outcome.status == "refused":
            assert outcome.reason_code == "mostly_bad_rows"
            assert len(numbers) >= 20
            assert len(wanted_bad) * 2 > len(numbers)
            return
        assert outcome.rows_in == len(numbers)
        assert outcome.rows_in == outcome.rows_loaded + outcome.rows_quarantined + outcome.rows_superseded
        assert desk.quarantine() == [
            (place + 2, "pieces", "not_a_number", f"{place},{numbers[place]}") for place in wanted_bad
        ]


@MODEST
@given(
    lines=st.lists(
        st.one_of(
            st.integers(0, 99).map(lambda number: f"{number},fine,1"),
            st.sampled_from(['7,"open,1', '8,"a"b,2', "9,short", "10,long,1,2,3", '11,"two\nlines",3', "12,x,many", "", '13,"closed",1"', '"']),
        ),
        max_size=30,
    )
)  # fmt: skip
def test_no_line_of_a_damaged_file_disappears(lines: list[str]) -> None:
    text = "Id,label,pieces\n" + "".join(line + "\n" for line in lines)
    with tempfile.TemporaryDirectory() as folder:
        desk = fresh_desk(folder)
        outcome = desk.load_one("orders.csv", text)
        if outcome.status == "refused":
            assert outcome.reason_code == "mostly_bad_rows"
            return
        assert outcome.rows_in == outcome.rows_loaded + outcome.rows_quarantined + outcome.rows_superseded
        intact = sum(line.endswith(",fine,1") for line in lines)
        quoted_away = desk.value("select count(*) from raw.shop__orders where contains(label, 'fine')")
        kept_or_repeated = outcome.rows_loaded + outcome.rows_superseded
        assert isinstance(quoted_away, int)
        # A line that begins a quote may legitimately run to a later line that ends one; any other line stands alone.
        if not any('"' in line for line in lines):
            assert kept_or_repeated == intact
        # Every physical line that is not blank is in exactly one record that was loaded or set aside.
        recorded = sum(
            str(text).count("\n") + 1 for (text,) in desk.rows("select original_text from ledger.quarantine")
        )
        loaded_newlines = desk.value(
            "select coalesce(sum(length(label) - length(replace(label, chr(10), ''))), 0) from "
            "(select label from raw.shop__orders union all select label from raw_history.shop__orders)"
        )
        assert isinstance(loaded_newlines, int)
        physical = sum(part.strip() != "" for line in lines for part in line.split("\n"))
        repeated_newlines = outcome.rows_repeated and sum("\n" in line for line in lines)
        assert recorded + kept_or_repeated + loaded_newlines + repeated_newlines >= physical
