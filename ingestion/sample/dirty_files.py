"""Files that no loader should trust, and odd ones that every loader must take.

Garbage lies in folders named `incoming`, beside good deliveries of the same tables, so that refusing it costs nothing.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta

import duckdb

from ingestion.sample import hubspot_files, salesforce_files, support_files, usage_files
from ingestion.sample.landing_files import LandingFiles, csv_line
from ingestion.sample.presets import Preset, Timeline
from ingestion.sample.truth import plant
from ingestion.sample.usage import MONTH_WITHOUT_EXPORT

FACTS = (
    "rows_in",
    "not_a_file",
    "empty_file",
    "not_text",
    "truncated_gzip",
    "half_written",
    "unrecognised_name",
    "unknown_system",
    "unrecognised_header",
    "missing_key_column",
    "empty_export",
    "sharp_drop",
    "mostly_bad_rows",
    "unreadable_json",
    "no_export",
    "same_file_twice",
    "delivery_in_parts",
    "byte_order_mark",
    "encoding_cp1252",
    "encoding_utf16",
    "footer_lines",
    "ids_of_15_characters",
    "column_new",
    "column_missing",
    "column_renamed",
    "column_retyped",
    "rows_repeated",
)

_PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def plant_dirty_files(
    connection: duckdb.DuckDBPyConnection, files: LandingFiles, line: Timeline, preset: Preset
) -> None:
    _plant_odd_files(connection, files, line, preset)
    _plant_rows_in(connection)
    _plant_garbage(connection, files, line)


def _note(
    connection: duckdb.DuckDBPyConnection, fact: str, path: str, expected: str, on_date: date | None, **detail: object
) -> None:
    system, instance = path.split("/")[:2]
    connection.execute(
        "insert into sim.truth values ('file', ?, ?, ?, 'file', ?, ?, ?, ?)",
        [fact, system, instance, path, on_date, expected, json.dumps(detail) if detail else None],
    )


# --- files that load ------------------------------------------------------------------------------------------------------


def _plant_odd_files(
    connection: duckdb.DuckDBPyConnection, files: LandingFiles, line: Timeline, preset: Preset
) -> None:
    first, second, last = line.deliveries
    salesforce = salesforce_files.FOLDER

    marked, wide = f"{salesforce}/User_{first}.csv", f"{salesforce}/User_{second}.csv"
    files.encode(marked, "utf-8-sig")
    _note(connection, "byte_order_mark", marked, "loaded", first)
    files.encode(wide, "utf-16")
    _note(connection, "encoding_utf16", wide, "loaded", second)
    for day in line.deliveries:
        _note(connection, "encoding_cp1252", f"billing/main/subscriptions_{day}.csv", "loaded", day, delimiter=";")
        report = f"{salesforce}/Lead Report_{day}.csv"
        _note(connection, "footer_lines", report, "loaded", day, footer_lines=5)
        _note(
            connection,
            "ids_of_15_characters",
            report,
            "loaded",
            day,
            columns=["Lead ID", "Lead Owner ID", "Converted Opportunity ID"],
        )

    accounts = f"{salesforce}/Account_"
    _note(
        connection,
        "column_renamed",
        f"{accounts}{second}.csv",
        "loaded",
        second,
        column="number_of_employees",
        before="NumberOfEmployees",
        after="Employees",
    )
    _note(connection, "column_new", f"{accounts}{second}.csv", "loaded", second, column="ICP_Score__c")
    _note(
        connection,
        "column_missing",
        f"{accounts}{last}.csv",
        "loaded",
        last,
        column="account_source",
        before="AccountSource",
    )

    parts = [f"{hubspot_files.FOLDER}/companies_{last}_part{part}.json" for part in (1, 2)]
    for part in parts:
        _note(connection, "delivery_in_parts", part, "loaded", last, parts=parts)

    twice = line.months[0].last
    ending = "parquet" if preset.wide_usage_files else "jsonl.gz"
    original = f"{usage_files.SEGMENT}/tracks_{twice}.{ending}"
    copy = f"{usage_files.SEGMENT}/tracks_downloaded_again/tracks_{twice}.{ending}"
    files.text(copy, files.read(original), delivered_on=twice, table=None)
    _note(connection, "same_file_twice", copy, "repeated", twice, same_as=original)

    month = line.months[MONTH_WITHOUT_EXPORT]
    _note(
        connection,
        "no_export",
        f"{usage_files.AMPLITUDE}/events_{month.last}.jsonl.gz",
        "no such file",
        month.last,
        table="amplitude__events",
    )

    for span in line.months:
        tickets = f"{support_files.ZENDESK}/tickets/tickets_{span.last}.ndjson.gz"
        if not (files.landing / tickets).exists():
            continue
        counted = connection.execute(
            "select count(id) - count(distinct id) from read_json(?, columns = {'id': 'bigint'}, format = 'newline_delimited', ignore_errors = true)",
            [str(files.landing / tickets)],
        ).fetchone()
        if counted and counted[0]:
            _note(connection, "rows_repeated", tickets, str(counted[0]), span.last, table="zendesk__tickets")
    _plant_late_arrival(connection, files, line)


def _plant_late_arrival(connection: duckdb.DuckDBPyConnection, files: LandingFiles, line: Timeline) -> None:
    """An old version of invoices that have been paid since, found on someone's disk and delivered last of all."""
    path = f"billing/main/incoming/invoices_{line.as_of}.csv"
    paid = """
        select invoice_no from sim.invoices
        where paid_on between sim.first_delivery() - 60 and sim.second_delivery()
            and issued_on < paid_on
            and not sim.is_miscounted(invoice_no, issued_on)
        order by sim.roll('found on a disk', invoice_no), invoice_no limit 3
    """
    files.csv(
        path,
        f"""
        select
            'INV-' || lpad(invoices.invoice_no::varchar, 10, '0') as invoice_id,
            (2000000 + invoices.invoice_no % 7919999)::varchar as invoice_number,
            'CUS-' || lpad(account_no::varchar, 6, '0') as customer_id,
            accounts.legal_name as customer_name,
            sim.subscription_id(account_no, invoices.term) as subscription_id,
            'open' as status,
            invoices.currency,
            invoices.amount::varchar as total,
            strftime(invoices.issued_on, '%Y-%m-%d') as issued_on,
            strftime(invoices.due_on, '%Y-%m-%d') as due_on,
            null::varchar as paid_at,
            sim.utc_text(invoices.issued_on::timestamp + interval '6 hours') as updated_at
        from sim.invoices as invoices
        inner join sim.accounts as accounts using (account_no)
        where invoices.invoice_no in ({paid})
        """,
        "invoice_id",
        delivered_on=line.as_of,
        table="billing__invoices",
    )
    plant(
        connection,
        "row",
        "row_arrived_old",
        f"""
        select 'billing', 'main', 'invoice', 'INV-' || lpad(invoice_no::varchar, 10, '0'), null, 'superseded',
            json_object('path', '{path}', 'column', 'status', 'value', 'paid', 'old_value', 'open')
        from sim.invoices where invoice_no in ({paid})
        """,
    )


