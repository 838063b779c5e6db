"""One InfoHub file becomes the rows it stands for: a row about the file, and a row per document in it.

The rows are lines of JSON, ready for DuckDB to read in bulk. This runs in worker processes too: nothing here
knows the warehouse.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ingestion.infohub.dates import content_date
from ingestion.infohub.tree import (
    CANVAS_SUFFIX,
    FOLDER_STATE,
    FileState,
    Place,
    is_hidden,
    is_yaml,
    place_of,
    state_of,
)
from ingestion.infohub.yaml_reading import JsonValue, Remark, Unreadable, decoded, line_of_key, read_yaml, to_json

# Remembered with every scan: a reader that understands files differently reads all of them again.
READER_VERSION = 1

MAX_FILE_BYTES = 1024 * 1024
_MAX_LOCATED_REMARKS = 10
# Another try may succeed though the file has not changed.
PASSING_REASONS = ("no_permission", "io_error", "reader_died")

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Wanted:
    """A file to read: its path, and the hash under which its rows are known already."""

    path: str
    known_sha256: str | None = None


@dataclass
class Readings:
    """What reading some files gave: JSON lines per table, and what needs no new rows."""

    files: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    # Files whose content is as known, with their new state.
    touched: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    parsed_count: int = 0


class _Folders:
    """Whether a folder lies inside the InfoHub, asked once per folder.

    Listing the tree entered no symlink; this also holds when a folder has been swapped for one since.
    """

    def __init__(self, root: str) -> None:
        self._root = os.path.realpath(root)
        self._answers: dict[str, bool] = {}

    def contain(self, folder: str) -> bool:
        answer = self._answers.get(folder)
        if answer is None:
            expected = f"{self._root}/{folder}" if folder else self._root
            answer = os.path.realpath(expected) == expected
            self._answers[folder] = answer
        return answer


def read_files(root: str, wanted: Iterable[Wanted]) -> Readings:
    """Read files below `root`. Whatever a file holds, this returns."""
    readings = Readings()
    folders = _Folders(root)
    for file in wanted:
        _read_file(root, file, folders, readings)
    return readings


def shown_path(path: str) -> str:
    """The path as text: bytes of a name that are not UTF-8 are spelled out."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(path).decode("utf-8", "backslashreplace")
    return path


def lost_file(root: str, path: str) -> Readings:
    """The readings of a file whose reader died over it."""
    try:
        state = state_of(os.lstat(f"{root}/{path}"))
    except OSError:
        return Readings(gone=[path])
    reason = "reading it ended the process that read it (out of memory, or a fault in libyaml); it is tried again"
    row = _file_row(path, place_of(path), state, "unreadable")
    return Readings(files=[to_json(row | {"reason_code": "reader_died", "reason": reason})], parsed_count=1)


class _Document(NamedTuple):
    position: int
    fields: JsonValue
    body: str | None = None


@dataclass
class _Content:
    """What a file holds, and where in the file its YAML begins (canvases have a line above it)."""

    documents: list[_Document] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    yaml: bytes = b""
    lines_above: int = 0


def _read_file(root: str, wanted: Wanted, folders: _Folders, readings: Readings) -> None:
    path = wanted.path
    place = place_of(path)
    state = FOLDER_STATE
    sha256 = None
    content = _Content()
    lines: list[str] = []
    try:
        full_path = f"{root}/{path}"
        info = os.lstat(full_path)
        state = state_of(info)
        if (refusal := _refusal(path, info, folders)) is not None:
            status, content.remarks = "refused", [refusal]
        elif stat.S_ISDIR(info.st_mode) and not is_hidden(path):
            status, content.remarks = "unreadable", [_why_not_listed(full_path)]
        elif (excuse := _why_not_parsed(path, place)) is not None:
            status, content.remarks = "not_parsed", [excuse]
        else:
            data, state = _bytes_of(full_path)
            sha256 = hashlib.sha256(data).hexdigest()
            if sha256 == wanted.known_sha256:
                readings.touched.append(to_json({"path": path, **state._asdict()}))
                return
            readings.parsed_count += 1
            content = _content_of(path, data)
            lines = [_document_line(path, place, state, document, content) for document in content.documents]
            status = "parsed"
    except (FileNotFoundError, NotADirectoryError):
        readings.gone.append(path)
        return
    except Unreadable as problem:
        status, content.remarks = "unreadable", [Remark(problem.line, problem.reason_code, problem.reason)]
    except OSError as error:
        status, content.remarks = "unreadable", [_why_not_opened(error)]

    row = _file_row(path, place, state, status)
    row["sha256"] = sha256
    row["document_count"] = len(lines) if status == "parsed" else None
    row.update(_summary(content.remarks))
    readings.files.append(to_json(row))
    readings.documents.extend(lines)


def _document_line(path: str, place: Place, state: FileState, document: _Document, content: _Content) -> str:
    dated = content_date(document.fields)
    for keys in dated.unusable:
        _remark_on_date(keys, document, content)
    line = to_json(
        {
            "path": path,
            "realm": place.realm,
            "node": place.node,
            "document_index": document.position,
            "fields": document.fields,
            "body": document.body,
            "content_date": dated.day,
            "content_at": dated.moment,
            "content_date_key": dated.key,
            "modified_ns": state.modified_ns,
        }
    )
    try:
        line.isascii() or line.encode("utf-8")
    except UnicodeEncodeError:
        raise Unreadable("half_character", "it escapes half of a character, such as \\ud800") from None
    return line


