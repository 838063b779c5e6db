"""A small dbt project on a small landing folder: the staging views and rules of ours, and a few models that a test can break.

Starting dbt costs seconds, so what is only looked at is built once.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from orchestration.definitions import defs as load_definitions

TICKETS = """id,subject,status,created_at,updated_at
1,Help,open,2026-06-01T08:00:00Z,2026-06-01T08:00:00Z
2,Broken,open,2026-06-02T08:00:00Z,2026-06-02T08:00:00Z
3,Slow,solved,2026-06-03T08:00:00Z,2026-06-03T08:00:00Z
"""

MODELS = {
    "seeds/policy/ticket_words.csv": "ticket_status,word\nopen,waiting\nsolved,done\n",
    "models/intermediate/support/int_support__tickets_worded.sql": """
        {{ config(materialized='table') }}
        select
            tickets.ticket_id,
            words.word,
            tickets.created_at,
            {{ as_of_date() }} as built_for_date
        from {{ ref('stg_zendesk__tickets') }} as tickets
        inner join {{ ref('ticket_words') }} as words on tickets.ticket_status = words.ticket_status
        where tickets.created_at < {{ as_of_end() }}
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
          - name: int_support__tickets_worded
            description: One row per ticket.
            config: {group: support, meta: {owner: support_operations}}
            columns: [{name: ticket_id, description: The ticket.}]
            data_tests:
              - unique_key: {arguments: {columns: [ticket_id]}}
          - name: fct_ticket_days
            description: One row per ticket and day.
            config: {group: support, meta: {owner: support_operations}}
            data_tests:
              - unique_key: {arguments: {columns: [ticket_id, as_of_date]}}
          - name: rpt_tickets
            description: One row per day.
            config: {group: support}
            data_tests:
              - unique_key: {arguments: {columns: [as_of_date]}, config: {severity: warn}}
    """,
}


@dataclass
class Place:
    """A folder with a landing, an InfoHub, a dbt project and the warehouse made of them."""

    folder: Path
    instance: dg.DagsterInstance
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def project(self) -> Path:
        return self.folder / "dbt_project"

    def run(self, *days: str, only: tuple[str, ...] = ()) -> dg.ExecuteInProcessResult:
        """Run the job `daily` for a day, or for all from the first to the last of two."""
        job = load_definitions().resolve_job_def("daily")
        options: dict[str, Any] = {"instance": self.instance, "raise_on_error": False}
        if only:
            options["asset_selection"] = [dg.AssetKey(name.split("/")) for name in only]
        if len(days) == 1:
            return job.execute_in_process(partition_key=days[0], **options)
        start, end = days
        tags = {"dagster/asset_partition_range_start": start, "dagster/asset_partition_range_end": end}
        return job.execute_in_process(tags=tags, **options)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def place(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with dg.DagsterInstance.ephemeral() as instance:
        place = Place(tmp_path, instance)
        for name in ("dbt_project.yml", "profiles.yml", "macros", "tests/generic"):
            copy = shutil.copytree if (project / "dbt_project" / name).is_dir() else shutil.copy
            (place.project / name).parent.mkdir(parents=True, exist_ok=True)
            copy(project / "dbt_project" / name, place.project / name)
        for system in ("zendesk", "ledger"):
            staging = f"models/staging/{system}"
            shutil.copytree(project / "dbt_project" / staging, place.project / staging)
        for name, content in MODELS.items():
            write(place.project / name, content)
        write(tmp_path / "landing/zendesk/main/tickets.csv", TICKETS)
        monkeypatch.setattr("revhouse.models.PROJECT", place.project)
        monkeypatch.setattr("orchestration.dbt_graph.PROJECT", place.project)
        for name, value in {"LANDING": "landing", "INFOHUB": "infohub", "WAREHOUSE": "warehouse.duckdb"}.items():
            monkeypatch.setenv(f"REVHOUSE_{name}", str(tmp_path / value))
        yield place


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    indent = len(content) - len(content.lstrip("\n ")) - 1 if content.startswith("\n") else 0
    lines = [line[indent:] if line[:indent].isspace() else line for line in content.strip("\n").splitlines()]
    path.write_text("\n".join(lines).rstrip() + "\n")
