"""What lies in the landing folder: which files are exports we have a contract for, and what is wrong with the rest.

Only names and sizes are looked at here; what is inside a file is inspection.py's business.
"""

from __future__ import annotations

import calendar
import difflib
import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from ingestion.contract import Contract, TableContract, fold_name

FORMATS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".parquet": "parquet"}
INFOHUB_FOLDER = "infohub"
INSTANCE_FILE = "instance.yml"
_NAMES_LISTED = 12

_NOT_YET_COMPLETE = (".part", ".tmp", ".crdownload", ".filepart", ".partial")
# A day (2026-03-31, 20260331, with or without a time) or a month (2026-03), set off from the rest of the name.
_DATE = re.compile(
    r"(?:^|[-_. (])((?:19|20)\d{2})[-_]?(\d{2})(?:[-_]?(\d{2})(?:[T_-]?\d{2}[-_:]?\d{2}(?:[-_:]?\d{2})?Z?)?)?(?=$|[-_. )])"
)
_PART = re.compile(r"[-_. ]+(?:part|p|chunk)?[-_ ]?\d{1,5}$|\s?\(\d{1,4}\)$", re.IGNORECASE)


@dataclass(frozen=True)
class LandedFile:
    """A file that its name and place say is an export of one table."""

    path: Path
    relative: str
    system: str
    instance: str
    table: TableContract
    format: str
    delivery: str
    delivered_at: datetime
    is_dated: bool
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True)
class UnusableEntry:
    """Something in the landing folder that cannot be loaded, with the reason a person needs to fix it."""

    relative: str
    system: str
    instance: str
    reason_code: str
    reason: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True)
class Survey:
    files: tuple[LandedFile, ...]
    unusable: tuple[UnusableEntry, ...]


@dataclass(frozen=True)
class _Refusal:
    code: str
    reason: str


def survey_landing(landing: Path, contracts: Mapping[str, Contract], systems: Collection[str] | None = None) -> Survey:
    """Recognise everything below `landing` (or below these systems' folders), older deliveries first."""
    files: list[LandedFile] = []
    unusable: list[UnusableEntry] = []
    settings: dict[tuple[str, str], Mapping[str, TableContract] | _Refusal] = {}
    root = landing.resolve()
    for entry in _entries(landing, systems):
        relative = entry.relative_to(landing).as_posix()
        found = _recognise(entry, relative, root, contracts, settings)
        if isinstance(found, LandedFile):
            files.append(found)
        elif found is not None:
            parts = relative.split("/")
            stat = entry.lstat()
            unusable.append(
                UnusableEntry(
                    relative=relative,
                    system=parts[0] if len(parts) > 1 else "",
                    instance=parts[1] if len(parts) > 2 else "",
                    reason_code=found.code,
                    reason=found.reason,
                    size_bytes=stat.st_size,
                    modified_at=_utc(stat.st_mtime),
                )
            )
    files.sort(key=lambda file: (file.table.raw_name, file.instance, file.delivered_at, file.relative))
    unusable.sort(key=lambda entry: entry.relative)
    return Survey(tuple(files), tuple(unusable))


def _entries(landing: Path, systems: Collection[str] | None) -> Iterator[Path]:
    """Files, and folders whose name makes them look like a file. Links are reported, never followed."""
    for folder, folder_names, file_names in os.walk(landing):
        here = Path(folder)
        if here == landing:
            folder_names[:] = [name for name in folder_names if name != INFOHUB_FOLDER]
            if systems is not None:
                folder_names[:] = [name for name in folder_names if name in systems]
                file_names = []
        folder_names[:] = sorted(name for name in folder_names if not name.startswith("."))
        for name in folder_names:
            if _format_of(name) or (here / name).is_symlink():
                yield here / name
        for name in sorted(file_names):
            if not name.startswith(".") and not name.lower().endswith(_NOT_YET_COMPLETE):
                yield here / name


