"""Rows that no loader should trust, and odd ones that every loader must take, planted in otherwise good files.

A bad row is a line of its own with an id that occurs nowhere else, so that losing it to quarantine loses nothing else. Odd
but valid rows that belong to the company's life (zero amounts, dates without end) are made where that life is made, and are
only written down here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import duckdb

from ingestion.sample import hubspot_files, salesforce_files, usage_files
from ingestion.sample.landing_files import LandingFiles, csv_line
from ingestion.sample.presets import Timeline
from ingestion.sample.truth import plant

# Row facts: what is planted → what a loader must do with it.
FACTS = (
    "not_a_number",
    "not_a_date",
    "not_a_timestamp",
    "not_a_boolean",
    "ambiguous_date",
    "not_json",
    "bad_salesforce_id",
    "missing_key",
    "missing_value",
    "out_of_range",
    "wrong_column_count",
    "unterminated_quote",
    "bad_encoding",
    "malformed_json",
    "null_markers",
    "newline_in_quotes",
    "ids_differ_by_case_only",
    "zero_amount",
    "negative_amount",
    "probability_as_ratio",
    "midnight_date",
    "dst_gap",
    "dst_overlap",
    "open_ended_date",
    "row_corrected",
    "row_arrived_old",
)


@dataclass(frozen=True)
class _Row:
    """One planted line: `column` as the contract names it, `expected` as a loader's verdict."""

    fact: str
    line: bytes
    expected: str
    column: str | None = None
    detail: dict[str, object] = field(default_factory=dict)


def plant_dirty_rows(connection: duckdb.DuckDBPyConnection, files: LandingFiles, line: Timeline) -> None:
    _plant_in_salesforce(connection, files, line)
    _plant_in_other_systems(connection, files, line)
    _plant_local_times(connection, files, line)
    _note_odd_rows(connection, line)


def _append(connection: duckdb.DuckDBPyConnection, files: LandingFiles, path: str, rows: Sequence[_Row]) -> None:
    numbers = files.append_lines(path, [row.line for row in rows])
    system, instance = path.split("/")[:2]
    for row, number in zip(rows, numbers, strict=True):
        if row.fact == "good_row_after":
            continue
        detail = {"path": path, "line": number, "column": row.column} | row.detail
        connection.execute(
            "insert into sim.truth values ('row', ?, ?, ?, 'row', ?, null, ?, ?)",
            [row.fact, system, instance, f"{path}:{number}", row.expected, json.dumps(detail)],
        )


def _quarantined(code: str, line: bytes, column: str | None = None, **detail: object) -> _Row:
    return _Row(code, line, f"quarantined:{code}", column, detail)


def _salesforce_id(connection: duckdb.DuckDBPyConnection, prefix: str, number: int) -> str:
    found = connection.execute(f"select sim.salesforce_id('{prefix}', {number})").fetchone()
    assert found is not None
    return str(found[0])


def _plant_in_salesforce(connection: duckdb.DuckDBPyConnection, files: LandingFiles, line: Timeline) -> None:
    folder = salesforce_files.FOLDER
    _, second, last = line.deliveries

    def made_up(prefix: str, number: int) -> str:
        return _salesforce_id(connection, prefix, 700_000_000 + number)

    opportunity = f"{folder}/Opportunity_{second}.csv"
    _append(
        connection,
        files,
        opportunity,
        [
            _quarantined(
                "not_a_number",
                files.csv_line(
                    opportunity, {"Id": made_up("006", 1), "Name": "Pasted from a spreadsheet", "Amount": "12,5OO"}
                ),
                "amount",
                text="12,5OO",
            ),
            _quarantined(
                "not_a_date",
                files.csv_line(
                    opportunity,
                    {"Id": made_up("006", 2), "Name": "Closes on no day", "CloseDate": f"{second.year}-02-30"},
                ),
                "close_date",
                text=f"{second.year}-02-30",
            ),
        ],
    )
    contact = f"{folder}/Contact_{second}.csv"
    _append(
        connection,
        files,
        contact,
        [
            _quarantined(
                "not_a_boolean",
                files.csv_line(contact, {"Id": made_up("003", 1), "Name": "Perhaps Deleted", "IsDeleted": "maybe"}),
                "is_deleted",
                text="maybe",
            ),
            _quarantined(
                "bad_encoding",
                files.csv_line(contact, {"Id": made_up("003", 2), "Name": "Ren?e Byte"}).replace(b"Ren?e", b"Ren\xe9e"),
            ),
            _quarantined("missing_key", files.csv_line(contact, {"Id": "", "Name": "Nobody In Particular"}), "id"),
        ],
    )
    task = f"{folder}/Task_{second}.csv"
    damaged = made_up("003", 3).lower()
    _append(
        connection,
        files,
        task,
        [
            _quarantined(
                "bad_salesforce_id",
                # a spreadsheet that thinks case does not matter
                files.csv_line(task, {"Id": made_up("00T", 1), "Subject": "Call", "WhoId": damaged}),
                "who_id",
                text=damaged,
            ),
            _quarantined("wrong_column_count", csv_line([made_up("00T", 2), "one", "two", "three"])),
        ],
    )
    history = f"{folder}/history/OpportunityHistory_{last}.csv"
    _append(
        connection,
        files,
        history,
        [
            _quarantined(
                "missing_value",
                files.csv_line(
                    history,
                    {"Id": made_up("008", 1), "CreatedDate": f"{last}T10:00:00.000Z", "StageName": "Needs Analysis"},
                ),
                "opportunity_id",
            )
        ],
    )
    fields = f"{folder}/history/OpportunityFieldHistory_{last}.csv"
    deal = connection.execute("select min(salesforce_id) from sim.deals where crm = 'salesforce'").fetchone()
    assert deal is not None
    broken = (
        f'"{made_up("017", 1)}","false","{deal[0]}","","{last}T10:00:00.000Z","NextStep","Text","","They said "call back later'
    ).encode()
    good = files.csv_line(
        fields,
        {
            "Id": made_up("017", 2),
            "IsDeleted": "false",
            "OpportunityId": deal[0],
            "CreatedDate": f"{last}T10:00:01.000Z",
            "Field": "NextStep",
            "NewValue": "Send offer",
        },
    )
    _append(
        connection,
        files,
        fields,
        # the row after the open quote is good, and must not be swallowed with it
        [_quarantined("unterminated_quote", broken), _Row("good_row_after", good, "loaded")],
    )


