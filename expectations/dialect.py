"""A small read-only SQLAlchemy dialect through which Great Expectations asks DuckDB. Nothing else in the project uses it.

Great Expectations reads a result after it has handed its connection back. SQLAlchemy rolls back then, and DuckDB, which
streams results, forgets the rows: with the dialects that exist, every expectation fails, and the reason is hidden. Here
each statement has a cursor of its own, and a rollback does nothing: nothing is written, so there is nothing to roll back.

The dialect calls itself postgresql, because Great Expectations chooses the SQL of regular expressions by that name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import duckdb
import sqlalchemy as sa
from sqlalchemy import pool
from sqlalchemy import types as generic
from sqlalchemy.dialects import postgresql, registry
from sqlalchemy.dialects.postgresql.base import PGCompiler, PGDialect

SCHEME = "revhouse_duckdb"

_TYPES: dict[str, Callable[[], Any]] = {
    "BIGINT": postgresql.BIGINT,
    "BOOLEAN": postgresql.BOOLEAN,
    "DATE": postgresql.DATE,
    "DOUBLE": postgresql.DOUBLE_PRECISION,
    "FLOAT": postgresql.REAL,
    "HUGEINT": generic.NUMERIC,
    "INTEGER": postgresql.INTEGER,
    "SMALLINT": postgresql.SMALLINT,
    "TIME": postgresql.TIME,
    "TIMESTAMP": postgresql.TIMESTAMP,
    "TIMESTAMP WITH TIME ZONE": postgresql.TIMESTAMP,
    "TINYINT": postgresql.SMALLINT,
    "VARCHAR": postgresql.VARCHAR,
}


class _Cursor:
    """A DuckDB cursor for each statement, so that its rows outlive the connection's being handed back."""

    arraysize = 1
    rowcount = -1

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self.description: Any = None

    def execute(self, sql: str, parameters: Sequence[Any] | None = None) -> None:
        self._cursor = self._connection.cursor()
        self._cursor.execute(sql, list(parameters) if parameters else None)
        self.description = self._cursor.description

    def fetchone(self) -> Any:
        return self._asked().fetchone()

    def fetchmany(self, size: int | None = None) -> list[Any]:
        return self._asked().fetchmany(size or self.arraysize)

    def fetchall(self) -> list[Any]:
        return self._asked().fetchall()

    def close(self) -> None:
        if self._cursor is not None:
            self._cursor.close()

    def _asked(self) -> duckdb.DuckDBPyConnection:
        assert self._cursor is not None, "nothing has been asked yet"
        return self._cursor


class _Connection:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def cursor(self) -> _Cursor:
        return _Cursor(self._connection)

    def commit(self) -> None:
        """Nothing is written."""

    def rollback(self) -> None:
        """Nothing is written."""

    def close(self) -> None:
        self._connection.close()


class _Driver:
    """What SQLAlchemy expects of a database driver's module."""

    paramstyle = "qmark"
    apilevel = "2.0"
    threadsafety = 1

    Warning = duckdb.Warning
    Error = duckdb.Error
    InterfaceError = duckdb.Error  # DuckDB has none of its own
    DatabaseError = duckdb.DatabaseError
    DataError = duckdb.DataError
    OperationalError = duckdb.OperationalError
    IntegrityError = duckdb.IntegrityError
    InternalError = duckdb.InternalError
    ProgrammingError = duckdb.ProgrammingError
    NotSupportedError = duckdb.NotSupportedError

    @staticmethod
    def connect(path: str, **config: Any) -> _Connection:
        return _Connection(duckdb.connect(path, read_only=True, config=config))


class _Compiler(PGCompiler):
    def visit_custom_op_binary(self, element: Any, operator: Any, **arguments: Any) -> str:
        """PostgreSQL's ~ looks for a part that matches, DuckDB's wants the whole text to."""
        if operator.opstring not in ("~", "!~"):
            return str(super().visit_custom_op_binary(element, operator, **arguments))  # type: ignore[no-untyped-call]
        text, pattern = (self.process(side, **arguments) for side in (element.left, element.right))
        return f"{'not ' if operator.opstring == '!~' else ''}regexp_matches({text}, {pattern})"


