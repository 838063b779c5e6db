"""The policy's CSV files as they are on disk: read row by row with their lines, and loaded into tables as dbt would.

What rows mean, and whether they agree with each other, is no matter of files: policy.py.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from revhouse.wording import counted, one_line, short

if TYPE_CHECKING:
    import duckdb

# What dbt takes for null in a seed, whatever the case.
_NULLS = ("", "null")
_MOST_PROBLEMS = 20
_LINE = "_line"


@dataclass(frozen=True)
class FileProblem:
    """Something for which a file cannot be used. Line 1 is the header."""

    path: Path
    line: int | None
    reason: str

    def __str__(self) -> str:
        place = short(self.path) if self.line is None else f"{short(self.path)}:{self.line}"
        return f"{place}: {self.reason}"


class PolicyUnreadable(Exception):
    """Files of the policy that cannot be used. The message names file, line and what to do."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        shown = "\n".join(f"  {problem}" for problem in problems[:_MOST_PROBLEMS])
        more = f"\n  and {len(problems) - _MOST_PROBLEMS:,} more" if len(problems) > _MOST_PROBLEMS else ""
        super().__init__(f"The policy cannot be read:\n{shown}{more}")
        self.problems = list(problems)


@dataclass(frozen=True)
class SeedFile:
    """The rows of one CSV file, and the line that each begins in."""

    path: Path
    columns: list[str]
    rows: list[list[str | None]]
    lines: list[int]

    @property
    def name(self) -> str:
        return self.path.stem

    def lines_of(self, row_key: str, key_columns: Sequence[str]) -> list[int]:
        """The lines of the rows whose key columns, joined by slashes, are this."""
        places = [self.columns.index(column) for column in key_columns if column in self.columns]
        return [
            line
            for line, row in zip(self.lines, self.rows, strict=True)
            if row_key in _row_keys([row[place] or "" for place in places])
        ]


def read_seed_files(folder: Path) -> dict[str, SeedFile]:
    """All CSV files of the folder by name; PolicyUnreadable if one of them is no proper CSV."""
    problems: list[FileProblem] = []
    found = {path.stem: _read(path, problems) for path in sorted(folder.glob("*.csv"))}
    if not found:
        problems.append(FileProblem(folder, None, "there is no CSV file in this folder"))
    if problems:
        raise PolicyUnreadable(problems)
    return {name: file for name, file in found.items() if file}


def load_seed_files(
    connection: "duckdb.DuckDBPyConnection", files: Mapping[str, SeedFile], types: Mapping[str, Mapping[str, str]]
) -> None:
    """Make a table in schema `policy` of each file; PolicyUnreadable where columns or values are not as described.

    `types` says for each seed, in order, which columns it has and of which type.
    """
    problems: list[FileProblem] = []
    for name, file in files.items():
        if name not in types:
            reason = "this file is not described: give it its columns in a YAML file beside it, or remove it"
            problems.append(FileProblem(file.path, None, reason))
        else:
            problems += _differing_columns(file, list(types[name]))
    if problems:
        raise PolicyUnreadable(problems)
    connection.execute("create schema if not exists policy")
    for file in files.values():
        problems += _load(connection, file, types[file.name])
    if problems:
        raise PolicyUnreadable(problems)


def _row_keys(values: Sequence[str]) -> set[str]:
    """How the tables may call the row: a column of fractions has 0.0 where the file has 0."""
    fractions = [f"{float(value)}" if value.isdecimal() else value for value in values]
    return {"/".join(values), "/".join(fractions)}


def _read(path: Path, problems: list[FileProblem]) -> SeedFile | None:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problems.append(FileProblem(path, line, "this is not UTF-8: save the file as CSV in UTF-8"))
        return None
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    rows: list[list[str | None]] = []
    lines: list[int] = []
    columns: list[str] = []
    began = 1
    try:
        for fields in reader:
            if not columns:
                columns = fields
                problems += _bad_header(path, columns)
            elif not fields:
                problems.append(FileProblem(path, began, "the line is empty: remove it"))
            elif len(fields) != len(columns):
                reason = (
                    f"{counted(len(fields), 'field')}, and the header has {len(columns)}. A field that holds a comma "
                    "has to stand in double quotes"
                )
                problems.append(FileProblem(path, began, reason))
            else:
                rows.append([None if field.strip().lower() in _NULLS else field for field in fields])
                lines.append(began)
            began = reader.line_num + 1
    except csv.Error as error:
        reason = f"{error}. Look for a double quote that is not closed or not doubled, here or before"
        problems.append(FileProblem(path, began, reason))
        return None
    if not columns:
        problems.append(FileProblem(path, None, "the file is empty: its first line has to name the columns"))
    return SeedFile(path, columns, rows, lines)


def _bad_header(path: Path, columns: Sequence[str]) -> Iterator[FileProblem]:
    if len(columns) == 1 and ";" in columns[0]:
        yield FileProblem(path, 1, "columns are separated by semicolons: save the file with commas")
    for name, count in Counter(columns).items():
        if count > 1:
            yield FileProblem(path, 1, f"the column {name!r} is there {count} times: leave one of them")


def _differing_columns(file: SeedFile, expected: Sequence[str]) -> Iterator[FileProblem]:
    missing = [name for name in expected if name not in file.columns]
    unknown = [name for name in file.columns if name not in expected]
    for name in missing:
        yield FileProblem(file.path, 1, f"the column {name!r} is missing. Columns are: {', '.join(expected)}")
    for name in unknown:
        yield FileProblem(file.path, 1, f"there is no column {name!r} here. Columns are: {', '.join(expected)}")


def _load(connection: "duckdb.DuckDBPyConnection", file: SeedFile, types: Mapping[str, str]) -> Iterator[FileProblem]:
    """Load the file, unless a value cannot be what its column is."""
    texts = ", ".join(f'"{column}" varchar' for column in file.columns)
    connection.execute(f'create or replace temp table read_rows ("{_LINE}" integer, {texts})')
    if file.rows:
        rows = ", ".join(_values([str(line), *row]) for line, row in zip(file.lines, file.rows, strict=True))
        connection.execute(f"insert into read_rows values {rows}")
    wrong = False
    for column, data_type in types.items():
        misfits = connection.execute(
            f'select "{_LINE}", "{column}" from read_rows where "{column}" is not null '
            f'and try_cast("{column}" as {data_type}) is null order by 1'
        ).fetchall()
        for line, value in misfits:
            wrong = True
            yield FileProblem(file.path, line, f"{column} is {one_line(value, 60)!r}, which is no {data_type}")
    if not wrong:
        columns = ", ".join(f'cast("{column}" as {data_type}) as "{column}"' for column, data_type in types.items())
        connection.execute(f'create or replace table policy."{file.name}" as select {columns} from read_rows')


def _values(fields: Sequence[str | None]) -> str:
    return "(" + ", ".join("null" if field is None else "'" + field.replace("'", "''") + "'" for field in fields) + ")"
