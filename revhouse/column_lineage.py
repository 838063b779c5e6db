"""Which columns a model's columns are made from, read from the SQL that dbt compiled. Nothing is queried."""

from collections.abc import Iterator, Mapping
from typing import Any

Columns = Mapping[str, str]
Origins = dict[str, list[tuple[str, str]]]


class LineageUnknown(Exception):
    """The SQL could not be followed; the message says why."""


def column_origins(sql: str, parents: Mapping[str, Columns]) -> Origins:
    """For each column of a query, the columns of its parents that its value comes from, as (relation, column).

    `parents` are the relations that the query reads, by `schema.name`, with the types of their columns. Columns that only
    filter, join or order count for nothing.
    """
    # It takes a while to import, and only Dagster asks.
    import sqlglot
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope

    schema: dict[str, Any] = {}
    for relation, columns in parents.items():
        folder, name = relation.split(".")
        schema.setdefault(folder, {})[name] = columns
    try:
        query = sqlglot.parse_one(sql, dialect="duckdb")
        for table in query.find_all(sqlglot.exp.Table):
            table.set("catalog", None)  # there is one database, whose name is that of the file
        qualified = qualify(query, schema=schema, dialect="duckdb", validate_qualify_columns=False, identify=False)
        root: Any = build_scope(qualified)
        if root is None:
            raise LineageUnknown("it is no query")
        trail = _Trail()
        return {
            name: sorted(
                (relation, column)
                for relation, column in trail.of_output(root, place)
                if column in parents.get(relation, ())
            )
            for place, name in enumerate(root.expression.named_selects)
        }
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise LineageUnknown(str(error)) from error


class _Trail:
    """Follows columns through a query's parts, each once. sqlglot's own lineage copies the query for every column."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], set[tuple[str, str]]] = {}

    def of_output(self, scope: Any, place: int) -> set[tuple[str, str]]:
        """What the column at a place of a query's select comes from."""
        asked = id(scope), place
        if asked not in self._found:
            self._found[asked] = set()  # a recursive query comes back to where it began
            if scope.set_operation_scopes:
                found = [self.of_output(part, place) for part in _united(scope)]
            else:
                found = [self._of_column(scope, column) for column in _columns(scope.expression.selects[place])]
            self._found[asked] = set().union(*found)
        return self._found[asked]

    def _of_column(self, scope: Any, column: Any) -> set[tuple[str, str]]:
        source = scope.sources.get(column.table)
        for part in scope.subquery_scopes:  # a query in the midst of an expression
            source = source or part.sources.get(column.table)
        if source is None:
            return set()
        if hasattr(source, "sources"):
            names = source.expression.named_selects
            return self.of_output(source, names.index(column.name)) if column.name in names else set()
        return {(f"{source.db}.{source.name}", column.name)}


def _united(scope: Any) -> Iterator[Any]:
    """The queries that a set operation is made of. Of many unions in a row, each holds the ones before it."""
    waiting = [scope]
    while waiting:
        part = waiting.pop()
        if part.set_operation_scopes:
            waiting.extend(part.set_operation_scopes)
        else:
            yield part


def _columns(expression: Any) -> Iterator[Any]:
    from sqlglot import exp

    return iter(expression.find_all(exp.Column))