def _plant_rows_in(connection: duckdb.DuckDBPyConnection) -> None:
    """How many rows each file holds that a loader should accept as a file."""
    plant(
        connection,
        "file",
        "rows_in",
        """
        select system, instance, 'file', path, delivered_on, rows_in::varchar,
            json_object('table', table_name, 'footer_lines', footer_lines)
        from sim.files
        where rows_in is not null
        """,
    )


# --- files that do not ----------------------------------------------------------------------------------------------------


def _plant_garbage(connection: duckdb.DuckDBPyConnection, files: LandingFiles, line: Timeline) -> None:
    _, second, last = line.deliveries
    later = second + timedelta(days=1)
    salesforce = f"{salesforce_files.FOLDER}/incoming"
    zendesk = f"{support_files.ZENDESK}/incoming"
    hubspot = f"{hubspot_files.FOLDER}/incoming"

    def refuse(code: str, path: str, content: bytes, day: date, *more: str, **detail: object) -> None:
        files.text(path, content, delivered_on=day, table=None)
        for fact in (code, *more):
            _note(connection, fact, path, f"refused:{code}", day, **detail)

    refuse("not_text", f"{salesforce}/Account.csv", _PDF, last, really="a PDF")
    refuse("empty_file", f"{zendesk}/tickets_{last}.ndjson", b"", last)
    files.folder(f"{salesforce}/x.csv")
    _note(connection, "not_a_file", f"{salesforce}/x.csv", "refused:not_a_file", None)

    packed = files.read(f"{zendesk.removesuffix('/incoming')}/ticket_events_{last}.ndjson.gz")
    refuse("truncated_gzip", f"{zendesk}/ticket_events_{last}.ndjson.gz", packed[: len(packed) * 2 // 3], last)

    opportunities = files.read(f"{salesforce_files.FOLDER}/Opportunity_{second}.csv")
    inside_a_field = opportunities.index(b'","', len(opportunities) * 3 // 5) + len(b'","') + 1
    refuse("half_written", f"{salesforce}/Opportunity_{later}.csv", opportunities[:inside_a_field], later, format="csv")
    whole = files.read(f"{usage_files.POSTHOG}/events_{line.months[0].last}.parquet")
    refuse(
        "half_written",
        f"{usage_files.POSTHOG}/incoming/events_{later}.parquet",
        whole[: len(whole) * 2 // 3],
        later,
        format="parquet",
    )
    owners = files.read(f"{hubspot_files.FOLDER}/owners_{second}.json")
    refuse("half_written", f"{hubspot}/owners_{later}.json", owners[: len(owners) // 2], later, format="json")

    refuse("unrecognised_name", f"{salesforce}/Forecast_Notes_{last}.csv", b"Week,Note\n26,All fine\n", last)
    refuse("unknown_system", f"marketo/main/leads_{last}.csv", b"Id,Email\n1,someone@mail.example\n", last)
    refuse("unrecognised_header", f"{salesforce}/Contact_{later}.csv", b"Foo,Bar,Baz\n1,2,3\n", later)
    refuse(
        "missing_key_column",
        f"{salesforce}/Account_{later}.csv",
        _without_id(files.read(f"{salesforce_files.FOLDER}/Account_{second}.csv")),
        later,
    )
    refuse(
        "unreadable_json",
        f"{hubspot}/companies_{later}.json",
        b'{"results": [{"id": "1", "name": "No comma after me"} {"id": "2"}]}\n',
        later,
    )

    roles = files.read(f"{salesforce_files.FOLDER}/OpportunityContactRole_{second}.csv")
    refuse(
        "empty_export",
        f"{salesforce}/OpportunityContactRole_{later}.csv",
        roles.split(b"\n", 1)[0] + b"\n",
        later,
        format="csv",
    )
    refuse("empty_export", f"{support_files.FRESHDESK}/incoming/companies_{later}.json", b"[]\n", later, format="json")

    tasks = files.read(f"{salesforce_files.FOLDER}/Task_{second}.csv").split(b"\n")
    few = max(2, len(tasks) // 20)
    refuse("sharp_drop", f"{salesforce}/Task_{later}.csv", b"\n".join(tasks[:few]) + b"\n", later, rows=few - 1)

    retyped = _with_words_for_numbers(files.read(f"billing/main/subscriptions_{second}.csv"))
    refuse(
        "mostly_bad_rows",
        f"billing/main/incoming/subscriptions_{later}.csv",
        retyped,
        later,
        "column_retyped",
        column="mrr",
        example="1.234,00 EUR",
    )


def _without_id(content: bytes) -> bytes:
    """The first lines of a CSV export without its first column."""
    rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
    return b"\n".join(csv_line(row[1:]) for row, _ in zip(rows, range(25), strict=False)) + b"\n"


def _with_words_for_numbers(content: bytes) -> bytes:
    """A CSV export whose amounts somebody formatted for reading."""
    header, *rows = csv.reader(io.StringIO(content.decode("cp1252"), newline=""), delimiter=";")
    mrr = header.index("mrr")
    for row in rows[:60]:
        row[mrr] = f"{int(row[mrr] or 0):,}".replace(",", ".") + ",00 EUR"
    return b"\n".join(csv_line(row, delimiter=";").decode().encode("cp1252") for row in (header, *rows[:60])) + b"\n"
