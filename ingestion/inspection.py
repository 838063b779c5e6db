"""What is inside a landed file: its content hash, its encoding, whether it is whole, and its column names.

One pass over the bytes answers all but the names. A file in another encoding or compression is rewritten once as plain
UTF-8 beside the warehouse, because DuckDB reads a truncated gzip without complaint and cp1252 not at all.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ingestion.contract import TableContract, fold_name
from ingestion.landing import LandedFile

_CHUNK = 1 << 20
_SAMPLE_BYTES = 1 << 18
_SAMPLE_RECORDS = 1000
_VALID_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_NOT_TEXT = {
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x89PNG": "a picture",
    b"PAR1": "a Parquet file (give it the ending .parquet)",
}
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a]")
_WEB_PAGE = re.compile(rb"^\s*<(!doctype\s+html|html)\b", re.IGNORECASE)


class FileRefused(Exception):
    """The file as a whole cannot be trusted; nothing of it is loaded."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class Content:
    """The bytes of a file, understood: `path` is readable as plain UTF-8 (or Parquet)."""

    path: Path
    sha256: str
    encoding: str
    ends_with_newline: bool


@dataclass(frozen=True)
class SourceColumn:
    """One column as the source spells it; a path for a value inside a JSON object."""

    name: str
    path: tuple[str, ...]
    native_type: str = "VARCHAR"


@dataclass(frozen=True)
class Shape:
    """Which source column feeds which contract column, and which are unknown to the contract."""

    delimiter: str
    source: tuple[SourceColumn, ...]
    mapped: Mapping[str, SourceColumn]
    unknown: tuple[SourceColumn, ...]


def understand(file: LandedFile, workspace: Path) -> Content:
    """Hash the file, check that it is whole, and make sure that DuckDB can read it."""
    if file.size_bytes == 0:
        raise FileRefused("empty_file", "has 0 bytes: the export failed or is still being written; export it again")
    if file.format == "parquet":
        return _understand_parquet(file)
    plain = workspace / "plain.txt"
    digest = hashlib.sha256()
    with file.path.open("rb") as source:
        head = source.read(4096)
        _refuse_foreign(head)
        source.seek(0)
        compressed = head[:2] == b"\x1f\x8b"
        encoding = _unicode_mark(head) if not compressed else None
        text = _EncodingWatch()
        if compressed:
            with plain.open("wb") as target:
                for block in _unzipped(source, digest):
                    if encoding is None:
                        _refuse_foreign(block[:4096])
                        encoding = _unicode_mark(block[:4096]) or ""
                    text.feed(block)
                    target.write(block)
        else:
            while block := source.read(_CHUNK):
                digest.update(block)
                text.feed(block)
    readable = plain if compressed else file.path
    encoding = encoding or text.verdict()
    if encoding not in ("utf-8", "utf-8-sig"):
        readable = _rewritten_as_utf8(readable, encoding, workspace / "utf8.txt")
    elif text.has_nul:
        raise FileRefused(
            "not_text", "holds NUL bytes, so it is not a text export; export it again as CSV or JSON lines"
        )
    if readable.stat().st_size == 0:
        raise FileRefused("empty_file", "holds nothing once decompressed: export it again")
    return Content(readable, digest.hexdigest(), encoding, text.last_byte in (b"\n", b"\r", b"\x00"))


def _understand_parquet(file: LandedFile) -> Content:
    with file.path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256")
        source.seek(0)
        starts = source.read(4)
        source.seek(-min(4, file.size_bytes), io.SEEK_END)
        ends = source.read(4)
    if starts != b"PAR1":
        raise FileRefused("not_parquet", "does not begin like a Parquet file: check what the export wrote")
    if ends != b"PAR1":
        raise FileRefused(
            "half_written", "has no Parquet footer: it was cut off or is still being written; deliver it again"
        )
    return Content(file.path, digest.hexdigest(), "parquet", True)


