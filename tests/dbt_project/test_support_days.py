"""Support cases through time: a day is what it was, is added at its own cost, and is corrected by name when we learn more."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ingestion.contract import read_contracts
from ingestion.infohub.scan import load_infohub
from ingestion.loader import load_landing
from ingestion.runs import LoadRun
from ingestion.warehouse import open_warehouse
from tests.dbt_project.conftest import DbtRun

Dbt = Callable[..., DbtRun]
Row = dict[str, Any]

# known_file_id says when a row was written, which is all that may differ between two ways to the same table.
DAYS = """
    select * exclude (known_file_id) from core.fct_support_case_days
    where as_of_date <= date '{day}' order by support_case_id, as_of_date
"""
CORRECTIONS = """
    select subject_id, cast(subject_date as varchar) as day, column_name, old_value, new_value
    from intermediate.int_support__case_days_restated order by all
"""


def moment(text: str) -> str:
    """`27 10:00` is that time on a day of March 2026, in UTC."""
    day, _, time = text.partition(" ")
    return f"2026-03-{day}T{time}:00Z"


def ticket(key: int, status: str, *, created: str, updated: str, **more: object) -> Row:
    return {"id": key, "status": status, "created_at": moment(created), "updated_at": moment(updated), **more}


def event(key: int, case: int, at: str, old: str | None, new: str, field: str = "status") -> Row:
    change = {"type": "Change", "field_name": field, "previous_value": old, "value": new}
    return {"id": key, "ticket_id": case, "created_at": moment(at), "events": [change]}


def conversation(key: int, state: str, *, created: str, updated: str, parts: Sequence[Row] = (), **more: object) -> Row:
    listed = {"type": "conversation_part.list", "conversation_parts": [*parts], "total_count": len(parts)}
    times = {"created_at": epoch(created), "updated_at": epoch(updated)}
    return {"id": str(key), "state": state, **times, "conversation_parts": listed, **more}


def part(key: int, kind: str, at: str, assignee: str | None = None) -> Row:
    assigned_to = {"type": "admin", "id": assignee} if assignee else None
    return {"id": str(key), "part_type": kind, "created_at": epoch(at), "assigned_to": assigned_to}


def epoch(text: str) -> int:
    return int(datetime.fromisoformat(moment(text)).timestamp())


def issue(key: int, status: str, *, created: str, updated: str, histories: Sequence[Row] | None = None) -> Row:
    fields = {"status": {"name": status}, "created": moment(created), "updated": moment(updated)}
    embedded = {} if histories is None else {"changelog": {"histories": [*histories]}}
    return {"id": str(key), "key": f"SUP-{key}", "fields": fields, **embedded}


def history(key: int, at: str, old: str, new: str) -> Row:
    """As somebody an hour east of Greenwich sees it."""
    seen = datetime.fromisoformat(moment(at)).astimezone(timezone(timedelta(hours=1)))
    item = {"field": "status", "fromString": old, "toString": new}
    return {"id": str(key), "created": f"{seen:%Y-%m-%dT%H:%M:%S.000%z}", "items": [item]}


class Desks:
    """A landing folder to which the help desks deliver, and the warehouse that is filled from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs = 0

    def deliver(
        self,
        day: int,
        *,
        tickets: Sequence[Row] = (),
        events: Sequence[Row] = (),
        freshdesk: Sequence[Row] = (),
        intercom: Sequence[Row] = (),
        jira: Sequence[Row] = (),
    ) -> None:
        for path, rows in (
            (f"zendesk/main/tickets_2026-03-{day}.ndjson", tickets),
            (f"zendesk/main/ticket_events_2026-03-{day}.ndjson", events),
            (f"freshdesk/main/tickets_2026-03-{day}.ndjson", freshdesk),
            (f"intercom/main/conversations_2026-03-{day}.ndjson", intercom),
            (f"jira_service_management/main/issues_2026-03-{day}.ndjson", jira),
        ):
            if rows:
                file = self.folder / "landing" / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        self.runs += 1
        run = LoadRun(f"run-{self.runs}", datetime(2026, 3, day, 6, 0) + timedelta(days=1))
        with open_warehouse(self.folder / "warehouse.duckdb") as connection:
            load_landing(connection, self.folder / "landing", read_contracts(), run, accept_drop=True)
            load_infohub(connection, self.folder / "infohub", run, workers=1)

    def copied_to(self, folder: Path) -> Desks:
        shutil.copytree(self.folder, folder)
        copy = Desks(folder)
        copy.runs = self.runs
        return copy


def build(dbt: Dbt, desks: Desks, day: int, *arguments: str, models: str = "+fct_support_case_days") -> DbtRun:
    run = dbt(desks.folder, "build", "--select", *models.split(), "--exclude-resource-type", "test", "unit_test",
              *arguments, variables={"as_of": f"2026-03-{day}"})  # fmt: skip
    assert run.succeeded, run.output
    return run


