"""SQL that turns the text of an export into typed values, and says which texts are not of the type.

Every expression is set-based and free of side effects. Where the text comes from is decided in reading.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.contract import ColumnContract, TableContract

SQL_TYPES = {
    "text": "varchar",
    "salesforce_id": "varchar",
    "integer": "bigint",
    "decimal": "decimal(28, 6)",
    "double": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "json": "json",
}

_NOT_OF_TYPE = {
    "salesforce_id": "bad_salesforce_id",
    "integer": "not_a_number",
    "decimal": "not_a_number",
    "double": "not_a_number",
    "boolean": "not_a_boolean",
    "date": "not_a_date",
    "timestamp": "not_a_timestamp",
    "json": "not_json",
}

# DuckDB takes "infinity" for a date and "nan" for a number; no export means either.
_CAN_BE_INFINITE = ("double", "date", "timestamp")

# Numeric dates whose order of day and month cannot be told from the text: 03/04/2026, 3.4.26.
_DAY_OR_MONTH_FIRST = r"^\s*\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}(\s.*)?$"


@dataclass(frozen=True)
class TypedColumn:
    """How one column is read: SQL for its value from the source's columns, and SQL for the reason code that it deserves.

    `problem` refers to the value by value_name, so that no text is cast twice; it is null where nothing is wrong.
    """

    name: str
    text: str
    value: str
    problem: str


def sql_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def sql_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def typed_column(
    source: str, column: ColumnContract, table: TableContract, native_type: str = "VARCHAR"
) -> TypedColumn:
    """`source` is SQL that yields what the file holds, null where it says nothing: text, or a Parquet file's own type."""
    native = _native_value(source, column.type, native_type, table)
    text = source if native_type == "VARCHAR" else f"({source})::varchar"
    value = value_name(column.name)
    problem = "null"
    not_of_type = None if native else _not_of_type(text, column.type)
    if not_of_type:
        unusable = f"{value} is null"
        if column.type in _CAN_BE_INFINITE:
            unusable = f"({unusable} or not isfinite({value}))"
        problem = f"case when {unusable} and {text} is not null then {not_of_type} end"
    bounds = []
    if column.minimum is not None:
        bounds.append(f"{value} < {column.minimum}")
    if column.maximum is not None:
        bounds.append(f"{value} > {column.maximum}")
    if bounds:
        problem = f"coalesce({problem}, case when {' or '.join(bounds)} then 'out_of_range' end)"
    if column.required:
        code = "missing_key" if column.name in table.key else "missing_value"
        problem = f"coalesce({problem}, case when {value} is null then '{code}' end)"
    return TypedColumn(column.name, text, native or _value(text, column, table), problem)


def value_name(column: str) -> str:
    """What a column's value is called while its row is checked; the source's own columns are called c0, c1, …"""
    return sql_name("v_" + column)


def absent_column(column: ColumnContract) -> TypedColumn:
    return TypedColumn(column.name, "null", f"null::{SQL_TYPES[column.type]}", "null")


def _native_value(source: str, type_name: str, native_type: str, table: TableContract) -> str | None:
    """A Parquet column that already has the contract's type needs no detour through text."""
    family = native_type.split("(")[0]
    whole = family in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
    match type_name:
        case "timestamp" if family == "TIMESTAMP WITH TIME ZONE":
            return f"({source} at time zone 'UTC')"
        case "timestamp" if family in ("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S", "DATE"):
            return _in_declared_zone(f"cast({source} as timestamp)", table)
        case "date" if family in ("DATE", "TIMESTAMP"):
            return f"cast({source} as date)"
        case "integer" if whole:
            return f"cast({source} as bigint)"
        case "double" if whole or family in ("DOUBLE", "FLOAT", "DECIMAL"):
            return f"(case when isfinite(cast({source} as double)) then cast({source} as double) end)"
        case "boolean" if family == "BOOLEAN":
            return source
        case "json" if family in ("STRUCT", "MAP", "JSON") or native_type.endswith("[]"):
            return f"to_json({source})"
    return None


def _value(text: str, column: ColumnContract, table: TableContract) -> str:
    match column.type:
        case "text":
            return text
        case "integer":
            # A plain cast rounds 1.5 to 2; "2.0" is a whole number, "1.5" is not.
            return (
                f"(case when contains({text}, '.') "
                f"then case when try_cast({text} as decimal(38, 6)) = trunc(try_cast({text} as decimal(38, 6))) "
                f"then try_cast(trunc(try_cast({text} as decimal(38, 6))) as bigint) end "
                f"else try_cast({text} as bigint) end)"
            )
        case "decimal":
            return f"try_cast({text} as decimal(28, 6))"
        case "double":
            return f"try_cast({text} as double)"
        case "boolean":
            return (
                f"(case when lower({text}) in ('true', 't', 'yes', 'y', '1') then true "
                f"when lower({text}) in ('false', 'f', 'no', 'n', '0') then false end)"
            )
        case "date":
            return _date(text, table)
        case "timestamp":
            return _timestamp(text, column, table)
        case "json":
            return f"(case when json_valid({text}) then {text}::json end)"
        case "salesforce_id":
            return _salesforce_id(text)
    raise ValueError(f"unknown contract type {column.type!r}")


