"""What a build says about its own completeness: read from the control models, once they are built.

How it is computed is SQL in dbt_project/; how it looks on a screen is report.py's business.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb


@dataclass
class UnexplainedRows:
    """Rows of a table that are neither conformed nor left out for a named reason; negative if there are too many."""

    source: str
    table: str
    model: str | None
    rows: int


@dataclass
class MissingDays:
    """Days of an object, one after the other, of which nothing is known though something should be."""

    source: str
    object: str
    reason: str
    first: date
    last: date
    days: int


@dataclass
class Corrections:
    """Values of days that had been reported, and were found to be others in this run."""

    values: int = 0
    days: int = 0
    first: date | None = None
    last: date | None = None
    files: int = 0


@dataclass
class Matches:
    """How many of the companies of other systems are known to be one of the accounts."""

    companies: int = 0
    by_confidence: dict[str, int] = field(default_factory=dict)


@dataclass
class Control:
    rows_exported: int = 0
    rows_conformed: int = 0
    rows_excluded: dict[str, int] = field(default_factory=dict)
    unexplained: list[UnexplainedRows] = field(default_factory=list)
    objects_by_basis: dict[str, int] = field(default_factory=dict)
    missing: list[MissingDays] = field(default_factory=list)
    corrections: Corrections = field(default_factory=Corrections)
    matches: Matches = field(default_factory=Matches)


_TOTALS = """
select measure, measure_kind, sum(row_count)::bigint
from core.rpt_control_totals
group by measure, measure_kind
order by 3 desc, measure
"""

_UNEXPLAINED = """
select concat_ws('/', source_system, source_instance), table_name, conformed_model, row_count
from core.rpt_control_totals
where measure = 'unexplained' and row_count <> 0
order by abs(row_count) desc, 1, 2
"""

_OBJECTS = """
select state_basis, count(*)
from core.fct_source_days
where as_of_date = $1
group by state_basis
order by 2 desc, 1
"""

# Before the first export nothing could be known: that is no gap.
_MISSING = """
with

missing_days as (
    select
        concat_ws('/', source_system, source_instance) as source,
        object_name,
        state_reason,
        as_of_date,
        as_of_date - row_number() over (
            partition by source_system, source_instance, object_name, state_reason order by as_of_date
        )::integer as span
    from core.fct_source_days
    where state_basis = 'missing' and state_reason <> 'before_first_export'
)

select source, object_name, state_reason, min(as_of_date), max(as_of_date), count(*)
from missing_days
group by source, object_name, state_reason, span
order by max(as_of_date) desc, 1, 2, 3
"""

_CORRECTIONS = """
select
    count(*),
    count(distinct subject_date),
    min(subject_date),
    max(subject_date),
    count(distinct corrected_by_file_id)
from core.fct_corrections
where corrected_by_file_id > $1
"""

_MATCHES = """
select match_confidence, count(*)
from intermediate.int_identity__account_links_matched
group by match_confidence
order by 2 desc, 1
"""


def last_correction(warehouse: Path) -> int:
    """The latest file that is known to have corrected a day, to tell the corrections of a build that follows."""
    if not warehouse.exists():
        return 0
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        if not _has(connection, "core", "fct_corrections"):
            return 0
        found = connection.execute("select max(corrected_by_file_id) from core.fct_corrections").fetchone()
    return int(found[0]) if found and found[0] else 0


def read_control(warehouse: Path, as_of: date, *, corrected_after: int = 0) -> Control:
    """What the control models hold; nothing of one that could not be built."""
    control = Control()
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        if _has(connection, "core", "rpt_control_totals"):
            for measure, kind, rows in connection.execute(_TOTALS).fetchall():
                if kind == "exported":
                    control.rows_exported = rows
                elif kind == "conformed":
                    control.rows_conformed = rows
                elif kind == "excluded":
                    control.rows_excluded[measure] = rows
            control.unexplained = [UnexplainedRows(*line) for line in connection.execute(_UNEXPLAINED).fetchall()]
        if _has(connection, "core", "fct_source_days"):
            control.objects_by_basis = dict(connection.execute(_OBJECTS, [as_of]).fetchall())
            control.missing = [MissingDays(*line) for line in connection.execute(_MISSING).fetchall()]
        if _has(connection, "core", "fct_corrections"):
            found = connection.execute(_CORRECTIONS, [corrected_after]).fetchone()
            assert found is not None
            control.corrections = Corrections(*found)
        if _has(connection, "intermediate", "int_identity__account_links_matched"):
            by_confidence = dict(connection.execute(_MATCHES).fetchall())
            control.matches = Matches(sum(by_confidence.values()), by_confidence)
    return control


def _has(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = connection.execute(
        "select 1 from information_schema.tables where table_schema = $1 and table_name = $2", [schema, table]
    ).fetchone()
    return found is not None