def _plant_in_other_systems(connection: duckdb.DuckDBPyConnection, files: LandingFiles, line: Timeline) -> None:
    _, second, last = line.deliveries
    tickets = f"zendesk/main/tickets/tickets_{last}.ndjson.gz"
    _append(
        connection,
        files,
        tickets,
        [
            _quarantined("malformed_json", b'{"id": 999999998, "subject": "The line stops he'),
            _quarantined(
                "not_a_timestamp",
                b'{"id": 999999999, "subject": "When was that?", "status": "open", "created_at": "yesterday", "updated_at": "2026-01-05T08:00:00Z"}',
                "created_at",
                text="yesterday",
            ),
        ],
    )
    posthog = f"{usage_files.POSTHOG}/events_{last}.csv"
    _append(
        connection,
        files,
        posthog,
        [
            _quarantined(
                "not_json",
                files.csv_line(
                    posthog,
                    {
                        "uuid": "00000000-0000-7000-8000-000000000001",
                        "event": "report_created",
                        "properties": '{"$groups": {"company": ',
                        "timestamp": f"{last} 09:00:00.000",
                    },
                ),
                "properties",
                text='{"$groups": {"company": ',
            )
        ],
    )
    subscriptions = f"billing/main/subscriptions_{second}.csv"
    written = "03/04/2025"
    _append(
        connection,
        files,
        subscriptions,
        [
            _quarantined(
                "ambiguous_date",
                _billing_line(
                    files,
                    subscriptions,
                    {"subscription_id": "SUB-TYPED-IN", "customer_name": "Typed in by hand", "start_date": written},
                ),
                "start_date",
                text=written,
                readings=["2025-03-04", "2025-04-03"],
            )
        ],
    )
    entitlements = f"{usage_files.PRODUCT}/entitlements_{last}.csv"
    _append(
        connection,
        files,
        entitlements,
        [
            _Row(
                "null_markers",
                files.csv_line(
                    entitlements,
                    {
                        "entitlement_id": f"ent_beta_{place}",
                        "workspace_id": "ws_000001",
                        "product": "Larkspur Platform",
                        "feature": "beta_access",
                        "limit_value": marker,
                        "unit": marker,
                        "valid_until": marker,
                    },
                ),
                "loaded",
                "quantity",
                {"marker": marker, "key": f"ent_beta_{place}", "value": None},
            )
            for place, marker in enumerate(["", "#N/A", "null", "NULL", "\\N", "?"], start=1)
        ],
    )


def _billing_line(files: LandingFiles, path: str, values: dict[str, str]) -> bytes:
    """The header of these files is plain ASCII, so only the line itself needs the encoding."""
    header = files.read(path).split(b"\n", 1)[0].decode("ascii").split(";")
    return csv_line([values.get(name, "") for name in header], delimiter=";").decode().encode("cp1252")