def _recognise(
    entry: Path,
    relative: str,
    root: Path,
    contracts: Mapping[str, Contract],
    settings: dict[tuple[str, str], Mapping[str, TableContract] | _Refusal],
) -> LandedFile | _Refusal | None:
    parts = relative.split("/")
    if entry.is_symlink() and not _stays_within(entry, root):
        return _Refusal(
            "link_out_of_landing",
            "is a link to somewhere else or to nothing: copy the file itself into the landing folder",
        )
    if entry.is_dir():
        if not _format_of(entry.name):
            return None
        return _Refusal("not_a_file", "is a folder with the name of a file: move the export out of it or rename it")
    if entry.name == INSTANCE_FILE or entry.suffix.lower() == ".md":
        return None
    if len(parts) < 3:
        return _Refusal(
            "outside_an_instance", "does not lie in {system}/{instance}/: move it, e.g. to salesforce/main/"
        )
    system, instance = parts[0], parts[1]
    if system not in contracts:
        return _Refusal("unknown_system", f"no contract for a system {system!r}{_did_you_mean(system, contracts)}")
    tables = settings.get((system, instance))
    if tables is None:
        tables = _tables_of_instance(root / system / instance / INSTANCE_FILE, contracts[system])
        settings[system, instance] = tables
    if isinstance(tables, _Refusal):
        return tables
    format_name = _format_of(entry.name)
    if format_name is None:
        known = ", ".join(sorted(FORMATS))
        return _Refusal(
            "unsupported_format", f"has an ending we do not read: export it as one of {known} (or .gz of the text ones)"
        )
    stem = _stem(entry.name)
    table = _table_of(stem, parts[2:-1], tables)
    if table is None:
        names = {name: None for contract in tables.values() for name in contract.files}
        return _Refusal(
            "unrecognised_name", f"no {system} table is exported under the name {stem!r}{_did_you_mean(stem, names)}"
        )
    stat = entry.stat()
    modified_at = _utc(stat.st_mtime)
    named_date = _date_in(stem)
    # The parts of one export share everything but their number, and stand or fall together.
    without_part = _PART.sub("", _without_date(stem)) if named_date else _PART.sub("", stem)
    day = named_date.date().isoformat() if named_date else ""
    return LandedFile(
        path=entry,
        relative=relative,
        system=system,
        instance=instance,
        table=table,
        format=format_name,
        delivery="/".join([*parts[2:-1], without_part + (f"@{day}" if day else "")]),
        delivered_at=named_date or modified_at,
        is_dated=named_date is not None,
        size_bytes=stat.st_size,
        modified_at=modified_at,
    )


def _tables_of_instance(path: Path, contract: Contract) -> Mapping[str, TableContract] | _Refusal:
    """The contract's tables, with what only this instance knows (its time zone, its date layouts) filled in."""
    by_name = {table.name: table for table in contract.tables}
    if not path.exists():
        return by_name
    expected = "expected a mapping with `timezone` (IANA name) and/or `date_layouts` (list of strptime layouts)"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        if not isinstance(content, dict) or set(content) - {"timezone", "date_layouts"}:
            return _Refusal("bad_instance_file", f"{INSTANCE_FILE} beside it: {expected}, found {content!r}")
        zone = content.get("timezone")
        if zone is not None:
            ZoneInfo(zone)
        layouts = content.get("date_layouts")
        if layouts is not None and not (isinstance(layouts, list) and all(isinstance(item, str) for item in layouts)):
            return _Refusal(
                "bad_instance_file", f"{INSTANCE_FILE} beside it: {expected}, found date_layouts {layouts!r}"
            )
    except (yaml.YAMLError, UnicodeDecodeError, ZoneInfoNotFoundError, ValueError, TypeError) as error:
        return _Refusal("bad_instance_file", f"{INSTANCE_FILE} beside it cannot be used ({error}); {expected}")
    return {
        name: replace(
            table,
            timezone=zone or table.timezone,
            date_layouts=tuple(layouts) if layouts is not None else table.date_layouts,
        )
        for name, table in by_name.items()
    }


def _stays_within(link: Path, root: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # a link to nothing, or in a circle
        return False


def _table_of(stem: str, folders: list[str], tables: Mapping[str, TableContract]) -> TableContract | None:
    """By the file's own name without date and part number, else by the nearest folder that is named like a table."""
    names = {_fold(name): table for table in tables.values() for name in table.files}
    undated = _without_date(stem)
    candidates = [stem, undated, _PART.sub("", undated), _without_date(_PART.sub("", stem)), *reversed(folders)]
    for candidate in candidates:
        table = names.get(_fold(candidate))
        if table:
            return table
    return None


def _fold(name: str) -> str:
    return fold_name(name).replace(".", "")


def _format_of(name: str) -> str | None:
    lowered = name.lower()
    uncompressed = lowered.removesuffix(".gz")
    found = FORMATS.get(Path(uncompressed).suffix)
    return None if found == "parquet" and uncompressed != lowered else found


def _stem(name: str) -> str:
    return Path(name[: -len(".gz")] if name.lower().endswith(".gz") else name).stem


def _date_in(stem: str) -> datetime | None:
    for match in reversed(list(_DATE.finditer(stem))):
        try:
            year, month = int(match[1]), int(match[2])
            # An export of a month was made when the month was over.
            return datetime(year, month, int(match[3]) if match[3] else calendar.monthrange(year, month)[1])
        except ValueError:
            continue
    return None


def _without_date(stem: str) -> str:
    return _DATE.sub("", stem).strip("-_. ") if _date_in(stem) else stem


def _did_you_mean(name: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return f": did you mean {close[0]!r}?"
    names = sorted(known)
    more = f" and {len(names) - _NAMES_LISTED} more" if len(names) > _NAMES_LISTED else ""
    return f"; known are {', '.join(names[:_NAMES_LISTED])}{more}" if names else ""


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
