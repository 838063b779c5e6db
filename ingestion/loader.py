"""Loading what landed: each delivery in one transaction, together with its ledger lines.

A file's rows go straight from DuckDB's reader into their typed table. Rows that do not fit are then moved to quarantine,
and rows that meet another version of themselves are settled by the contract's key and stamp.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ingestion import lines
from ingestion.contract import Contract
from ingestion.drift import ColumnDrift
from ingestion.file_load import FEWEST_ROWS_TO_JUDGE, FileLoad, MostlyBad, NeedsOrder
from ingestion.inspection import Content, FileRefused, understand
from ingestion.landing import LandedFile, Survey, UnusableEntry, survey_landing
from ingestion.ledger import FileOutcome, create_ledger, enter_drift, enter_file, enter_unusable
from ingestion.raw_tables import create_raw_tables
from ingestion.reading import open_source, repaired_csv_source
from ingestion.runs import LoadRun, Progress

SHARP_DROP_RATIO = 0.5
# Below this size, loading a file a second time would cost more than not keeping its order saves.
LARGE_FILE_BYTES = 64 << 20


@dataclass
class LoadReport:
    """Every entry of the landing folder, in loading order."""

    files: list[FileOutcome] = field(default_factory=list)

    def with_status(self, status: str) -> list[FileOutcome]:
        return [file for file in self.files if file.status == status]

    def total(self, count: str) -> int:
        return sum(getattr(file, count) for file in self.files)


class _Refused(Exception):
    """This file cannot be part of the delivery; the delivery is tried again without it."""

    def __init__(self, file: LandedFile, content: Content | None, cause: FileRefused, drift: list[ColumnDrift]) -> None:
        super().__init__(cause.reason)
        self.file = file
        self.content = content
        self.cause = cause
        self.drift = drift


class _DeliveryRefused(Exception):
    """The delivery as a whole would replace good data with less."""

    def __init__(self, cause: FileRefused) -> None:
        super().__init__(cause.reason)
        self.cause = cause


class _LoadInOrder(Exception):
    """The rows of this file have to be loaded in the file's order."""

    def __init__(self, file: LandedFile) -> None:
        super().__init__(file.relative)
        self.file = file


class _ReadWithCare(Exception):
    """The fast reader cannot be trusted with this file."""

    def __init__(self, file: LandedFile) -> None:
        super().__init__(file.relative)
        self.file = file


def load_landing(
    connection: duckdb.DuckDBPyConnection,
    landing: Path,
    contracts: Mapping[str, Contract],
    run: LoadRun,
    *,
    only: Collection[str] | None = None,
    accept_drop: bool = False,
    progress: Progress | None = None,
) -> LoadReport:
    """Load every new delivery below `landing`; files that were dealt with before are only named again.

    `only` names raw tables. Unusable entries are then reported for those tables' systems alone.
    """
    create_ledger(connection)
    systems = set()
    for contract in contracts.values():
        for table in contract.tables:
            # All of them, also where only some are loaded: what is built on the warehouse finds every table.
            create_raw_tables(connection, table)
            if only is None or table.raw_name in only:
                systems.add(table.system)
    survey = survey_landing(landing, contracts, None if only is None else systems)
    return _Loading(connection, run, accept_drop, progress).load(survey, only)


