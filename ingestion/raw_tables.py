"""The raw tables and their histories: made from the contract, grown when the contract grows."""

from __future__ import annotations

import duckdb

from ingestion.casting import SQL_TYPES, sql_name
from ingestion.contract import TableContract


class ContractChanged(Exception):
    """A raw table exists with other types than the contract now asks for."""


def create_raw_tables(connection: duckdb.DuckDBPyConnection, table: TableContract) -> None:
    """The table and its history, grown by columns that the contract has gained since."""
    columns = [
        ("source_instance", "varchar"),
        *((column.name, SQL_TYPES[column.type]) for column in table.columns),
        ("_extra", "json"),
        ("_file_id", "integer"),
        ("_last_seen_file_id", "integer"),
    ]
    for schema, more in (("raw", []), ("raw_history", [("_superseded_by_file_id", "integer")])):
        wanted = [*columns, *more]
        body = ", ".join(f"{sql_name(name)} {sql_type}" for name, sql_type in wanted)
        connection.execute(f"create table if not exists {schema}.{sql_name(table.raw_name)} ({body})")
        present = dict(
            connection.execute(
                "select column_name, data_type from duckdb_columns() where schema_name = $1 and table_name = $2",
                [schema, table.raw_name],
            ).fetchall()
        )
        for name, sql_type in wanted:
            if name not in present:
                connection.execute(
                    f"alter table {schema}.{sql_name(table.raw_name)} add column {sql_name(name)} {sql_type}"
                )
            elif present[name].lower().replace(" ", "") != sql_type.replace(" ", ""):
                raise ContractChanged(
                    f"{schema}.{table.raw_name}.{name} holds {present[name].lower()}, its contract now says {sql_type}. "
                    "Types of loaded data do not change by themselves: load into a fresh warehouse "
                    "(REVHOUSE_WAREHOUSE=…) from the kept exports, or give the column a new name."
                )
