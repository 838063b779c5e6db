"""Which columns a model's columns are made from, read from the SQL that dbt compiled. Nothing is queried."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

Columns = Mapping[str, str]
Origins = dict[str, list[tuple[str, str]]]


# A day's SQL differs from the next day's by its literals, from which no column comes.
_LITERAL = re.compile(r"'(?:[^']|'')*'")


class LineageUnknown(Exception):
    """The SQL could not be followed; the message says why."""


class LineageNotes:
    """What was found out before, in a file: following a query takes longer than many a query."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._changed = False
        try:
            self._known: dict[str, Origins] = json.loads(place.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            self._known = {}

    def origins(self, sql: str, parents: Mapping[str, Columns]) -> Origins:
        """See column_origins."""
        sql = _LITERAL.sub("''", sql)
        key = hashlib.sha256(json.dumps([sql, parents], sort_keys=True).encode()).hexdigest()
        if key not in self._known:
            self._known[key] = column_origins(sql, parents)
            self._changed = True
        return self._known[key]

    def save(self) -> None:
        if self._changed:
            written = self._place.with_suffix(".new")
            written.write_text(json.dumps(self._known), encoding="utf-8")
            written.replace(self._place)


def column_origins(sql: str, parents: Mapping[str, Columns]) -> Origins:
    """For each column of a query, the columns of its parents that its value comes from, as (relation, column).

    `parents` are the relations that the query reads, by `schema.name`, with the types of their columns. Columns that only
    filter, join or order count for nothing.
    """
    # It takes a while to import, and only Dagster asks.
    import sqlglot
    from sqlglot import exp
    from sqlglot.lineage import lineage

    schema: dict[str, dict[str, Columns]] = {}
    for relation, columns in parents.items():
        folder, name = relation.split(".")
        schema.setdefault(folder, {})[name] = columns
    try:
        query = sqlglot.parse_one(sql, dialect="duckdb")
        for table in query.find_all(exp.Table):
            table.set("catalog", None)  # there is one database, whose name is that of the file
        nodes = lineage(None, query, schema, dialect="duckdb", copy=False)
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise LineageUnknown(str(error)) from error
    origins: Origins = {}
    for column, root in nodes.items():
        found = set()
        for node in root.walk():
            if not node.downstream and isinstance(node.expression, exp.Table):
                found.add((f"{node.expression.db}.{node.expression.name}", exp.to_column(node.name).name))
        origins[column] = sorted(_known(found, parents))
    return origins


def _known(found: Iterable[tuple[str, str]], parents: Mapping[str, Columns]) -> list[tuple[str, str]]:
    return [(relation, column) for relation, column in found if column in parents.get(relation, ())]