class _Loading:
    """One pass over the landing folder."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, run: LoadRun, accept_drop: bool, progress: Progress | None
    ) -> None:
        self.connection = connection
        self.run = run
        self.accept_drop = accept_drop
        self.progress = progress
        self.report = LoadReport()

    def load(self, survey: Survey, only: Collection[str] | None) -> LoadReport:
        files = [file for file in survey.files if only is None or file.table.raw_name in only]
        for entry in survey.unusable:
            self._note_unusable(entry)
        before = self._dealt_with_before()
        new = [file for file in files if not self._is_known(file, before)]
        deliveries = itertools.groupby(new, key=lambda file: (file.table.raw_name, file.instance, file.delivery))
        grouped = [list(group) for _, group in deliveries]
        done = 0
        for group in grouped:
            if self.progress:
                self.progress(done, len(new), group[0].relative)
            self._load_delivery(group)
            done += len(group)
        if self.progress and new:
            self.progress(done, len(new), "")
        self.report.files.sort(key=lambda outcome: (outcome.source_system, outcome.source_instance, outcome.path))
        return self.report

    # --- what the ledger already knows -------------------------------------------------------------------------------

    def _dealt_with_before(self) -> dict[str, tuple[object, ...]]:
        rows = self.connection.execute(
            "select path, arg_max((size_bytes, modified_at, status, reason_code, reason, contract_version, file_id), file_id) "
            "from ledger.files group by path"
        ).fetchall()
        return {path: tuple(latest.values()) if isinstance(latest, dict) else tuple(latest) for path, latest in rows}

    def _is_known(self, file: LandedFile, before: Mapping[str, tuple[object, ...]]) -> bool:
        """Same path, size and time as when it was last dealt with: the bytes need not be read again."""
        latest = before.get(file.relative)
        if latest is None:
            return False
        size, modified_at, status, reason_code, reason, contract_version, file_id = latest
        if (size, modified_at) != (file.size_bytes, file.modified_at):
            return False
        if status == "refused":
            if contract_version != file.table.version or (
                self.accept_drop and reason_code in ("sharp_drop", "empty_export")
            ):
                return False
            outcome = self._outcome(file, "refused")
            outcome.reason_code, outcome.reason = str(reason_code), str(reason)
        else:
            outcome = self._outcome(file, "unchanged")
        assert isinstance(file_id, int)
        outcome.file_id = file_id
        self.report.files.append(outcome)
        return True

    def _note_unusable(self, entry: UnusableEntry) -> None:
        outcome = FileOutcome(entry.relative, entry.system, entry.instance, None, "refused")
        outcome.file_id = enter_unusable(self.connection, self.run, entry)
        outcome.reason_code, outcome.reason = entry.reason_code, entry.reason
        self.report.files.append(outcome)

    # --- one delivery ------------------------------------------------------------------------------------------------

    def _load_delivery(self, files: list[LandedFile]) -> None:
        """All parts of a delivery or none, save for parts that are refused on their own account.

        DuckDB has no savepoints, so whatever turns up inside the transaction rolls it back, and the delivery starts over
        with what was learnt: each round settles at least one file.
        """
        remaining = list(files)
        with_care: set[str] = set()
        in_order = {file.relative for file in files if file.size_bytes < LARGE_FILE_BYTES}
        while remaining:
            self.connection.execute("begin transaction")
            try:
                outcomes = [
                    self._load_file(file, file.relative in with_care, file.relative in in_order) for file in remaining
                ]
                self._refuse_sharp_drop(remaining, outcomes)
                self.connection.execute("commit")
                self.report.files.extend(outcomes)
                return
            except _ReadWithCare as damaged:
                self.connection.execute("rollback")
                with_care.add(damaged.file.relative)
                in_order.add(damaged.file.relative)
            except _LoadInOrder as found:
                self.connection.execute("rollback")
                in_order.add(found.file.relative)
            except _Refused as refused:
                self.connection.execute("rollback")
                self._refuse(refused.file, refused.content, refused.cause, refused.drift)
                remaining.remove(refused.file)
            except _DeliveryRefused as refused:
                self.connection.execute("rollback")
                for file in remaining:
                    self._refuse(file, None, refused.cause, [])
                return
            except BaseException:
                self.connection.execute("rollback")
                raise

    def _load_file(self, file: LandedFile, with_care: bool, in_order: bool) -> FileOutcome:
        with tempfile.TemporaryDirectory(prefix="revhouse-") as folder:
            workspace = Path(folder)
            content: Content | None = None
            try:
                content = understand(file, workspace)
                if _changed_meanwhile(file):
                    raise FileRefused(
                        "half_written", "changed while it was read: it is still being written; run again later"
                    )
                repeated = self._repeated(file, content)
                if repeated is not None:
                    return repeated
                source = open_source(self.connection, file.format, content, file.table)
                if with_care:
                    source = repaired_csv_source(source, file.table, workspace / "repaired.csv")
                return FileLoad(self.connection, self.run, file, content, source, in_order).load()
            except FileRefused as cause:
                raise _Refused(file, content, cause, []) from cause
            except MostlyBad as cause:
                raise _Refused(file, content, cause.refusal, cause.drift) from cause
            except NeedsOrder as cause:
                raise _LoadInOrder(file) from cause
            except lines.QuoteDamage as cause:
                raise _ReadWithCare(file) from cause
            except (duckdb.InvalidInputException, duckdb.ConversionException) as cause:
                if file.format == "csv" and not with_care:
                    raise _ReadWithCare(file) from cause
                unreadable = FileRefused("unreadable_file", f"cannot be read: {str(cause).splitlines()[0]}")
                raise _Refused(file, content, unreadable, []) from cause
            except OSError as cause:
                unreadable = FileRefused("unreadable_file", f"cannot be opened: {cause.strerror or cause}")
                raise _Refused(file, content, unreadable, []) from cause

    def _repeated(self, file: LandedFile, content: Content) -> FileOutcome | None:
        """The same bytes, delivered again under whatever name, change nothing.

        Unless their name dates them later than all that was loaded: then they say that things are so again, or still.
        """
        row = self.connection.execute(
            "select min_by(file_id, file_id) filter (where sha256 = $1), min_by(path, file_id) filter (where sha256 = $1), "
            "max(delivered_at) from ledger.files "
            "where status = 'loaded' and source_system = $2 and source_instance = $3 and table_name = $4",
            [content.sha256, file.system, file.instance, file.table.raw_name],
        ).fetchone()
        if row is None or row[0] is None:
            return None
        if file.table.delivery != "events" and file.is_dated and file.delivered_at > row[2]:
            return None
        outcome = self._outcome(file, "unchanged")
        outcome.reason = f"same content as {row[1]}"
        outcome.file_id = self._enter(file, content, "repeated", None, outcome.reason, repeats=row[0])
        return outcome

    def _refuse_sharp_drop(self, files: list[LandedFile], outcomes: list[FileOutcome]) -> None:
        """A full export that is suddenly much smaller was probably cut off; what is missing from it is not deleted."""
        table = files[0].table
        loaded = [outcome for outcome in outcomes if outcome.status == "loaded"]
        if table.delivery != "full" or not loaded or self.accept_drop:
            return
        rows = self.connection.execute(
            "select delivery, sum(rows_in - rows_quarantined) from ledger.files "
            "where status = 'loaded' and table_name = $1 and source_instance = $2 "
            "group by delivery order by (delivery = $3) desc, max(delivered_at) desc, max(file_id) desc limit 2",
            [table.raw_name, files[0].instance, files[0].delivery],
        ).fetchall()
        if len(rows) < 2:
            return
        now, before = int(rows[0][1]), int(rows[1][1])
        if now == 0 and before > 0:
            raise _DeliveryRefused(
                FileRefused(
                    "empty_export",
                    f"holds no rows, the last delivery held {before:,}: if that is right, load it with --accept-drop",
                )
            )
        if before >= FEWEST_ROWS_TO_JUDGE and now < before * SHARP_DROP_RATIO:
            raise _DeliveryRefused(
                FileRefused(
                    "sharp_drop",
                    f"holds {now:,} rows, the last delivery held {before:,}: if that is right, load it with --accept-drop",
                )
            )

    def _refuse(
        self, file: LandedFile, content: Content | None, cause: FileRefused, drift: Iterable[ColumnDrift]
    ) -> None:
        outcome = self._outcome(file, "refused")
        outcome.reason_code, outcome.reason = cause.code, cause.reason
        self.connection.execute("begin transaction")
        outcome.file_id = self._enter(file, content, "refused", cause.code, cause.reason)
        enter_drift(self.connection, outcome, drift)
        self.connection.execute("commit")
        self.report.files.append(outcome)

    def _outcome(self, file: LandedFile, status: str) -> FileOutcome:
        return FileOutcome(file.relative, file.system, file.instance, file.table.raw_name, status)

    def _enter(
        self,
        file: LandedFile,
        content: Content | None,
        status: str,
        reason_code: str | None,
        reason: str | None,
        repeats: int | None = None,
    ) -> int:
        return enter_file(self.connection, self.run, file, content, status, reason_code, reason, repeats)


def _changed_meanwhile(file: LandedFile) -> bool:
    stat = file.path.stat()
    return stat.st_size != file.size_bytes