def _not_of_type(text: str, type_name: str) -> str | None:
    if type_name == "text":
        return None
    code = _NOT_OF_TYPE[type_name]
    if type_name == "salesforce_id":
        # All zeros is how Salesforce writes "no record": an empty reference, not a damaged one.
        return f"case when {text} not similar to '0+(AAA)?' then '{code}' end"
    if type_name in ("date", "timestamp"):
        return f"case when regexp_matches({text}, {sql_literal(_DAY_OR_MONTH_FIRST)}) " + (
            f"and {_could_be_two_days(text)} then 'ambiguous_date' else '{code}' end"
        )
    return f"'{code}'"


def _could_be_two_days(text: str) -> str:
    """True for 03/04/2026 (two readings), false for 31/02/2026 (none) and 13/04/2026 (one, but undeclared)."""
    first = f"try_cast(regexp_extract({text}, '(\\d+)[/.\\-](\\d+)', 1) as integer)"
    second = f"try_cast(regexp_extract({text}, '(\\d+)[/.\\-](\\d+)', 2) as integer)"
    return f"({first} between 1 and 12 and {second} between 1 and 12 and {first} <> {second})"


def _layouts(text: str, table: TableContract) -> str | None:
    """The declared layouts' reading of a text; null when two of them read two different moments."""
    if not table.date_layouts:
        return None
    readings = [f"try_strptime({text}, {sql_literal(layout)})" for layout in table.date_layouts]
    if len(readings) == 1:
        return readings[0]
    listed = ", ".join(readings)
    return f"(case when least({listed}) = greatest({listed}) then least({listed}) end)"


def _date(text: str, table: TableContract) -> str:
    """The calendar day as written. A date never passes through a time zone: midnight in Denver is not the day before
    just because a tool wrote it as 00:00 with an offset."""
    readings = [f"try_cast({text} as date)"]
    readings.append(f"try_cast({_epoch(text)} as date)")
    layouts = _layouts(text, table)
    if layouts:
        readings.append(f"try_cast({layouts} as date)")
    return f"coalesce({', '.join(readings)})"


def _timestamp(text: str, column: ColumnContract, table: TableContract) -> str:
    """UTC. Epoch digits and a text with an offset or a Z say their zone; any other is in the export's declared zone."""
    # A cast to TIMESTAMP ignores an offset silently, so texts that carry one take the slower zoned cast. The usual Z is
    # told first and costs nothing; else a plus sign anywhere, or a minus sign after the date's own two.
    says_utc = f"suffix({text}, 'Z')"
    with_offset = f"(contains({text}, '+') or {text} like '____-__-__%-%')"
    naive = f"try_cast({text} as timestamp)"
    # Ruby and Go write a space before the offset, which DuckDB does not take.
    closed_up = f"regexp_replace({text}, '\\s+([+-]\\d{{2}}:?\\d{{2}})$', '\\1')"
    zoned = f"(coalesce(try_cast({text} as timestamptz), try_cast({closed_up} as timestamptz)) at time zone 'UTC')"
    local = f"case when suffix({text}, ' UTC') then {naive} else {_in_declared_zone(naive, table)} end"
    iso = (
        f"(case when {says_utc} then {naive} when {with_offset} then {zoned} "
        f"else {naive if table.timezone == 'UTC' else local} end)"
    )
    epoch = _epoch(text)
    readings = [iso, _in_declared_zone(epoch, table) if column.is_local_epoch else epoch]
    layouts = _layouts(text, table)
    if layouts:
        readings.append(_in_declared_zone(layouts, table))
    return f"coalesce({', '.join(readings)})"


def _in_declared_zone(moment: str, table: TableContract) -> str:
    """UTC of a local time. One that a spring-forward skipped is read as the moment an hour later; of one that occurs
    twice in autumn, the later (standard time) is taken."""
    if table.timezone == "UTC":
        return moment
    return f"(timezone({sql_literal(table.timezone)}, {moment}) at time zone 'UTC')"


def _epoch(text: str) -> str:
    """Seconds (10 digits, a fraction allowed), milliseconds (13) or microseconds (16) since 1970."""
    whole = f"try_cast({text} as bigint)"
    return (
        f"(case when regexp_full_match({text}, '\\d{{9,10}}(\\.\\d+)?') "
        f"then make_timestamp(cast(round(try_cast({text} as double) * 1000000) as bigint)) "
        f"when regexp_full_match({text}, '\\d{{12,13}}') then make_timestamp({whole} * 1000) "
        f"when regexp_full_match({text}, '\\d{{15,16}}') then make_timestamp({whole}) end)"
    )


def _salesforce_id(text: str) -> str:
    """The 18-character form of a 15- or 18-character id.

    The last three characters encode which of each five characters are capitals; ids that differ by case only are
    different records, so an 18-character id whose suffix does not fit has been damaged and is not repaired by guess.
    """
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    suffix = " || ".join(
        f"substr('{alphabet}', 1 + "
        + " + ".join(
            f"(case when ascii(substr({text}, {5 * chunk + place + 1}, 1)) between 65 and 90 then {2**place} else 0 end)"
            for place in range(5)
        )
        + ", 1)"
        for chunk in range(3)
    )
    well_formed = f"regexp_full_match({text}, '[A-Za-z0-9]{{15}}([A-Z0-5]{{3}})?')"
    not_empty = f"not regexp_full_match({text}, '0{{15}}(AAA)?')"
    return (
        f"(case when {well_formed} and {not_empty} "
        f"and (strlen({text}) = 15 or substr({text}, 16) = ({suffix})) "
        f"then substr({text}, 1, 15) || ({suffix}) end)"
    )