def _remark_on_date(keys: tuple[str, ...], document: _Document, content: _Content) -> None:
    line = None
    # Finding a line reads the file again: for a file of thousands of such documents the first lines must do.
    if len(content.remarks) < _MAX_LOCATED_REMARKS:
        line = line_of_key(content.yaml, document.position, keys)
        line = line and line + content.lines_above
        # A date that the calendar does not have was remarked on already, on the same line.
        if any((known.line, known.reason_code) == (line, "invalid_date") for known in content.remarks):
            return
    reason = f"{'.'.join(keys)} holds no date such as 2026-02-03T09:00:00Z: the next key is tried"
    content.remarks.append(Remark(line, "invalid_date", reason))


def _file_row(path: str, place: Place, state: FileState, status: str) -> dict[str, Any]:
    shown = shown_path(path)
    # The parts of a name that is no text are no text either.
    place = place if shown == path else Place._make(part and shown_path(part) for part in place)
    return {"path": shown, **place._asdict(), **state._asdict(), "status": status}


def _summary(remarks: list[Remark]) -> dict[str, Any]:
    """The first remark stands for all of them: a file has one row."""
    if not remarks:
        return {}
    first = remarks[0]
    more = f" (and {len(remarks) - 1} more remarks on this file)" if len(remarks) > 1 else ""
    return {"line": first.line, "reason_code": first.reason_code, "reason": first.reason + more}


def _refusal(path: str, info: os.stat_result, folders: _Folders) -> Remark | None:
    if path.startswith("/") or ".." in path.split("/") or not folders.contain(path.rpartition("/")[0]):
        return Remark(None, "leaves_infohub", "its path leads out of the InfoHub; nothing outside is ever read")
    if shown_path(path) != path:
        return Remark(None, "name_not_utf8", "its name is not UTF-8, so no rule could name it: rename it")
    if stat.S_ISLNK(info.st_mode):
        return Remark(None, "symlink", "symbolic links are never followed: put the file itself here")
    if not stat.S_ISREG(info.st_mode) and not stat.S_ISDIR(info.st_mode):
        return Remark(None, "not_a_file", "a pipe, socket or device, which is never opened")
    return None


def _why_not_parsed(path: str, place: Place) -> Remark | None:
    if is_hidden(path):
        return Remark(None, "hidden", "names that begin with a dot belong to tools, not to the InfoHub")
    if place.kind in ("note", "template"):
        return Remark(None, place.kind, f"a {place.kind} is no asset")
    if not is_yaml(path) and not _is_canvas(path, place):
        return Remark(None, "other_type", "only YAML files, and .md files below a node, hold assets")
    return None


def _why_not_listed(folder: str) -> Remark:
    try:
        os.scandir(folder).close()
    except OSError as error:
        return Remark(
            None,
            "no_permission" if isinstance(error, PermissionError) else "io_error",
            f"this folder cannot be listed ({error.strerror}): what was known below it is kept as it was",
        )
    return Remark(None, "io_error", "this folder could not be listed a moment ago: run again")


def _why_not_opened(error: OSError) -> Remark:
    if isinstance(error, PermissionError):
        return Remark(None, "no_permission", f"cannot be opened ({error.strerror}): allow reading and run again")
    if error.errno == errno.ELOOP:
        return Remark(None, "io_error", "it became a symbolic link while it was being read")
    return Remark(None, "io_error", f"cannot be read ({error.strerror}): run again")


def _bytes_of(full_path: str) -> tuple[bytes, FileState]:
    # Opened without following a link that has just taken the file's place, and without waiting if a pipe has.
    descriptor = os.open(full_path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        # Asked before the bytes: of a file that is being written, the next scan finds another state.
        info = os.fstat(descriptor)
        if not stat.S_ISREG(info.st_mode):
            raise Unreadable("io_error", "something else took its place while it was being read")
        size = info.st_size
        if size > MAX_FILE_BYTES:
            reason = f"{size:,} bytes, and the largest file read is {MAX_FILE_BYTES:,}: split it"
            raise Unreadable("oversized", reason)
        data = os.read(descriptor, size)
        while len(data) < size and (more := os.read(descriptor, size - len(data))):
            data += more
    finally:
        os.close(descriptor)
    return data, state_of(info)


def _content_of(path: str, data: bytes) -> _Content:
    content = _Content(yaml=data)
    if is_yaml(path):
        parsed = read_yaml(data)
        content.remarks = parsed.remarks
        content.documents = [_Document(position, fields) for position, fields in parsed.documents]
        if not content.documents:
            content.remarks.append(Remark(None, "empty", "the file holds no YAML document"))
        return content

    text = decoded(data)
    if not text.strip():
        content.remarks.append(Remark(None, "empty", "the file holds no text"))
        return content
    front_matter = _FRONT_MATTER.match(text)
    if front_matter is None:
        content.documents = [_Document(0, None, text)]
        return content
    content.yaml = front_matter["yaml"].encode("utf-8")
    content.lines_above = 1
    try:
        parsed = read_yaml(content.yaml)
    except Unreadable as problem:
        raise Unreadable(problem.reason_code, problem.reason, problem.line and problem.line + 1) from None
    fields = parsed.documents[0][1] if len(parsed.documents) == 1 else None
    if not isinstance(fields, dict):
        # Text between two horizontal rules, not front matter.
        content.documents = [_Document(0, None, text)]
        return content
    content.documents = [_Document(0, fields, text[front_matter.end() :])]
    content.remarks = [
        Remark(remark.line and remark.line + 1, remark.reason_code, remark.reason) for remark in parsed.remarks
    ]
    return content


def _is_canvas(path: str, place: Place) -> bool:
    return place.kind in ("canvas", "intelligence") and path.lower().endswith(CANVAS_SUFFIX)
