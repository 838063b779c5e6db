"""The ground truth: the table of planted facts, how a fact is added to it, and the file it becomes.

What is true of the company is planted by company_facts.py, of bad rows and files by dirty_rows.py and dirty_files.py, of the
InfoHub by its own writer.
"""

from __future__ import annotations

from pathlib import Path

import duckdb


def create_truth(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table sim.truth (area varchar, fact varchar, source_system varchar, source_instance varchar, "
        "subject_type varchar, subject_id varchar, on_date date, expected varchar, detail json)"
    )


def plant(connection: duckdb.DuckDBPyConnection, area: str, fact: str, query: str) -> None:
    """Add facts: the query gives source_system, source_instance, subject_type, subject_id, on_date, expected, detail."""
    connection.execute(f"insert into sim.truth select '{area}', '{fact}', * from ({query})")


def write_ground_truth(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    target = str(path).replace("'", "''")
    written = connection.execute(
        f"""
        copy (
            with

            facts as (

                -- the same fact told twice is one fact
                select distinct area, fact, source_system, source_instance, subject_type, subject_id, on_date, expected, detail::varchar as detail

                from sim.truth

            )

            select
                'F' || lpad((row_number() over everything)::varchar, 7, '0') as fact_id,
                *

            from facts

            window everything as (
                order by area, fact, source_system, source_instance, subject_type, subject_id, on_date, expected, detail
            )

            order by fact_id
        ) to '{target}' (format csv, header)
        """
    ).fetchone()
    assert written is not None
    return int(written[0])
