"""Looking at a text file line by line: to find a bad row's original text, or to save a CSV that a stray quote broke.

DuckDB reads every file; only files with bad rows come here as well, because its reader numbers no rows, shortens what it
rejects, and lets an unclosed quote swallow the good lines after it.
"""

from __future__ import annotations

import csv
import mmap
from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_MOST_LINES_IN_A_RECORD = 200


class QuoteDamage(Exception):
    """The file has a quote that opens or closes where it should not."""


@dataclass(frozen=True)
class Repaired:
    """`line_of_record[n]` is the line on which the n-th good record of the rewritten file stood, counted from 1."""

    line_of_record: Sequence[int]
    rejected: list[tuple[int, str, str, str]]


def rewrite(source: Path, target: Path, delimiter: str, columns: int) -> Repaired:
    """Copy the records that are well formed to `target`; set the others aside with their line, code, reason and text.

    A record may span lines only if it then has the header's number of columns; otherwise just the line on which it
    began is set aside, and reading goes on with the next.
    """
    lines = _physical_lines(source)
    starts = array("Q", [0])
    rejected: list[tuple[int, str, str, str]] = []
    header_seen = False
    with target.open("w", encoding="utf-8", newline="") as out:
        place = 0
        while place < len(lines):
            line = lines[place]
            if not line.strip(" \t\r"):
                place += 1
                continue
            taken, problem = _record_at(lines, place, delimiter, columns)
            text = "\n".join(lines[place : place + taken]).removesuffix("\r")
            if problem is None:
                out.write(text + "\n")
                if header_seen:
                    starts.append(place + 1)
                header_seen = True
            else:
                rejected.append((place + 1, *problem, _readable(text)))
            place += taken
    return Repaired(starts, rejected)


def _record_at(lines: list[str], place: int, delimiter: str, columns: int) -> tuple[int, tuple[str, str] | None]:
    text = lines[place].removesuffix("\r")
    for taken in range(1, _MOST_LINES_IN_A_RECORD + 1):
        if text.count('"') % 2 == 0:
            fields = _fields(text, delimiter)
            if fields is not None and (len(fields) == columns or (len(fields) == columns + 1 and not fields[-1])):
                if _readable(text) != text:
                    return taken, ("bad_encoding", "holds bytes that are not valid UTF-8")
                return taken, None
            if taken == 1:
                if fields is None:
                    return 1, ("unterminated_quote", "has a quote inside a field that is not doubled")
                return 1, (
                    "wrong_column_count",
                    f"expected {columns} columns as in the header; Expected Number of Columns: {columns} Found: {len(fields)}",
                )
            break
        if place + taken >= len(lines):
            break
        text = "\n".join(lines[place : place + taken + 1]).removesuffix("\r")
    return 1, ("unterminated_quote", "opens a quote that is never closed in a record of the header's width")


def _fields(text: str, delimiter: str) -> list[str] | None:
    try:
        rows = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _physical_lines(source: Path) -> list[str]:
    """Not str.splitlines, which also splits at form feeds and Unicode separators: ordinary characters in a field."""
    text = source.read_bytes().decode("utf-8", errors="surrogateescape").removeprefix("\ufeff")
    return text.split("\n" if "\n" in text else "\r")


def _readable(text: str) -> str:
    """The text with the replacement character in place of bytes that are not UTF-8."""
    return text.encode("utf-8", errors="surrogateescape").decode("utf-8", errors="replace")


def find_records(
    source: Path, ordinals: Collection[int], rejected_lines: Collection[int], *, quoted: bool
) -> list[tuple[int, int, str]]:
    """Ordinal, line and text of the n-th records (from 1) that DuckDB read: not blank, not rejected, not the header."""
    wanted, skipped = set(ordinals), set(rejected_lines)
    last = max(wanted, default=0)
    found = []
    ordinal = -1 if quoted else 0
    for line, record in _records(source, quoted):
        if line in skipped:
            continue
        ordinal += 1
        if ordinal in wanted:
            found.append((ordinal, line, record.decode("utf-8", errors="replace").rstrip("\r\n")))
        if ordinal >= last:
            break
    return found


def _records(source: Path, quoted: bool) -> Iterator[tuple[int, bytes]]:
    """Line number and bytes of each record; in CSV an open quote joins the next line to it."""
    with source.open("rb") as file:
        number = 0
        for first in file:
            number += 1
            record, started = first, number
            if quoted and record.count(b'"') % 2:
                for following in file:
                    number += 1
                    record += following
                    if following.count(b'"') % 2:
                        break
            if not record.isspace():
                yield started, record


def records_at(source: Path, positions: Sequence[int]) -> list[tuple[int, str]]:
    """Line number and text of the records that begin at these ascending byte positions."""
    found: list[tuple[int, str]] = []
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        line, counted_to = 1, 0
        for position in positions:
            start = position
            while content[start : start + 1] in (b"\n", b"\r"):
                start += 1
            line += _newlines(content, counted_to, start)
            counted_to = start
            end = start
            for _ in range(_MOST_LINES_IN_A_RECORD):
                newline = content.find(b"\n", end)
                end = len(content) if newline < 0 else newline + 1
                if newline < 0 or content[start:end].count(b'"') % 2 == 0:
                    break
            text = content[start:end].decode("utf-8", errors="replace").rstrip("\r\n")
            found.append((line, text))
    return found


def count_lines(source: Path) -> int:
    """Physical lines, the last counted even where no newline ends it."""
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        ends_open = content[len(content) - 1 : len(content)] != b"\n"
        return _newlines(content, 0, len(content)) + ends_open


def _newlines(content: mmap.mmap, start: int, end: int) -> int:
    step = 1 << 24
    return sum(content[at : min(at + step, end)].count(b"\n") for at in range(start, end, step))