def first_delivery(desks: Desks) -> None:
    desks.deliver(
        27,
        tickets=[
            ticket(1, "open", created="25 09:00", updated="26 10:00", priority="high", tags=["escalated"]),
            ticket(2, "solved", created="25 11:00", updated="26 15:00", priority=None),
        ],
        events=[
            event(11, 1, "26 10:00", "new", "open"),
            event(21, 2, "26 09:00", "new", "open"),
            event(22, 2, "26 15:00", "open", "solved"),
        ],
        freshdesk=[ticket(20, "2", created="24 08:00", updated="26 08:00", priority=1)],
        intercom=[conversation(30, "open", created="26 09:00", updated="26 09:00", parts=[part(301, "comment", "26 09:00")])],
        jira=[
            issue(10, "In progress", created="25 23:00", updated="26 10:00",
                  histories=[history(900, "26 10:00", "Waiting for support", "In progress")])
        ],
    )  # fmt: skip


@pytest.fixture(scope="module")
def told_day_by_day(dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Desks:
    """Four days as they came: each loaded, then asked about. Between the last two an earlier day is asked about again."""
    desks = Desks(tmp_path_factory.mktemp("desks"))
    first_delivery(desks)
    build(dbt, desks, 27)
    desks.deliver(
        29,
        tickets=[
            ticket(1, "solved", created="25 09:00", updated="28 12:00", priority="high", tags=["escalated"]),
            ticket(2, "solved", created="25 11:00", updated="29 09:00", priority=None),
            ticket(3, "new", created="28 16:00", updated="28 16:00", priority="normal"),
        ],
        events=[
            event(12, 1, "28 12:00", "open", "solved"),
            # opened again, and solved within the second of being taken up
            event(23, 2, "28 08:00", "solved", "open"),
            event(24, 2, "29 09:00", "open", "pending"),
            event(25, 2, "29 09:00", "pending", "solved"),
        ],
        # the desk says only now that it was solved on a day that has been reported as open
        freshdesk=[
            ticket(20, "5", created="24 08:00", updated="29 10:00", priority=1)
            | {"stats": {"resolved_at": moment("27 10:00"), "closed_at": moment("29 10:00")}}
        ],
        # and only now that it had been closed, and what came of it
        intercom=[
            conversation(30, "closed", created="26 09:00", updated="29 10:00", admin_assignee_id="7", parts=[
                part(301, "comment", "26 09:00"), part(302, "close", "27 12:00"),
                part(303, "assign_and_reopen", "28 09:00", "7"), part(304, "close", "29 10:00"),
            ])
        ],
        # this export comes without histories: what the one before told stays
        jira=[issue(10, "Resolved", created="25 23:00", updated="29 09:00")],
    )  # fmt: skip
    build(dbt, desks, 29)
    # an entry of the history that is two days late
    desks.deliver(
        30,
        events=[event(31, 3, "28 18:00", "normal", "urgent", "priority"), event(32, 3, "30 08:00", "new", "open")],
        tickets=[ticket(3, "open", created="28 16:00", updated="30 08:00", priority="urgent")],
    )
    build(dbt, desks, 26)
    build(dbt, desks, 30)
    return desks


def days(desks: Desks, day: int) -> list[Row]:
    return DbtRun(True, "", desks.folder).rows(DAYS.format(day=f"2026-03-{day}"))


def test_each_day_says_what_was_so_at_its_end(told_day_by_day: Desks) -> None:
    said = [(row["support_case_id"], row["as_of_date"].day, row["status"], row["priority"], row["reopen_count"])
            for row in days(told_day_by_day, 30)]  # fmt: skip

    assert said == [
        ("freshdesk:main:20", 24, "open", "low", 0),
        ("freshdesk:main:20", 25, "open", "low", 0),
        ("freshdesk:main:20", 26, "open", "low", 0),
        ("freshdesk:main:20", 27, "solved", "low", 0),
        ("freshdesk:main:20", 29, "closed", "low", 0),
        ("intercom:main:30", 26, "open", None, 0),
        ("intercom:main:30", 27, "closed", None, 0),
        ("intercom:main:30", 28, "open", None, 1),
        ("intercom:main:30", 29, "closed", None, 1),
        ("jira_service_management:main:10", 25, "new", None, 0),
        ("jira_service_management:main:10", 26, "open", None, 0),
        ("jira_service_management:main:10", 27, "open", None, 0),
        ("jira_service_management:main:10", 28, "open", None, 0),
        ("jira_service_management:main:10", 29, "solved", None, 0),
        ("zendesk:main:1", 25, "new", "high", 0),
        ("zendesk:main:1", 26, "open", "high", 0),
        ("zendesk:main:1", 27, "open", "high", 0),
        ("zendesk:main:1", 28, "solved", "high", 0),
        ("zendesk:main:2", 25, "new", None, 0),
        ("zendesk:main:2", 26, "solved", None, 0),
        ("zendesk:main:2", 28, "open", None, 1),
        ("zendesk:main:2", 29, "solved", None, 1),
        ("zendesk:main:3", 28, "new", "urgent", 0),
        ("zendesk:main:3", 29, "new", "urgent", 0),
        ("zendesk:main:3", 30, "open", "urgent", 0),
    ]


def test_days_added_one_by_one_are_those_of_a_full_refresh(dbt: Dbt, told_day_by_day: Desks, tmp_path: Path) -> None:
    at_once = told_day_by_day.copied_to(tmp_path / "at_once")
    build(dbt, at_once, 30, "--full-refresh")

    assert days(told_day_by_day, 30) == days(at_once, 30)


def test_past_days_filled_in_later_are_those_of_a_full_refresh(
    dbt: Dbt, told_day_by_day: Desks, tmp_path: Path
) -> None:
    """All files are there from the start: an export that was written on the 29th tells only then of the 27th."""
    filled_in = told_day_by_day.copied_to(tmp_path / "filled_in")
    build(dbt, filled_in, 27, "--full-refresh")
    build(dbt, filled_in, 30)

    assert days(told_day_by_day, 30) == days(filled_in, 30)


def test_every_value_that_was_reported_otherwise_is_on_the_list(told_day_by_day: Desks) -> None:
    corrections = DbtRun(True, "", told_day_by_day.folder).rows(CORRECTIONS)

    assert [tuple(row.values()) for row in corrections] == [
        ("freshdesk:main:20", "2026-03-27", "status", "open", "solved"),
        ("intercom:main:30", "2026-03-27", "status", "open", "closed"),
        ("zendesk:main:3", "2026-03-28", "priority", "normal", "urgent"),
        ("zendesk:main:3", "2026-03-29", "priority", "normal", "urgent"),
    ]


PAST_OF_SUPPORT = (
    "select * exclude (file_id) from intermediate.int_support__cases_conformed order by all",
    "select * exclude (file_id) from intermediate.int_support__logged_changes_unioned "
    "where changed_at < timestamp '2026-03-28' order by all",
    "select * exclude (file_id) from intermediate.int_support__case_changes_unioned order by all",
    "select * from intermediate.int_support__case_versions_reconstructed order by all",
    "select * from intermediate.int_support__codes_mapped order by all",
    "select * from core.dim_support_cases order by all",
    DAYS.format(day="2026-03-27"),
)


def test_what_comes_later_changes_nothing_about_the_day(dbt: Dbt, tmp_path: Path) -> None:
    models = "+fct_support_case_days +dim_support_cases +int_support__codes_mapped"
    desks = Desks(tmp_path / "desks")
    first_delivery(desks)
    later = desks.copied_to(tmp_path / "later")
    before = build(dbt, desks, 27, models=models)
    later.deliver(
        31,
        tickets=[
            # solved tomorrow, deleted later, and not yet there
            ticket(1, "solved", created="25 09:00", updated="28 00:00", priority="low", assignee_id=7, tags=[]),
            ticket(2, "deleted", created="25 11:00", updated="30 15:00", priority="urgent"),
            ticket(3, "new", created="28 00:00", updated="28 00:00", priority="normal"),
        ],
        events=[
            event(12, 1, "28 00:00", "open", "solved"),
            event(13, 1, "28 00:00", "high", "low", "priority"),
            event(23, 2, "30 15:00", "solved", "deleted"),
        ],
        freshdesk=[
            ticket(20, "5", created="24 08:00", updated="29 10:00", priority=4, escalated=True)
            | {"stats": {"resolved_at": moment("28 10:00"), "closed_at": moment("29 10:00")}, "deleted": True}
        ],
        # what they tell of the day, nobody had been told by then
        intercom=[
            conversation(30, "closed", created="26 09:00", updated="28 00:00", admin_assignee_id="7", parts=[
                part(301, "comment", "26 09:00"), part(302, "close", "27 12:00"), part(303, "assign_and_reopen", "28 00:00", "7"),
            ])
        ],
        jira=[
            issue(10, "Resolved", created="25 23:00", updated="28 00:00",
                  histories=[history(901, "27 12:00", "In progress", "Resolved"), history(902, "28 00:00", "Resolved", "Closed")])
        ],
    )  # fmt: skip
    after = build(dbt, later, 27, models=models)

    for query in PAST_OF_SUPPORT:
        assert before.rows(query), query
        assert before.rows(query) == after.rows(query), query