class DuckDialect(PGDialect):
    driver = "revhouse"
    default_paramstyle = "qmark"
    statement_compiler = _Compiler
    supports_statement_cache = True
    preexecute_autoincrement_sequences = False
    supports_native_enum = False

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)  # type: ignore[no-untyped-call]
        self.colspecs = {}  # PostgreSQL's conversions are for its own driver's values
        # Great Expectations asks for the columns of a table again for each expectation. While the file is open for
        # reading, DuckDB lets nobody write it: what was answered once stays true.
        self._known: dict[tuple[str, str, tuple[Any, ...]], list[Any]] = {}

    @classmethod
    def import_dbapi(cls) -> Any:
        return _Driver

    @classmethod
    def get_pool_class(cls, url: sa.URL) -> type[pool.Pool]:
        return pool.StaticPool

    def create_connect_args(self, url: sa.URL) -> Any:
        return [url.database], dict(url.query)

    def initialize(self, connection: sa.Connection) -> None:
        self.default_schema_name = "main"
        self.server_version_info = (16, 0)  # type: ignore[assignment]  # typed as what it is before it is asked

    def on_connect(self) -> None:
        return None

    def do_begin(self, dbapi_connection: Any) -> None:
        """Nothing is written."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Nothing is written."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Nothing is written."""

    def do_ping(self, dbapi_connection: Any) -> bool:
        return True

    def set_isolation_level(self, dbapi_connection: Any, level: Any) -> None:
        """There is only one."""

    def get_isolation_level(self, dbapi_connection: Any) -> Any:
        return "AUTOCOMMIT"

    def get_default_isolation_level(self, dbapi_conn: Any) -> Any:
        return "AUTOCOMMIT"

    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **arguments: Any) -> bool:
        return bool(
            self._rows(
                connection,
                "select 1 from information_schema.tables "
                "where table_schema = ? and table_name = ? and table_catalog = current_database()",
                schema or "main",
                table_name,
            )
        )

    def get_schema_names(self, connection: Any, **arguments: Any) -> list[str]:
        sql = "select schema_name from duckdb_schemas() where database_name = current_database()"
        return [name for (name,) in self._rows(connection, sql)]

    def get_table_names(self, connection: Any, schema: str | None = None, **arguments: Any) -> list[str]:
        return self._relations(connection, "BASE TABLE", schema)

    def get_view_names(self, connection: Any, schema: str | None = None, **arguments: Any) -> list[str]:
        return self._relations(connection, "VIEW", schema)

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **arguments: Any) -> Any:
        rows = self._rows(
            connection,
            "select column_name, data_type, is_nullable from duckdb_columns() "
            "where schema_name = ? and table_name = ? and database_name = current_database() order by column_index",
            schema or "main",
            table_name,
        )
        if not rows:
            raise sa.exc.NoSuchTableError(f"{schema or 'main'}.{table_name}")
        return [
            {"name": name, "type": _type(kind), "nullable": bool(nullable), "default": None, "comment": None}
            for name, kind, nullable in rows
        ]

    def get_pk_constraint(self, *_: Any, **arguments: Any) -> Any:
        return {"constrained_columns": [], "name": None}

    def get_foreign_keys(self, *_: Any, **arguments: Any) -> Any:
        return []

    def get_indexes(self, *_: Any, **arguments: Any) -> Any:
        return []

    def get_unique_constraints(self, *_: Any, **arguments: Any) -> Any:
        return []

    def get_check_constraints(self, *_: Any, **arguments: Any) -> Any:
        return []

    def get_table_comment(self, *_: Any, **arguments: Any) -> Any:
        return {"text": None}

    def _relations(self, connection: Any, kind: str, schema: str | None) -> list[str]:
        sql = (
            "select table_name from information_schema.tables "
            "where table_type = ? and table_schema = ? and table_catalog = current_database()"
        )
        return [name for (name,) in self._rows(connection, sql, kind, schema or "main")]

    def _rows(self, connection: Any, sql: str, *parameters: Any) -> list[Any]:
        asked = (str(connection.engine.url), sql, parameters)
        if asked not in self._known:
            self._known[asked] = connection.exec_driver_sql(sql, parameters).fetchall()
        return self._known[asked]


def _type(name: str) -> Any:
    if name.startswith("DECIMAL("):
        precision, scale = name.removeprefix("DECIMAL(").removesuffix(")").split(",")
        return generic.NUMERIC(int(precision), int(scale))
    return _TYPES.get(name, generic.NullType)()


def url_of(path: Any, settings: Iterable[tuple[str, str]] = ()) -> str:
    """Where this dialect finds a DuckDB file. The settings are DuckDB's own."""
    query = dict(settings)
    return sa.URL.create(SCHEME, database=str(path), query=query).render_as_string(hide_password=False)


registry.register(SCHEME, __name__, "DuckDialect")
