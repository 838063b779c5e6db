"""SQL that reads one landed file as a relation, row by row in file order, and finds a row's original text again.

The relation's columns are text (or a Parquet file's own types); what they should be is casting.py's business.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ingestion import lines
from ingestion.casting import TypedColumn, absent_column, sql_literal, sql_name, typed_column
from ingestion.contract import TableContract
from ingestion.inspection import (
    Content,
    FileRefused,
    Shape,
    SourceColumn,
    map_columns,
    parse_samples,
    sample_json_lines,
    shape_of_csv,
    shape_of_records,
    with_key,
)

_REJECTS, _REJECT_SCANS = "file_rejects", "file_reject_scans"
_RECORDS = "file_records"
_SAMPLE_RECORDS = 1000


@dataclass(frozen=True)
class RejectedRecord:
    """A record that could not even be split into columns."""

    line: int
    reason_code: str
    reason: str
    text: str


@dataclass
class Source:
    """One file as a relation: `sql` yields c0, c1, … in file order."""

    sql: str
    shape: Shape
    columns: list[TypedColumn]
    extra: str
    kind: str
    content: Content
    delimiter: str = ","
    line_of_record: Sequence[int] | None = None
    already_rejected: list[RejectedRecord] = field(default_factory=list)


def open_source(connection: duckdb.DuckDBPyConnection, kind: str, content: Content, table: TableContract) -> Source:
    match kind:
        case "csv":
            return _csv_source(content, shape_of_csv(content, table), table)
        case "jsonl":
            return _json_lines_source(content, shape_of_records(sample_json_lines(content), table), table)
        case "json":
            return _json_source(connection, content, table)
        case "parquet":
            return _parquet_source(connection, content, table)
    raise ValueError(f"unknown file format {kind!r}")


def _source(
    inner: str, texts: Mapping[SourceColumn, str], shape: Shape, table: TableContract, kind: str, content: Content
) -> Source:
    columns = []
    for contract_column in table.columns:
        found = shape.mapped.get(contract_column.name)
        if found is None:
            columns.append(absent_column(contract_column))
        else:
            columns.append(typed_column(texts[found], contract_column, table, found.native_type))
    extra = "null::json"
    if shape.unknown:
        members = ", ".join(f"{sql_literal(column.name)}, {texts[column]}" for column in shape.unknown)
        # Merging into an empty object drops the members that are null, so an unused custom field costs nothing.
        extra = f"nullif(json_merge_patch('{{}}', json_object({members})), '{{}}'::json)"
    return Source(inner, shape, columns, extra, kind, content, shape.delimiter)


# --- CSV -------------------------------------------------------------------------------------------------------------


def _csv_source(content: Content, shape: Shape, table: TableContract) -> Source:
    return _source(
        _csv_sql(content, shape, table),
        {column: f"c{place}" for place, column in enumerate(shape.source)},
        shape,
        table,
        "csv",
        content,
    )


def _csv_sql(content: Content, shape: Shape, table: TableContract) -> str:
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(shape.source)))
    nulls = ", ".join(sql_literal(marker) for marker in table.null_markers) or "''"
    return (
        f"select * from read_csv({sql_literal(str(content.path))}, columns = {{{columns}}}, auto_detect = false, "
        f"header = true, delim = {sql_literal(shape.delimiter)}, quote = '\"', escape = '\"', nullstr = [{nulls}], "
        f"strict_mode = true, store_rejects = true, rejects_table = '{_REJECTS}', rejects_scan = '{_REJECT_SCANS}', "
        f"rejects_limit = 0)"
    )


def forget_rejects(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"drop table if exists temp.{_REJECTS}")
    connection.execute(f"drop table if exists temp.{_REJECT_SCANS}")


def rejected_records(connection: duckdb.DuckDBPyConnection, source: Source) -> list[RejectedRecord]:
    """Records that DuckDB could not split; raises lines.QuoteDamage where it may have swallowed good ones with a bad."""
    if source.kind != "csv":
        return []
    rows = connection.execute(
        f"select line_byte_position - 1, list(distinct error_type::varchar), any_value(error_message) "
        f"from temp.{_REJECTS} group by all order by 1"
    ).fetchall()
    if not rows:
        return []
    kinds = {kind for _, found, _ in rows for kind in found}
    if kinds & {"UNQUOTED VALUE", "LINE SIZE OVER MAXIMUM"}:
        raise lines.QuoteDamage
    located = lines.records_at(source.content.path, [position for position, _, _ in rows])
    rejected = []
    for (_, found, message), (line, text) in zip(rows, located, strict=True):
        if "INVALID ENCODING" in found:
            rejected.append(RejectedRecord(line, "bad_encoding", "holds bytes that are not valid UTF-8", text))
        else:
            expected = f"expected {len(source.shape.source)} columns as in the header"
            rejected.append(RejectedRecord(line, "wrong_column_count", f"{expected}; {message}", text))
    return rejected


def repaired_csv_source(source: Source, table: TableContract, workspace_file: Path) -> Source:
    """The same file with its damaged lines set aside, so that one stray quote does not swallow the lines after it."""
    repaired = lines.rewrite(source.content.path, workspace_file, source.delimiter, len(source.shape.source))
    content = Content(workspace_file, source.content.sha256, source.content.encoding, source.content.ends_with_newline)
    again = _csv_source(content, source.shape, table)
    again.line_of_record = repaired.line_of_record
    again.already_rejected = [
        RejectedRecord(line, code, reason, text) for line, code, reason, text in repaired.rejected
    ]
    return again


# --- JSON ------------------------------------------------------------------------------------------------------------


def _json_lines_source(content: Content, shape: Shape, table: TableContract) -> Source:
    tops: dict[str, str] = {}
    for column in shape.source:
        # read_json's column names are case-insensitive; of two keys that differ by case only, the first is read.
        if column.path[0].lower() not in {top.lower() for top in tops}:
            tops[column.path[0]] = f"t{len(tops)}"
    needed = [column for column in shape.source if column in set(shape.mapped.values()) | set(shape.unknown)]
    needed = [column for column in needed if column.path[0] in tops]
    read = ", ".join(f"{sql_literal(top)}: 'VARCHAR'" for top in tops)
    renamed = ", ".join(f"{sql_name(top)} as {short}" for top, short in tops.items())
    reader = (
        f"select {renamed} from read_json({sql_literal(str(content.path))}, columns = {{{read}}}, "
        f"format = 'newline_delimited', ignore_errors = true)"
    )
    texts = {}
    selected = []
    for place, column in enumerate(needed):
        texts[column] = f"c{place}"
        top = tops[column.path[0]]
        value = top if len(column.path) == 1 else f"json_extract_string({top}, {_json_path(column.path[1:])})"
        selected.append(f"{_without_markers(value, table)} as c{place}")
    inner = f"select {', '.join(selected)} from ({reader})"
    texts.update({column: "null" for column in shape.source if column not in texts})
    return _source(inner, texts, shape, table, "jsonl", content)


def _json_source(connection: duckdb.DuckDBPyConnection, content: Content, table: TableContract) -> Source:
    """A whole JSON document (or several): an array of records, or pages that hold their records under a known name."""
    pages = " ".join(
        f"when json_type(json, {_json_path(path.split('.'))}) = 'ARRAY' "
        f"then json_extract(json, {_json_path(path.split('.'), '[*]')})"
        for path in table.records_at
    )
    try:
        connection.execute(
            f"create or replace temp table {_RECORDS} as "
            f"select row_number() over () as ordinal, record from (select unnest(case "
            f"when json_type(json) = 'ARRAY' then json_extract(json, '$[*]') {pages} else [json] end) as record "
            f"from read_json_objects({sql_literal(str(content.path))}, format = 'unstructured', "
            f"maximum_object_size = {max(content.path.stat().st_size + 1024, 1 << 20)}))"
        )
    except duckdb.InvalidInputException as error:
        # "… Malformed JSON in file "<path>", at byte 55 in record/value 2: unexpected character. …": the path is known.
        said = str(error).splitlines()[0]
        message = said.split('", ', 1)[-1].removeprefix("Invalid Input Error: ").strip(" .")
        code = "half_written" if "unexpected end of data" in message else "unreadable_json"
        raise FileRefused(code, f"is not whole JSON ({message}): deliver it again") from error
    sample = connection.execute(
        f"select record::varchar from {_RECORDS} order by ordinal limit {_SAMPLE_RECORDS}"
    ).fetchall()
    if not sample:
        shape = Shape("", (), {}, ())
        return _source(f"select record from {_RECORDS}", {}, shape, table, "json", content)
    shape = shape_of_records(parse_samples([text for (text,) in sample]), table)
    paths = ", ".join(_json_path(column.path) for column in shape.source)
    selected = ", ".join(
        f"{_without_markers(f'members[{place + 1}]', table)} as c{place}" for place in range(len(shape.source))
    )
    inner = (
        f"select {selected} from (select ordinal, json_extract_string(record, [{paths}]) as members from {_RECORDS}) "
        f"order by ordinal"
    )
    texts = {column: f"c{place}" for place, column in enumerate(shape.source)}
    return _source(inner, texts, shape, table, "json", content)


def _json_path(path: Collection[str], tail: str = "") -> str:
    steps = "".join('."' + step.replace("\\", "\\\\").replace('"', '\\"') + '"' for step in path)
    return sql_literal(f"${steps}{tail}")


def _without_markers(value: str, table: TableContract) -> str:
    """Null where the text is a null marker. The length is looked at first because it is known without comparing."""
    if not table.null_markers:
        return value
    markers = ", ".join(sql_literal(marker) for marker in table.null_markers)
    longest = max(len(marker.encode()) for marker in table.null_markers)
    return f"(case when strlen({value}) <= {longest} and {value} in ({markers}) then null else {value} end)"


# --- Parquet ---------------------------------------------------------------------------------------------------------


def _parquet_source(connection: duckdb.DuckDBPyConnection, content: Content, table: TableContract) -> Source:
    reader = f"read_parquet({sql_literal(str(content.path))})"
    try:
        described = connection.execute(f"describe select * from {reader}").fetchall()
    except duckdb.Error as error:
        raise FileRefused(
            "unreadable_parquet", f"cannot be opened as Parquet ({str(error).splitlines()[0]})"
        ) from error
    source: list[SourceColumn] = []
    texts: dict[SourceColumn, str] = {}
    reached_into = {alias.split(".")[0].lower() for column in table.columns for alias in column.aliases if "." in alias}
    for name, native, *_ in described:
        column = SourceColumn(name, (name,), native)
        source.append(column)
        if name.lower() in reached_into:
            source.extend(_members(name, native, table))
    selected = []
    for place, column in enumerate(source):
        texts[column] = f"c{place}"
        if len(column.path) == 1:
            value = sql_name(column.name)
        else:
            value = f"json_extract_string({sql_name(column.path[0])}::json, {_json_path(column.path[1:])})"
        if column.native_type == "VARCHAR":
            value = _without_markers(value, table)
        selected.append(f"{value} as c{place}")
    shape = map_columns(source, table, "")
    if not shape.mapped:
        raise FileRefused(
            "unrecognised_header",
            f"has columns {', '.join(column.name for column in source)}, none of {table.raw_name}",
        )
    return _source(
        f"select {', '.join(selected)} from {reader}", texts, with_key(shape, table), table, "parquet", content
    )


def _members(top: str, native: str, table: TableContract) -> list[SourceColumn]:
    """The members of a struct or JSON column that the contract asks for by path."""
    paths = {
        tuple(alias.split("."))
        for column in table.columns
        for alias in column.aliases
        if "." in alias and alias.split(".")[0].lower() == top.lower()
    }
    return [SourceColumn(".".join((top, *path[1:])), (top, *path[1:])) for path in sorted(paths)]


# --- Finding a record again ------------------------------------------------------------------------------------------


def find_records(
    connection: duckdb.DuckDBPyConnection, source: Source, wanted: str, rejected_lines: Collection[int]
) -> None:
    """Make the temp table found_records (ordinal, line, text): line and original text of the n-th records read, from 1.

    `wanted` is a table with a column `ordinal`. Only files with bad rows pay for this second look.
    """
    path = sql_literal(str(source.content.path))
    if source.kind == "json":
        found = f"select ordinal, null::bigint as line, record::varchar as text from {_RECORDS} semi join {wanted} using (ordinal)"
    elif source.kind == "parquet":
        found = (
            f"select file_row_number + 1 as ordinal, null::bigint as line, "
            f"to_json(struct_pack(*columns(* exclude (file_row_number))))::varchar as text "
            f"from read_parquet({path}, file_row_number = true) "
            f"where file_row_number + 1 in (select ordinal from {wanted})"
        )
    else:
        _find_lines(connection, source, wanted, rejected_lines)
        return
    connection.execute(f"create or replace temp table found_records as {found}")


def _find_lines(
    connection: duckdb.DuckDBPyConnection, source: Source, wanted: str, rejected_lines: Collection[int]
) -> None:
    ordinals = [ordinal for (ordinal,) in connection.execute(f"select ordinal from {wanted}").fetchall()]
    if source.line_of_record is not None:
        # A repaired copy holds none of the rejected lines, and knows where its records stood in the file delivered.
        rejected_lines = ()
    found = lines.find_records(source.content.path, ordinals, rejected_lines, quoted=source.kind == "csv")
    places = source.line_of_record
    connection.execute(
        "create or replace temp table found_records as select unnest($1::bigint[]) as ordinal, unnest($2::bigint[]) as line, "
        "unnest($3::varchar[]) as text",
        [
            [ordinal for ordinal, _, _ in found],
            [line if places is None else places[ordinal] for ordinal, line, _ in found],
            [text for _, _, text in found],
        ],
    )
