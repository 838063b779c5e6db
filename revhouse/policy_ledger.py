"""With which policy the tables that runs add to were built, and which of them have to be built anew because it changed.

A table that a run only adds to keeps what the rules of its day made of it. Where such rules are seeds, and one of them is
another now, the table holds two policies at once: it is set aside, so that dbt makes all of it again.

Models that say `full_refresh=false` are left alone: they keep what was reported, whatever the policy was.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

_LEDGER = "policy.built_with"
_ASIDE = "__outdated"


@dataclass(frozen=True)
class Dated:
    """A table that runs add to, or a seed, and the checksums of the seeds that it follows from."""

    unique_id: str
    schema: str
    name: str
    checksums: Mapping[str, str]


@dataclass(frozen=True)
class Outdated:
    """A table to be built anew, and the seeds that are others now than when it was built."""

    table: Dated
    seeds: list[str]


def read_dates(manifest: Any, connection: duckdb.DuckDBPyConnection, selected: Collection[str]) -> list[Dated]:
    """Whatever of the selected nodes follows from the policy and stays from run to run.

    Seeds that are not among the selected count as they were loaded last.
    """
    loaded = {name: seeds.get(name, "") for (_, name), seeds in _noted(connection).items()}
    now = {
        unique_id: node.checksum.checksum if unique_id in selected else loaded.get(node.name, "")
        for unique_id, node in manifest.nodes.items()
        if node.resource_type == "seed" and node.fqn[1] == "policy"
    }
    found = []
    for unique_id in selected:
        node = manifest.nodes.get(unique_id)
        if node is None:
            continue
        is_added_to = node.resource_type == "model" and node.config.materialized == "incremental"
        if unique_id in now or (is_added_to and node.config.full_refresh is not False):
            seeds = sorted({unique_id, *_upstream(manifest, unique_id)} & now.keys())
            checksums = {manifest.nodes[seed].name: now[seed] for seed in seeds}
            if checksums:
                found.append(Dated(unique_id, node.schema, node.alias, checksums))
    return sorted(found, key=lambda dated: dated.name)


def outdated(connection: duckdb.DuckDBPyConnection, dates: Collection[Dated]) -> list[Outdated]:
    """The tables that are there and were built with other seeds, or nobody noted with which."""
    noted = _noted(connection)
    found = []
    for dated in dates:
        held = noted.get((dated.schema, dated.name), {})
        if dated.unique_id.startswith("model.") and held != dated.checksums and _exists(connection, dated):
            names = held.keys() | dated.checksums.keys()
            seeds = sorted(name for name in names if held.get(name) != dated.checksums.get(name))
            found.append(Outdated(dated, seeds))
    return found


@contextmanager
def set_aside(built: Path, tables: Collection[Outdated]) -> Iterator[None]:
    """Let dbt find none of these tables. What it does not make anew is put back afterwards."""
    if not tables:
        yield
        return
    with duckdb.connect(str(built)) as connection:
        for found in tables:
            place = _place(found.table)
            connection.execute(f'drop table if exists "{found.table.schema}"."{found.table.name}{_ASIDE}"')
            connection.execute(f'alter table {place} rename to "{found.table.name}{_ASIDE}"')
    try:
        yield
    finally:
        with duckdb.connect(str(built)) as connection:
            for found in tables:
                kept = f'"{found.table.schema}"."{found.table.name}{_ASIDE}"'
                if _exists(connection, found.table):
                    connection.execute(f"drop table {kept}")
                else:
                    connection.execute(f'alter table {kept} rename to "{found.table.name}"')


def note_built(connection: duckdb.DuckDBPyConnection, dates: Collection[Dated]) -> None:
    """Note with which seeds these were built."""
    connection.execute("create schema if not exists policy")
    connection.execute(
        f"create table if not exists {_LEDGER} (schema_name varchar, table_name varchar, seed varchar, checksum varchar)"
    )
    noted = _noted(connection)
    for dated in dates:
        if noted.get((dated.schema, dated.name)) != dated.checksums:
            place = [dated.schema, dated.name]
            connection.execute(f"delete from {_LEDGER} where schema_name = $1 and table_name = $2", place)
            rows = [[*place, seed, checksum] for seed, checksum in dated.checksums.items()]
            connection.executemany(f"insert into {_LEDGER} values ($1, $2, $3, $4)", rows)


def _noted(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], dict[str, str]]:
    schema, name = _LEDGER.split(".")
    if not _exists(connection, Dated("", schema, name, {})):
        return {}
    noted: dict[tuple[str, str], dict[str, str]] = {}
    for schema_name, table_name, seed, checksum in connection.execute(f"from {_LEDGER}").fetchall():
        noted.setdefault((schema_name, table_name), {})[seed] = checksum
    return noted


def _exists(connection: duckdb.DuckDBPyConnection, dated: Dated) -> bool:
    found = connection.execute(
        "select count(*) from duckdb_tables() where database_name = current_database() and schema_name = $1 "
        "and table_name = $2",
        [dated.schema, dated.name],
    ).fetchall()
    return bool(found[0][0])


def _place(dated: Dated) -> str:
    return f'"{dated.schema}"."{dated.name}"'


def _upstream(manifest: Any, unique_id: str) -> set[str]:
    """Everything that a node is made from."""
    found: set[str] = set()
    waiting = [unique_id]
    while waiting:
        node = manifest.nodes.get(waiting.pop())
        for name in node.depends_on.nodes if node and node.resource_type == "model" else ():
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found
