"""dbt under Dagster: what a run for a day or for several days leaves in the warehouse, and what it says when dbt objects."""

from collections.abc import Callable
from datetime import date
from typing import Any

import dagster as dg
import pytest

from orchestration.definitions import defs as load_definitions
from revhouse.models import ModelsFailed
from tests.orchestration.conftest import Place

DAYS = "select ticket_id, as_of_date, age_days from core.fct_ticket_days order by all"


def made(result: dg.ExecuteInProcessResult) -> dict[str, list[dg.AssetMaterialization]]:
    """What Dagster says was made of the models, by key."""
    found: dict[str, list[dg.AssetMaterialization]] = {}
    for event in result.all_events:
        if event.is_step_materialization and event.asset_key and event.step_key == "build_models":
            materialization = event.step_materialization_data.materialization
            found.setdefault(event.asset_key.to_user_string(), []).append(materialization)
    return found


def checks(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    return {evaluation.check_name: evaluation for evaluation in result.get_asset_check_evaluations()}


def failure(result: dg.ExecuteInProcessResult) -> str:
    """All that a person reads about the step that failed."""
    (event,) = (event for event in result.all_events if event.is_step_failure)
    data: Any = event.event_specific_data
    return f"{data.error.to_string()} {data.user_failure_data.description if data.user_failure_data else ''}"


def test_a_run_for_a_day_goes_from_the_export_to_the_marts(place: Place) -> None:
    result = place.run("2026-06-02")

    assert result.success
    assert place.rows(DAYS) == [("1", date(2026, 6, 2), 1), ("2", date(2026, 6, 2), 0)]
    seen = made(result)
    assert set(seen) >= {
        "policy/ticket_words",
        "staging/stg_zendesk__tickets",
        "intermediate/int_support__tickets_worded",
        "core/fct_ticket_days",
        "core/rpt_tickets",
    }
    assert [event.partition for event in seen["core/fct_ticket_days"]] == ["2026-06-02"]
    assert [event.partition for event in seen["core/rpt_tickets"]] == [None]
    assert all(check.passed for check in checks(result).values())

    (worded,) = seen["intermediate/int_support__tickets_worded"]
    metadata = {name: value.value for name, value in worded.metadata.items()}
    assert (metadata["as_of"], metadata["dagster/row_count"]) == ("2026-06-02", 2)
    columns = {column.name: column for column in metadata["dagster/column_schema"].columns}
    assert columns["created_at"].type == "TIMESTAMP"
    assert columns["ticket_id"].description == "The ticket."
    assert "| `word` | `ticket_words.word` |" in metadata["columns_come_from"]
    assert metadata["dagster/column_lineage"].deps_by_column["word"] == [
        dg.TableColumnDep(dg.AssetKey(["policy", "ticket_words"]), "word")
    ]
    # Through a model that is only written into the SQL of others, and whose test is seen beside what it reads.
    assert "| `ticket_id` | `stg_zendesk__tickets.ticket_id` |" in metadata["columns_come_from"]
    cut = checks(result)["sound_rows_int_support__tickets_cut"]
    assert cut.asset_key == dg.AssetKey(["staging", "stg_zendesk__tickets"])
    (tickets,) = seen["staging/stg_zendesk__tickets"]
    assert "dagster/row_count" not in tickets.metadata, "a view was run only to count its rows"


def test_several_days_in_one_run_are_what_single_runs_would_have_made(make_place: Callable[[str], Place]) -> None:
    together = make_place("together")
    result = together.run("2026-06-01", "2026-06-03")
    assert result.success
    days = [event.partition for event in made(result)["core/fct_ticket_days"]]
    apart = make_place("apart")
    for day in ("2026-06-01", "2026-06-02", "2026-06-03"):
        assert apart.run(day).success

    assert days == ["2026-06-01", "2026-06-02", "2026-06-03"]
    assert len(together.rows(DAYS)) == 6
    for query in (
        DAYS,
        "from core.rpt_tickets order by all",
        "from intermediate.int_support__tickets_worded order by all",
    ):
        assert together.rows(query) == apart.rows(query)


def test_a_past_day_is_built_without_leaving_the_other_tables_in_the_past(place: Place) -> None:
    built_for = "select distinct built_for_date from intermediate.int_support__tickets_worded"
    assert place.run("2026-06-03").success
    everything = place.run("2026-06-01")
    assert everything.success
    assert place.rows("select distinct as_of_date from core.fct_ticket_days order by 1") == [
        (date(2026, 6, 1),),
        (date(2026, 6, 3),),
    ]
    assert place.rows(built_for) == [(date(2026, 6, 3),)]

    # A part of it too: what the part is made from has to show that day for a moment.
    part = place.run("2026-06-02", only="core/fct_ticket_days")
    assert part.success
    assert set(made(part)) == {"core/fct_ticket_days"}
    assert ("2", date(2026, 6, 2), 0) in place.rows(DAYS)
    assert place.rows(built_for) == [(date(2026, 6, 3),)]


def test_data_that_fails_a_test_goes_no_further(place: Place) -> None:
    assert place.run("2026-06-02").success
    place.write(
        "landing/zendesk/main/tickets_2.csv", "id,subject,status,created_at,updated_at\n4,?,odd,2026-06-01T08:00:00Z,"
    )
    result = place.run("2026-06-03")

    assert not result.success
    check = checks(result)["every_ticket_has_a_word"]
    assert (check.passed, check.severity, check.metadata["failing_rows"].value) == (
        False,
        dg.AssetCheckSeverity.ERROR,
        1,
    )
    assert check.asset_key == dg.AssetKey(["intermediate", "int_support__tickets_worded"])
    assert "every_ticket_has_a_word" in failure(result)
    assert "intermediate/int_support__tickets_worded" in made(result)
    assert not {"core/fct_ticket_days", "core/rpt_tickets"} & set(made(result))
    assert {day for _, day, _ in place.rows(DAYS)} == {date(2026, 6, 2)}


def test_a_test_that_only_warns_stops_nothing(place: Place) -> None:
    place.write(
        "dbt_project/models/marts/core/rpt_tickets.sql",
        "select as_of_date from {{ ref('fct_ticket_days') }} union all select as_of_date from {{ ref('fct_ticket_days') }}",
    )
    result = place.run("2026-06-02")

    assert result.success
    check = checks(result)["sound_rows_rpt_tickets"]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)


def test_a_model_that_cannot_be_built_fails_the_run_with_what_dbt_says(place: Place) -> None:
    place.write(
        "dbt_project/models/marts/core/rpt_tickets.sql", "select no_such_column from {{ ref('fct_ticket_days') }}"
    )
    result = place.run("2026-06-02")

    assert not result.success
    assert "model rpt_tickets" in failure(result)
    assert "no_such_column" in failure(result)
    assert "core/fct_ticket_days" in made(result)
    assert "core/rpt_tickets" not in made(result)


def test_a_project_that_cannot_be_parsed_is_refused_with_what_dbt_says(place: Place) -> None:
    place.write("dbt_project/models/marts/core/rpt_tickets.sql", "select * from {{ ref('no_such_model') }}")

    with pytest.raises(ModelsFailed, match="no_such_model"):
        load_definitions()
