"""Usage: what each account did on each day, against what was planted, and kept right day by day as files come in."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.contract import read_contracts
from ingestion.loader import load_landing
from ingestion.runs import LoadRun
from ingestion.warehouse import open_warehouse
from tests.dbt_project.conftest import AS_OF, DbtRun, SampleCompany, fill_warehouse

DAILY_TABLES = ("int_usage__workspace_days_aggregated", "int_usage__workspace_feature_days_aggregated")


def account_id(of_truth: str) -> str:
    """The truth names an account by its id in the CRM that it is in."""
    return f"salesforce:main:{of_truth}" if of_truth.startswith("001") else f"hubspot:acquired:{of_truth}"


def event_id(of_truth: dict[str, Any]) -> str:
    """PostHog makes a uuid of an event's number."""
    number = of_truth["subject_id"]
    if of_truth["source_system"] != "posthog":
        return str(number)
    return f"{number[:8]}-{number[8:12]}-7{number[12:15]}-8{number[:3]}-{number[3:15]}"


def quoted(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def test_every_event_sent_twice_counts_once(company_built: SampleCompany) -> None:
    planted = Counter(event_id(fact) for fact in company_built.truth("usage", "event_sent_twice"))

    found = company_built.rows(
        f"select event_id from intermediate.int_usage__events_unioned where event_id in ({quoted(planted)})"
    )

    assert Counter(row["event_id"] for row in found) == planted


def test_every_event_ahead_of_its_clock_is_found_and_no_other(company_built: SampleCompany) -> None:
    planted = {event_id(fact) for fact in company_built.truth("usage", "event_ahead_of_clock")}
    # Planted with a local time where the receipt is in UTC, to see what summer time does: hours ahead too.
    planted |= {"clock-dst_gap", "clock-dst_overlap"}

    found = company_built.rows("select event_id from intermediate.int_usage__events_unioned where is_ahead_of_clock")

    assert {row["event_id"] for row in found} == planted


def test_late_events_are_found_for_each_account_and_day(company_built: SampleCompany) -> None:
    planted: Counter[tuple[str, date]] = Counter()
    arrivals: dict[tuple[str, date], str] = {}
    for fact in company_built.truth("usage", "late_events"):
        day = (account_id(fact["subject_id"]), date.fromisoformat(fact["on_date"]))
        planted[day] += int(fact["expected"])
        arrivals[day] = fact["detail"]["arrived_on"]
    # Planted lateness is whole days and some seconds. A wrong clock on top of it moved an event to another day, and nothing
    # in it tells from which: the planted day has one less.
    events = company_built.rows(
        """
        select
            links.account_id,
            events.activity_date,
            events.received_at::date::text as arrived_on,
            events.is_late,
            (date_diff('second', occurred_at, received_at) % 86400) not between 0 and 60 as is_of_wrong_clock
        from intermediate.int_usage__events_unioned as events
        inner join intermediate.int_identity__account_links_matched as links
            on (links.source_system, links.source_instance, links.object_type, links.object_id)
            = (events.source_system, events.source_instance, events.workspace_object_type, events.workspace_object_id)
        """
    )
    found = Counter(
        (row["account_id"], row["activity_date"]) for row in events if row["is_late"] and not row["is_of_wrong_clock"]
    )
    moved = Counter((row["account_id"], row["arrived_on"]) for row in events if row["is_of_wrong_clock"])

    assert found - planted == Counter()
    lacking = planted - found
    assert lacking.total() <= 3
    assert Counter((day[0], arrivals[day]) for day in lacking.elements()) - moved == Counter()


@pytest.mark.parametrize(
    ("fact", "states"),
    [("usage_before_contract", ("before_contract", "between_contracts")), ("usage_after_churn", ("after_contract",))],
)
def test_use_outside_a_contract_is_found(company_built: SampleCompany, fact: str, states: tuple[str, ...]) -> None:
    planted = {
        account_id(row["subject_id"]): (int(row["expected"]), row["on_date"], row["detail"]["until"])
        for row in company_built.truth("usage", fact)
    }
    # A renewal that was missed is use after a contract, too; it is no churn, and planted under its own name.
    lapsed = {account_id(row["subject_id"]) for row in company_built.truth("arr", "arr_lapse")}

    found = company_built.rows(
        f"""
        select account_id, sum(event_count) as events, min(activity_date) as since, max(activity_date) as until
        from core.fct_usage_account_days where contract_state in ({quoted(states)}) group by account_id
        """
    )

    assert planted == {
        row["account_id"]: (int(row["events"]), f"{row['since']}", f"{row['until']}")
        for row in found
        if fact != "usage_after_churn" or row["account_id"] not in lapsed
    }


def test_the_last_three_weeks_are_counted_as_planted(company_built: SampleCompany) -> None:
    planted = {
        account_id(fact["subject_id"]): fact["detail"]["events_by_week"]
        for fact in company_built.truth("retention", "usage_trend")
    }
    weeks = company_built.rows(
        f"""
        select account_id, date_diff('day', activity_date, date '{AS_OF}') // 7 as weeks_ago, sum(event_count)::integer as events
        from core.fct_usage_account_days where activity_date > date '{AS_OF}' - 21 group by all
        """
    )

    found = {account: [0, 0, 0] for account in planted}
    for row in weeks:
        if row["account_id"] in found:
            found[row["account_id"]][2 - row["weeks_ago"]] = row["events"]

    assert found == planted


def test_a_month_that_was_never_exported_is_missing_and_not_zero(company_built: SampleCompany) -> None:
    (lost,) = [fact for fact in company_built.truth("file", "no_export") if fact["source_system"] == "amplitude"]
    last = date.fromisoformat(lost["on_date"])
    days = {last.replace(day=1) + timedelta(days=place) for place in range(last.day)}

    missing = company_built.rows(
        "select * from intermediate.int_usage__source_days_observed where state_basis = 'missing'"
    )
    accounts = company_built.rows(
        "select activity_date, event_count from core.fct_usage_account_days where state_basis = 'missing'"
    )

    assert {(row["source_system"], row["activity_date"]) for row in missing} == {("amplitude", day) for day in days}
    assert {row["activity_date"] for row in accounts} == days
    assert {row["event_count"] for row in accounts} == {None}


def test_the_day_ledger_says_the_same_of_usage(company_built: SampleCompany) -> None:
    differing = company_built.rows(
        """
        select * from intermediate.int_usage__source_days_observed as days
        inner join core.fct_source_days as ledger
            on ledger.object_name = 'usage_events'
            and (ledger.source_system, ledger.source_instance, ledger.as_of_date)
            = (days.source_system, days.source_instance, days.activity_date)
        where (days.state_basis = 'missing') <> (ledger.state_basis = 'missing')
        """
    )

    assert differing == []


def track(
    key: str,
    happened: str,
    *,
    received: str | None = None,
    group: str = "acme",
    user: str = "u-1",
    event: str = "report_created",
) -> dict[str, Any]:
    return {
        "messageId": key,
        "event": event,
        "userId": user,
        "timestamp": f"{happened}Z",
        "receivedAt": f"{received or happened}Z",
        "context": {"groupId": group},
    }


class Stream:
    """A warehouse that gets a file of tracks now and then, and whose daily counts are then brought up to a day."""

    def __init__(self, folder: Path, dbt: Callable[..., DbtRun]) -> None:
        self.folder = folder
        self.dbt = dbt
        self.files = 0
        fill_warehouse(folder)

    def deliver(self, *tracks: dict[str, Any]) -> None:
        self.files += 1
        path = self.folder / f"landing/segment/main/tracks_part{self.files:02}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(track) + "\n" for track in tracks))
        with open_warehouse(self.folder / "warehouse.duckdb") as connection:
            run = LoadRun(f"delivery-{self.files}", datetime(2026, 7, 1, 6, 0))
            load_landing(connection, self.folder / "landing", read_contracts(), run, only={"segment__tracks"})

    def build(self, day: str, *arguments: str, folder: Path | None = None) -> None:
        chosen = ["--select", *(f"+{table}" for table in DAILY_TABLES), "--exclude-resource-type", "unit_test"]
        chosen += ["--indirect-selection", "cautious"]
        built = self.dbt(folder or self.folder, "build", *chosen, *arguments, variables={"as_of": day})
        assert built.succeeded, built.output

    def rows(self, query: str, folder: Path | None = None) -> list[tuple[Any, ...]]:
        with duckdb.connect(str((folder or self.folder) / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def counts(self) -> dict[tuple[str, str], tuple[int, int]]:
        days = self.rows(
            f"select * from (select workspace_object_id, activity_date, event_count, active_user_count from intermediate.{DAILY_TABLES[0]})"
        )
        return {(workspace, f"{day:%m-%d}"): (events, users) for workspace, day, events, users in days}

    def restated(self) -> list[tuple[Any, ...]]:
        return self.rows(
            """
            select split_part(subject_id, ':', 4), strftime(subject_date, '%m-%d'), old_value, new_value, detected_as_of
            from intermediate.int_usage__workspace_days_restated where column_name = 'event_count' order by detected_as_of, subject_date
            """
        )


def test_days_are_kept_right_as_files_come_in(dbt: Callable[..., DbtRun], tmp_path: Path) -> None:
    stream = Stream(tmp_path / "stream", dbt)

    stream.deliver(
        track("old", "2026-01-29T10:00:00"),
        track("first", "2026-06-27T10:00:00"),
        track("second", "2026-06-27T11:00:00", user="u-2", event="alert_configured"),
        track("beta's", "2026-06-27T12:00:00", group="beta"),
        track("ahead", "2026-06-29T09:00:00", received="2026-06-27T09:00:00"),
    )
    stream.build("2026-06-27")
    first_day = {("acme", "01-29"): (1, 1), ("acme", "06-27"): (2, 2), ("beta", "06-27"): (1, 1)}
    assert stream.counts() == first_day
    assert stream.restated() == []

    stream.deliver(
        track("late", "2026-01-29T15:00:00", received="2026-06-28T15:00:00", user="u-9"),
        track("first", "2026-06-27T10:00:00"),
        track("third", "2026-06-28T10:00:00"),
    )
    stream.build("2026-06-28")
    second_day = {**first_day, ("acme", "01-29"): (2, 2), ("acme", "06-28"): (1, 1)}
    assert stream.counts() == second_day
    late = ("acme", "01-29", "1", "2", date(2026, 6, 28))
    assert stream.restated() == [late]

    # No file comes, and a day does: what claimed to be of it is counted now.
    stream.build("2026-06-29")
    third_day = {**second_day, ("acme", "06-29"): (1, 1)}
    assert stream.counts() == third_day
    assert stream.restated() == [late]

    # It was not beta, and it was the day before: beta's day is gone.
    stream.deliver(track("beta's", "2026-06-26T12:00:00", group="gamma"), track("fourth", "2026-06-30T10:00:00"))
    stream.build("2026-06-30")
    fourth_day = {**third_day, ("gamma", "06-26"): (1, 1), ("acme", "06-30"): (1, 1)}
    del fourth_day["beta", "06-27"]
    assert stream.counts() == fourth_day
    moved = [("gamma", "06-26", "0", "1", date(2026, 6, 30)), ("beta", "06-27", "1", "0", date(2026, 6, 30))]
    assert stream.restated() == [late, *moved]

    # An earlier day is asked about. Later ones stay, and what comes in for them counts.
    stream.deliver(track("fifth", "2026-06-30T20:00:00", user="u-2"), track("sixth", "2026-06-25T20:00:00"))
    stream.build("2026-06-28")
    assert stream.counts() == {**fourth_day, ("acme", "06-30"): (2, 2), ("acme", "06-25"): (1, 1)}

    from_the_beginning = tmp_path / "from_the_beginning"
    shutil.copytree(tmp_path / "stream", from_the_beginning)
    stream.build("2026-06-30", "--full-refresh", folder=from_the_beginning)
    for table in DAILY_TABLES:
        everything = f"select * from intermediate.{table} order by all"
        assert stream.rows(everything) == stream.rows(everything, from_the_beginning)
    kept = "select count(*) from intermediate.int_usage__workspace_days_restated"
    assert stream.rows(kept) == stream.rows(kept, from_the_beginning)
