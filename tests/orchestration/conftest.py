"""A small dbt project on a small landing folder: the staging views and rules of ours, and a few models that a test can break.

Starting dbt costs seconds, so what is only looked at is built once.
"""

import shutil
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from orchestration.definitions import defs as load_definitions
from revhouse.models import read_manifest
from revhouse.settings import read_settings

TICKETS = """id,subject,status,created_at,updated_at
1,Help,open,2026-06-01T08:00:00Z,2026-06-01T08:00:00Z
2,Broken,open,2026-06-02T08:00:00Z,2026-06-02T08:00:00Z
3,Slow,solved,2026-06-03T08:00:00Z,2026-06-03T08:00:00Z
"""

MODELS = {
    "seeds/policy/ticket_words.csv": "ticket_status,word\nopen,waiting\nsolved,done\n",
    "models/intermediate/support/int_support__tickets_cut.sql": """
        {{ config(materialized='ephemeral') }}
        select * from {{ ref('stg_zendesk__tickets') }} where created_at < {{ as_of_end() }}
    """,
    "models/intermediate/support/int_support__tickets_worded.sql": """
        {{ config(materialized='table') }}
        select
            tickets.ticket_id,
            words.word,
            tickets.created_at,
            {{ as_of_date() }} as built_for_date
        from {{ ref('int_support__tickets_cut') }} as tickets
        inner join {{ ref('ticket_words') }} as words on tickets.ticket_status = words.ticket_status
    """,
    "models/marts/core/fct_ticket_days.sql": """
        {{ config(
            materialized='incremental', incremental_strategy='delete+insert', unique_key=['ticket_id', 'as_of_date']
        ) }}
        select
            ticket_id,
            built_for_date as as_of_date,
            {{ days_between('cast(created_at as date)', 'built_for_date') }} as age_days
        from {{ ref('int_support__tickets_worded') }}
    """,
    "models/marts/core/rpt_tickets.sql": "select as_of_date, count(*) as ticket_count from {{ ref('fct_ticket_days') }} group by 1",
    "tests/every_ticket_has_a_word.sql": """
        select tickets.ticket_id from {{ ref('stg_zendesk__tickets') }} as tickets
        left join {{ ref('int_support__tickets_worded') }} as worded on tickets.ticket_id = worded.ticket_id
        where worded.ticket_id is null
    """,
    "models/_models.yml": """
        version: 2
        groups:
          - {name: support, owner: {name: support_operations}}
        seeds:
          - {name: ticket_words, description: What is said, config: {meta: {owner: support_operations}}}
        models:
          - name: int_support__tickets_cut
            description: One row per ticket.
            config: {group: support, meta: {owner: support_operations}}
            data_tests:
              - sound_rows: {arguments: {key: [ticket_id]}}
          - name: int_support__tickets_worded
            description: One row per ticket.
            config: {group: support, meta: {owner: support_operations}}
            columns: [{name: ticket_id, description: The ticket.}]
            data_tests:
              - sound_rows: {arguments: {key: [ticket_id]}}
          - name: fct_ticket_days
            description: One row per ticket and day.
            config: {group: support, meta: {owner: support_operations}}
            data_tests:
              - sound_rows: {arguments: {key: [ticket_id, as_of_date]}}
              - relationships:
                  arguments: {column_name: ticket_id, to: ref('int_support__tickets_worded'), field: ticket_id}
                  config: {where: "as_of_date <= __as_of__"}
          - name: rpt_tickets
            description: One row per day.
            config: {group: support}
            data_tests:
              - sound_rows: {arguments: {key: [as_of_date]}, config: {severity: warn}}
    """,
}


@dataclass
class Place:
    """A folder with a landing, an InfoHub, a dbt project and the warehouse made of them."""

    folder: Path
    instance: dg.DagsterInstance

    def run(self, *days: str, only: str = "") -> dg.ExecuteInProcessResult:
        """Run the job `daily` for a day, or for all from the first to the last of two.

        The systems that deliver nothing are left out: each would cost a step.
        """
        definitions = load_definitions()
        job = definitions.resolve_job_def("daily")
        keys = definitions.resolve_asset_graph().executable_asset_keys
        wanted = [key for key in keys if key.path[0] != "raw" or key.path[1].startswith(("zendesk__", "infohub__"))]
        options: dict[str, Any] = {
            "instance": self.instance,
            "raise_on_error": False,
            "asset_selection": [dg.AssetKey(only.split("/"))] if only else wanted,
        }
        if len(days) == 1:
            return job.execute_in_process(partition_key=days[0], **options)
        start, end = days
        tags = {"dagster/asset_partition_range_start": start, "dagster/asset_partition_range_end": end}
        return job.execute_in_process(tags=tags, **options)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def write(self, name: str, content: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(content).strip() + "\n")


@pytest.fixture(scope="session")
def parsed_project(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dbt project of a place, as dbt has parsed it."""
    place = Place(tmp_path_factory.mktemp("parsed"), dg.DagsterInstance.ephemeral())
    ours, theirs = project / "dbt_project", place.folder / "dbt_project"
    for part in ("macros", "tests/generic", "models/staging/zendesk", "models/staging/ledger"):
        shutil.copytree(ours / part, theirs / part)
    for part in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ours / part, theirs / part)
    for part, content in MODELS.items():
        place.write(f"dbt_project/{part}", content)
    with pytest.MonkeyPatch.context() as elsewhere:
        elsewhere.setattr("revhouse.models.PROJECT", theirs)
        read_manifest(read_settings({"warehouse": str(place.folder / "warehouse.duckdb")}, {}))
    return theirs


@pytest.fixture
def make_place(
    parsed_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Place]]:
    """Make a place and stand in it."""
    with ExitStack() as stack:

        def make(name: str) -> Place:
            place = Place(tmp_path / name, stack.enter_context(dg.DagsterInstance.ephemeral()))
            theirs = Path(shutil.copytree(parsed_project, place.folder / "dbt_project"))
            place.write("landing/zendesk/main/tickets.csv", TICKETS)
            for setting, value in {"LANDING": "landing", "INFOHUB": "infohub", "WAREHOUSE": "warehouse.duckdb"}.items():
                monkeypatch.setenv(f"REVHOUSE_{setting}", str(place.folder / value))
            monkeypatch.setattr("revhouse.models.PROJECT", theirs)
            return place

        yield make


@pytest.fixture
def place(make_place: Callable[[str], Place]) -> Place:
    return make_place("place")


@pytest.fixture(scope="session")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    """The project's own, beside a warehouse that is not there yet."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("REVHOUSE_WAREHOUSE", str(tmp_path_factory.mktemp("nothing") / "warehouse.duckdb"))
        return load_definitions()
