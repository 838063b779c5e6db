"""Settling versions: which of several deliveries of the same row is kept, and what happens to the others."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from ingestion.casting import sql_literal, sql_name
from ingestion.contract import TableContract

_PARTS = 4


@dataclass(frozen=True)
class Settled:
    """Rows of this file that were not kept (of these, mere repeats), and rows of earlier files that it replaced."""

    superseded: int = 0
    repeated: int = 0
    corrected: int = 0


def settle_versions(
    connection: duckdb.DuckDBPyConnection, table: TableContract, instance: str, file_id: int
) -> Settled:
    """Keep one version of every key: the one with the latest stamp, or, without stamps, of the latest delivery.

    Losers go to raw_history; a row that says just what the kept one says was only delivered again.
    """
    if not _has_contested_keys(connection, table, instance, file_id):
        return Settled()
    raw = f"raw.{sql_name(table.raw_name)}"
    key = ", ".join(["source_instance", *(sql_name(name) for name in table.key)])
    content = ", ".join(sql_name(column.name) for column in table.columns)
    stamp = f"coalesce({sql_name(table.stamp)}::timestamp, delivered_at)" if table.stamp else "delivered_at"
    connection.execute(
        f"""
        create or replace temp table verdicts as
        with

        new_keys as (
            select distinct {key} from {raw} where _file_id = {file_id}
        ),

        versions as (
            select
                {key}, _file_id, candidates.rowid as row_id, delivered_at, {stamp} as stamp,
                hash({content}, _extra) as content
            from {raw} as candidates
            semi join new_keys using ({key})
            inner join (select file_id, delivered_at from ledger.files) as files on files.file_id = candidates._file_id
        ),

        contested as (
            select * from versions qualify count(*) over (partition by {key}) > 1
        ),

        ranked as (
            select
                *,
                first_value(content) over latest_first as winning_content,
                row_number() over (partition by {key}, content order by _file_id, row_id) = 1 as is_first_of_content
            from contested
            window latest_first as (
                partition by {key} order by stamp desc nulls last, delivered_at desc, _file_id desc, row_id desc
            )
        )

        select
            {key}, _file_id, row_id,
            case
                when content = winning_content and is_first_of_content then 'kept'
                when content = winning_content then 'repeated'
                else 'superseded'
            end as verdict
        from ranked
        """
    )
    columns = ", ".join(["source_instance", content, "_extra", "_file_id", "_last_seen_file_id"])
    connection.execute(
        f"insert into raw_history.{sql_name(table.raw_name)} ({columns}, _superseded_by_file_id) "
        f"select {columns}, {file_id} from {raw} "
        f"where rowid in (select row_id from verdicts where verdict = 'superseded')"
    )
    connection.execute(
        f"update {raw} set _last_seen_file_id = {file_id} where _file_id <> {file_id} "
        f"and rowid in (select row_id from verdicts where verdict = 'kept')"
    )
    connection.execute(f"delete from {raw} where rowid in (select row_id from verdicts where verdict <> 'kept')")
    counts = connection.execute(
        f"select count(*) filter (where verdict <> 'kept' and _file_id = {file_id}), "
        f"count(*) filter (where verdict = 'repeated' and _file_id = {file_id}), "
        f"count(*) filter (where verdict = 'superseded' and _file_id <> {file_id}) from verdicts"
    ).fetchone()
    assert counts is not None
    connection.execute("drop table verdicts")
    return Settled(*counts)


def _has_contested_keys(
    connection: duckdb.DuckDBPyConnection, table: TableContract, instance: str, file_id: int
) -> bool:
    """Whether any key occurs twice, told by 64-bit hashes: a false alarm only costs time."""
    raw = f"raw.{sql_name(table.raw_name)}"
    key = ", ".join(sql_name(name) for name in table.key)
    mine = f"_file_id = {file_id}"
    bounds = connection.execute(f"select min(rowid), max(rowid) from {raw} where {mine}").fetchone()
    if bounds is None or bounds[0] is None:
        return False
    # DuckDB scans rows of an open transaction on one core; several scans of a part each use them all.
    first, last = bounds
    part = (last - first) // _PARTS + 1
    hashes = " union all ".join(
        f"select hash({key}) as key_hash from {raw} where {mine} and rowid between {start} and {start + part - 1}"
        for start in range(first, last + 1, part)
    )
    twice = connection.execute(f"select count(*) > count(distinct key_hash) from ({hashes})").fetchone()
    if twice and twice[0]:
        return True
    earlier = connection.execute(
        "select exists(select 1 from ledger.files where table_name = $1 and source_instance = $2 and file_id <> $3 "
        "and status = 'loaded')",
        [table.raw_name, instance, file_id],
    ).fetchone()
    if not (earlier and earlier[0]):
        return False
    others = f"source_instance = {sql_literal(instance)} and _file_id <> {file_id}"
    met = connection.execute(
        f"select exists(select 1 from {raw} where {others} and hash({key}) in "
        f"(select hash({key}) from {raw} where {mine}))"
    ).fetchone()
    return bool(met and met[0])