def _plant_local_times(connection: duckdb.DuckDBPyConnection, files: LandingFiles, line: Timeline) -> None:
    """Wall-clock times that did not exist and that occurred twice, in the two instances that write New York time."""
    spring, autumn = _last_clock_changes(line.as_of)
    contacts = f"{hubspot_files.FOLDER}/hubspot-crm-exports-all-contacts-{line.as_of}.csv"
    company = connection.execute("select min(hubspot_id) from sim.accounts where in_hubspot").fetchone()
    assert company is not None
    rows = []
    for place, (fact, day, wall, utc) in enumerate(
        (("dst_gap", spring, "02:30", "07:30:00"), ("dst_overlap", autumn, "01:30", "06:30:00")), start=1
    ):
        values = {
            "Record ID": str(9_990_000_000 + place),
            "First Name": "Dusk",
            "Last Name": "Dawn",
            "Email": f"dusk.dawn{place}@mail.example",
            "Associated Company IDs (Primary)": company[0],
            "Create Date": f"{day} {wall}",
        }
        detail: dict[str, object] = {
            "key": values["Record ID"],
            "written": f"{day} {wall}",
            "zone": hubspot_files.TIMEZONE,
            "utc": f"{day}T{utc}Z",
        }
        rows.append(_Row(fact, files.csv_line(contacts, values), "loaded", "created_at", detail))
    _append(connection, files, contacts, rows)

    events = f"{usage_files.MIXPANEL}/events_{line.as_of}.jsonl"
    rows = []
    for fact, day, hour, utc in (("dst_gap", spring, 2, "07:30:00"), ("dst_overlap", autumn, 1, "06:30:00")):
        # the project writes its wall clock as if it were UTC
        wall_clock = int(datetime(day.year, day.month, day.day, hour, 30, tzinfo=UTC).timestamp())
        record = {
            "event": "report_created",
            "properties": {
                "time": wall_clock,
                "distinct_id": "usr_clock",
                "$insert_id": f"clock-{fact}",
                "$user_id": "usr_clock",
                "mp_processing_time_ms": wall_clock * 1000,
            },
        }
        detail = {
            "key": f"clock-{fact}",
            "written": wall_clock,
            "zone": usage_files.MIXPANEL_TIMEZONE,
            "utc": f"{day}T{utc}Z",
        }
        rows.append(_Row(fact, json.dumps(record).encode(), "loaded", "occurred_at", detail))
    _append(connection, files, events, rows)


def _last_clock_changes(as_of: date) -> tuple[date, date]:
    """The latest days up to `as_of` on which New York's clocks went forward, and back."""

    def sunday(year: int, month: int, which: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (which - 1))

    years = (as_of.year, as_of.year - 1)
    spring = next(day for day in (sunday(year, 3, 2) for year in years) if day <= as_of)
    autumn = next(day for day in (sunday(year, 11, 1) for year in years) if day <= as_of)
    return spring, autumn


def _note_odd_rows(connection: duckdb.DuckDBPyConnection, line: Timeline) -> None:
    """Odd rows that the simulation made: what they are, and what a loader must make of them."""
    _, _, last = line.deliveries
    opportunity = f"{salesforce_files.FOLDER}/Opportunity_{last}.csv"

    def note(fact: str, expected: str, query: str) -> None:
        plant(
            connection,
            "row",
            fact,
            f"select source_system, source_instance, subject_type, subject_id, null, '{expected}', detail from ({query}) "
            "as odd (source_system, source_instance, subject_type, subject_id, detail)",
        )

    note(
        "newline_in_quotes",
        "loaded",
        """
        select 'salesforce', 'main', 'deal', deals.salesforce_id, json_object('column', 'description', 'lines', 2)
        from sim.deals as deals
        where crm = 'salesforce' and sim.roll('has description', deal_no) < 0.15 and (deleted_at is null or restored_at is not null)
        """,
    )
    note(
        "ids_differ_by_case_only",
        "loaded",
        """
        select 'salesforce', 'main', 'account', min(salesforce_id), json_object('others', list(salesforce_id order by salesforce_id)[2:])
        from sim.accounts where in_salesforce
        group by lower(substr(salesforce_id, 1, 15)) having count(*) > 1
        """,
    )
    for fact, expected, part, column, value in (
        ("zero_amount", "loaded", "zero_amount", "amount", "0"),
        ("negative_amount", "loaded", "negative_amount", "amount", "deals.amount"),
        ("out_of_range", "quarantined:out_of_range", "probability_1000", "probability", "1000"),
        ("probability_as_ratio", "loaded", "probability_as_ratio", "probability", "names.probability"),
        ("midnight_date", "loaded", "midnight_date", "close_date", "null"),
    ):
        note(
            fact,
            expected,
            f"""
            select 'salesforce', 'main', 'deal', deals.salesforce_id,
                json_object('path', '{opportunity}', 'column', '{column}', 'value', {value}, 'close_date', states.close_date)
            from sim.deals as deals
            inner join sim.stage_names as names on names.crm = deals.crm and names.pipeline = deals.pipeline and names.policy_stage = deals.stage
            inner join (select deal_no, arg_max(close_date, change_no) as close_date from sim.deal_states group by deal_no) as states using (deal_no)
            where deals.part = '{part}'
            """,
        )
    note(
        "open_ended_date",
        "loaded",
        """
        select 'billing', 'main', 'subscription', sim.subscription_id(account_no, term), json_object('column', 'end_date', 'value', ended_on)
        from sim.terms where ended_on >= date '2050-01-01'
        """,
    )
    note(
        "row_corrected",
        "superseded",
        """
        select 'billing', 'main', 'invoice', 'INV-' || lpad(invoice_no::varchar, 10, '0'),
            json_object('column', 'amount', 'value_before', amount * 10, 'value', amount)
        from sim.invoices where sim.is_miscounted(invoice_no, issued_on)
        """,
    )
