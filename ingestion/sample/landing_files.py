"""Writing export files: formats, wrappers, encodings, and a register of what was written.

Knows nothing about the company. Every file is written in the order of a unique key, so its bytes depend on nothing else.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import duckdb

# Records per file of a JSON document: what a paged API export is usually split into, and what a reader can hold.
RECORDS_PER_DOCUMENT = 10_000


class LandingFiles:
    """The landing folder while it is being filled. Counts the rows of each file in sim.files."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
        self.connection = connection
        self.landing = landing

    def start(self) -> None:
        self.connection.execute(
            "create table sim.files (path varchar primary key, system varchar, instance varchar, table_name varchar, "
            "delivered_on date, rows_in bigint, footer_lines integer)"
        )

    def csv(
        self,
        path: str,
        query: str,
        order_by: str,
        *,
        delivered_on: date,
        table: str,
        null: str = "",
        delimiter: str = ",",
        quote_all: bool = True,
    ) -> None:
        quoting = ", force_quote *" if quote_all else ""
        options = f"format csv, header, delimiter '{delimiter}', nullstr '{null}'{quoting}"
        self._copy(path, query, order_by, options, delivered_on, table)

    def json_lines(self, path: str, query: str, order_by: str, *, delivered_on: date, table: str) -> None:
        self._copy(path, query, order_by, "format json", delivered_on, table)

    def parquet(self, path: str, query: str, order_by: str, *, delivered_on: date, table: str) -> None:
        self._copy(path, query, order_by, "format parquet, compression zstd", delivered_on, table)

    def json_document(
        self,
        path: str,
        query: str,
        order_by: str,
        *,
        delivered_on: date,
        table: str,
        records_at: str | None = None,
        always_in_parts: int = 1,
    ) -> None:
        """One JSON document, or several numbered ones where there are too many records for one.

        `records_at` names the member that holds the records; without it the document is the array itself.
        """
        counted = self.connection.execute(f"select count(*) from ({query})").fetchone()
        assert counted is not None
        rows = int(counted[0])
        parts = max(always_in_parts, -(-rows // RECORDS_PER_DOCUMENT))
        size = -(-rows // parts) if rows else 0
        for part in range(parts):
            named = path if parts == 1 else path.replace(".json", f"_part{part + 1}.json")
            page = f"select * from ({query}) order by {order_by} limit {size} offset {part * size}"
            self._copy(named, page, order_by, "format json, array true", delivered_on, table)
            if records_at:
                self._wrap(named, records_at)

    def text(
        self, path: str, content: bytes, *, delivered_on: date, table: str | None, rows: int | None = None
    ) -> None:
        """A file that no query writes: settings, garbage."""
        self._path(path).write_bytes(content)
        self._register(path, delivered_on, table, rows)

    def folder(self, path: str) -> None:
        (self.landing / path).mkdir(parents=True)

    def encode(self, path: str, encoding: str) -> None:
        """Rewrite a UTF-8 file in another encoding; utf-8-sig and utf-16 get their byte order mark."""
        file = self._path(path)
        content = file.read_bytes().decode("utf-8")
        if encoding == "utf-16":
            # Named little-endian, so that the bytes do not depend on the machine.
            file.write_bytes(codecs.BOM_UTF16_LE + content.encode("utf-16-le"))
        else:
            file.write_bytes(content.encode(encoding))

    def append_lines(self, path: str, lines: Sequence[bytes], *, rows: int | None = None) -> list[int]:
        """Add raw lines at the end of a text file; the number of the line on which each begins.

        They count as so many rows, or, without a number, as one each.
        """
        file = self._path(path)
        added = b"".join(line + b"\n" for line in lines)
        if path.endswith(".gz"):
            content = gzip.decompress(file.read_bytes())
            first = content.count(b"\n") + 1
            file.write_bytes(compressed(content + added))
        else:
            first = _count_newlines(file) + 1
            with file.open("ab") as out:
                out.write(added)
        self.connection.execute(
            "update sim.files set rows_in = rows_in + ? where path = ?", [len(lines) if rows is None else rows, path]
        )
        numbers = []
        for line in lines:
            numbers.append(first)
            first += line.count(b"\n") + 1
        return numbers

    def csv_line(self, path: str, values: Mapping[str, str], *, delimiter: str = ",") -> bytes:
        """A line for this CSV file with the given values in their columns and nothing in the others."""
        header = self.header(path, delimiter=delimiter)
        unknown = set(values) - set(header)
        if unknown:
            raise KeyError(f"{path} has no column {', '.join(sorted(unknown))}")
        return csv_line([values.get(name, "") for name in header], delimiter=delimiter)

    def header(self, path: str, *, delimiter: str = ",") -> list[str]:
        with self._path(path).open(encoding="utf-8-sig", newline="") as file:
            return next(csv.reader(file, delimiter=delimiter))

    def read(self, path: str) -> bytes:
        return self._path(path).read_bytes()

    def add_footer(self, path: str, lines: list[str]) -> None:
        self.append_lines(path, [line.encode() for line in lines], rows=0)
        self.connection.execute("update sim.files set footer_lines = ? where path = ?", [len(lines), path])

    def drop_empty(self) -> None:
        """Take away JSON-lines files without a line: a tool with nothing to tell writes no file."""
        rows = self.connection.execute(
            "delete from sim.files where rows_in = 0 and regexp_matches(path, '\\.(jsonl|ndjson)(\\.gz)?$') returning path"
        ).fetchall()
        for (path,) in rows:
            self._path(path).unlink()

    def set_times(self, as_of: date) -> None:
        """Give each file the time at which its export would have been written: the morning after its day."""
        rows = self.connection.execute("select path, delivered_on from sim.files").fetchall()
        for path, delivered_on in rows:
            morning = datetime.combine(delivered_on or as_of, time(5), UTC) + timedelta(days=1)
            os.utime(self._path(path), (morning.timestamp(), morning.timestamp()))

    def _copy(self, path: str, query: str, order_by: str, options: str, delivered_on: date, table: str) -> None:
        if path.endswith(".gz"):
            options += ", compression gzip"
        target = str(self._path(path)).replace("'", "''")
        counted = self.connection.execute(
            f"copy (select * from ({query}) order by {order_by}) to '{target}' ({options})"
        ).fetchone()
        assert counted is not None
        self._register(path, delivered_on, table, int(counted[0]))

    def _wrap(self, path: str, records_at: str) -> None:
        file = self._path(path)
        file.write_bytes(f'{{"{records_at}":'.encode() + file.read_bytes().rstrip() + b"}\n")

    def _register(self, path: str, delivered_on: date, table: str | None, rows: int | None) -> None:
        system, instance = path.split("/")[:2]
        self.connection.execute(
            "insert into sim.files values (?, ?, ?, ?, ?, ?, 0)", [path, system, instance, table, delivered_on, rows]
        )

    def _path(self, path: str) -> Path:
        full = self.landing / path
        full.parent.mkdir(parents=True, exist_ok=True)
        return full


def csv_line(values: Sequence[str], *, delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, delimiter=delimiter, lineterminator="").writerow(values)
    return out.getvalue().encode()


def _count_newlines(file: Path) -> int:
    with file.open("rb") as source:
        return sum(block.count(b"\n") for block in iter(lambda: source.read(1 << 20), b""))


def compressed(content: bytes) -> bytes:
    """Gzip without a time stamp or a name in its header."""
    out = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as packed:
        packed.write(content)
    return out.getvalue()