def _refuse_foreign(head: bytes) -> None:
    for magic, what in _NOT_TEXT.items():
        if head.startswith(magic):
            raise FileRefused("not_text", f"is {what}, not a text export")
    # A heading has no control characters; data may. (UTF-16 is full of NULs, and gzip is looked into later.)
    first_line = head.splitlines()[0] if head else b""
    if _CONTROL.search(first_line) and _unicode_mark(head) is None and not head.startswith(b"\x1f\x8b"):
        raise FileRefused("not_text", "begins with binary data: it is not a text export")
    if _WEB_PAGE.match(head):
        raise FileRefused(
            "not_text", "is a web page, probably a login or error page saved by the export; export it again"
        )


def _unicode_mark(head: bytes) -> str | None:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # UTF-16 without a mark: Latin text has a NUL at every other byte.
    if len(head) >= 4 and head[:64:2].count(0) == 0 and head[1:64:2].count(0) >= len(head[1:64:2]) * 0.9:
        return "utf-16-le"
    if len(head) >= 4 and head[1:64:2].count(0) == 0 and head[:64:2].count(0) >= len(head[:64:2]) * 0.9:
        return "utf-16-be"
    return None


class _EncodingWatch:
    """Tells UTF-8 from cp1252 while the bytes pass by; plain ASCII, the usual case, costs next to nothing."""

    def __init__(self) -> None:
        self.has_nul = False
        self.last_byte = b""
        self._rest = b""
        self._valid = 0
        self._damaged = 0

    def feed(self, block: bytes) -> None:
        self.last_byte = block[-1:] or self.last_byte
        self.has_nul = self.has_nul or b"\x00" in block
        if not self._rest and block.isascii():
            return
        block = self._rest + block
        # Judge whole lines only, so that no character is cut in two.
        cut = block.rfind(b"\n") + 1
        self._rest = block[cut:]
        self._judge(block[:cut])

    def verdict(self) -> str:
        self._judge(self._rest)
        self._rest = b""
        # Some valid sequences and some damage: UTF-8 with bad rows. No valid sequence at all: never was UTF-8.
        return "cp1252" if self._damaged and self._damaged > self._valid else "utf-8"

    def _judge(self, block: bytes) -> None:
        if block.isascii():
            return
        try:
            self._valid += len(block) - len(block.decode("utf-8"))
        except UnicodeDecodeError:
            without_valid = _VALID_MULTIBYTE.sub(b"", block)
            self._valid += len(_VALID_MULTIBYTE.findall(block))
            self._damaged += sum(byte > 127 for byte in without_valid)


def _unzipped(source: IO[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    cut_off = "ends in the middle of its compressed data: the transfer was cut off; deliver it again"
    inflate = zlib.decompressobj(wbits=31)
    try:
        while block := source.read(_CHUNK):
            digest.update(block)
            while block:
                if inflate.eof:  # several gzip members in a row are one stream
                    if not block.strip(b"\x00"):
                        break
                    inflate = zlib.decompressobj(wbits=31)
                out = inflate.decompress(block)
                block = inflate.unused_data
                if out:
                    yield out
    except zlib.error as error:
        raise FileRefused("truncated_gzip", f"is damaged gzip ({error}): deliver it again") from error
    if not inflate.eof:
        raise FileRefused("truncated_gzip", cut_off)


def _rewritten_as_utf8(source: Path, encoding: str, target: Path) -> Path:
    try:
        with (
            source.open("r", encoding=encoding, newline="") as old,
            target.open("w", encoding="utf-8", newline="") as new,
        ):
            while block := old.read(_CHUNK):
                new.write(block)
    except UnicodeDecodeError as error:
        if encoding != "cp1252":
            raise FileRefused(
                "not_text", f"begins as {encoding} but does not decode ({error}): deliver it again"
            ) from error
        # Five bytes mean nothing in cp1252: read as UTF-8, the lines that hold bad bytes go to quarantine by themselves.
        return source
    return target


def shape_of_csv(content: Content, table: TableContract) -> Shape:
    """The header line, read with whichever delimiter makes most sense of it."""
    with content.path.open("rb") as source:
        sample = source.read(_SAMPLE_BYTES).decode("utf-8", errors="replace").lstrip("\ufeff")
    best: Shape | None = None
    first_line: list[str] = []
    for delimiter in ",;\t|":
        header = next((row for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row), [])
        shape = map_columns([SourceColumn(name, (name,)) for name in _told_apart(header)], table, delimiter)
        if best is None or len(shape.mapped) > len(best.mapped):
            best, first_line = shape, header
    if best is None or not best.mapped:
        raise FileRefused(
            "unrecognised_header",
            f"begins with {_shorten(', '.join(first_line))!r}, in which no column of {table.raw_name} is found: "
            "is it the right object, and is the first line its header?",
        )
    return with_key(best, table)


def _told_apart(header: list[str]) -> list[str]:
    """Jira repeats a heading for every value of a list (Labels, Labels): the second is kept as `Labels (2)`."""
    seen: Counter[str] = Counter()
    names = []
    for name in header:
        seen[name] += 1
        names.append(name if seen[name] == 1 or not name else f"{name} ({seen[name]})")
    return names


def shape_of_records(records: list[object], table: TableContract) -> Shape:
    """Column names from a sample of JSON records; objects that the contract reaches into are opened up."""
    wanted = {tuple(alias.split(".")[:-1]) for column in table.columns for alias in column.aliases if "." in alias}
    prefixes = {fold_name(".".join(path[:end])) for path in wanted for end in range(1, len(path) + 1)}
    found: dict[tuple[str, ...], None] = {}

    def collect(value: Mapping[str, object], above: tuple[str, ...]) -> None:
        for key, inner in value.items():
            path = (*above, key)
            if isinstance(inner, dict) and fold_name(".".join(path)) in prefixes:
                collect(inner, path)
            # The object itself may be wanted too (a json column), so it is listed beside its members.
            found.setdefault(path, None)

    for record in records:
        if isinstance(record, dict):
            collect(record, ())
    shape = map_columns([SourceColumn(".".join(path), path) for path in found], table, "")
    if not shape.mapped:
        raise FileRefused(
            "unrecognised_header",
            f"holds records with {_shorten(', '.join('.'.join(path) for path in found)) or 'no fields'}, in which no column "
            f"of {table.raw_name} is found: is it the right object?",
        )
    # An object is kept once: whole where the contract takes it whole, else by its members, listed one by one.
    opened = {column.path[:-1] for column in shape.source if len(column.path) > 1}
    taken_whole = {column.path for column in shape.mapped.values() if column.path in opened}
    unknown = tuple(
        column
        for column in shape.unknown
        if column.path not in opened and not any(column.path[:end] in taken_whole for end in range(1, len(column.path)))
    )
    return with_key(Shape(shape.delimiter, shape.source, shape.mapped, unknown), table)


def sample_json_lines(content: Content) -> list[object]:
    """The first records of a JSON-lines file; lines that do not parse are left to the loader."""
    with content.path.open("rb") as source:
        lines = source.read(_SAMPLE_BYTES * 4).decode("utf-8", errors="replace").lstrip("\ufeff").splitlines()
    return parse_samples(lines[:_SAMPLE_RECORDS])


def parse_samples(texts: list[str]) -> list[object]:
    records = []
    for text in texts:
        try:
            records.append(json.loads(text))
        except (ValueError, RecursionError):
            continue
    return records


def map_columns(source: list[SourceColumn], table: TableContract, delimiter: str) -> Shape:
    """Match source spellings to contract columns; the contract's order of aliases decides between two candidates."""
    by_name: dict[str, SourceColumn] = {}
    for column in source:
        by_name.setdefault(fold_name(column.name), column)
    mapped: dict[str, SourceColumn] = {}
    for contract_column in table.columns:
        for alias in contract_column.aliases:
            column_found = by_name.get(fold_name(alias))
            if column_found is not None:
                mapped[contract_column.name] = column_found
                break
    taken = set(mapped.values())
    return Shape(
        delimiter, tuple(source), mapped, tuple(column for column in source if column not in taken and column.name)
    )


def with_key(shape: Shape, table: TableContract) -> Shape:
    missing = [column.name for column in table.columns if column.required and column.name not in shape.mapped]
    if missing:
        spellings = "; ".join(f"{name} ({', '.join(table.column(name).aliases)})" for name in missing)
        raise FileRefused(
            "missing_key_column",
            f"lacks {spellings}, without which rows of {table.raw_name} cannot be told apart. "
            f"Found: {_shorten(', '.join(column.name for column in shape.source))}",
        )
    return shape


def _shorten(text: str, limit: int = 160) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
