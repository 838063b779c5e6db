"""Loading one file, inside the transaction of its delivery: rows in, misfits into quarantine, the ledger line beside them.

Versions of the same row are settled in versions.py; which files are loaded, and what a refusal means for the others, is
decided in loader.py.
"""

from __future__ import annotations

import json
from collections import Counter

import duckdb

from ingestion import lines
from ingestion.casting import sql_literal, sql_name, value_name
from ingestion.drift import ColumnDrift, compare_shapes, summarise_shape
from ingestion.inspection import Content, FileRefused
from ingestion.landing import LandedFile
from ingestion.ledger import FileOutcome, enter_drift, enter_file
from ingestion.reading import RejectedRecord, Source, find_records, forget_rejects, rejected_records
from ingestion.runs import LoadRun
from ingestion.versions import settle_versions

# Below this many rows a share says nothing: two bad rows of three are two bad rows, not a broken export.
FEWEST_ROWS_TO_JUDGE = 20
MOSTLY_BAD_RATIO = 0.5
_FOOTER_LINES_LOOKED_AT = 30

_PHRASES = {
    "not_a_number": "is not a number",
    "not_a_date": "is not a date",
    "not_a_timestamp": "is not a date and time",
    "not_a_boolean": "is neither true nor false",
    "ambiguous_date": "could be two different days; declare its layout in date_layouts (contract or instance.yml)",
    "not_json": "is not JSON",
    "bad_salesforce_id": "is not a Salesforce id of 15 or 18 characters with a fitting suffix",
    "missing_key": "is empty, but rows are told apart by it",
    "missing_value": "is empty, but required",
    "out_of_range": "is outside the range that the contract allows",
    "malformed_json": "is not a JSON object",
}


class NeedsOrder(Exception):
    """Where a row stood in its file matters after all; the file has to be loaded again in its order."""


class MostlyBad(Exception):
    def __init__(self, refusal: FileRefused, drift: list[ColumnDrift]) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal
        self.drift = drift


class FileLoad:
    """One file, inside the transaction of its delivery."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        run: LoadRun,
        file: LandedFile,
        content: Content,
        source: Source,
        in_order: bool,
    ) -> None:
        self.connection = connection
        self.run = run
        self.file = file
        self.table = file.table
        self.raw = f"raw.{sql_name(file.table.raw_name)}"
        self.content = content
        self.source = source
        self.in_order = in_order
        self.outcome = FileOutcome(file.relative, file.system, file.instance, file.table.raw_name, "loaded")

    def load(self) -> FileOutcome:
        outcome = self.outcome
        drift = self._drift()
        outcome.file_id = enter_file(
            self.connection,
            self.run,
            self.file,
            self.content,
            "loaded",
            None,
            None,
            None,
            json.dumps(summarise_shape(self.source.shape), ensure_ascii=False),
        )
        parsed, misfits = self._insert()
        if misfits and not self.in_order:
            raise NeedsOrder
        rejected = [*self.source.already_rejected, *rejected_records(self.connection, self.source)]
        if misfits + len(rejected) and self._is_mostly_bad(parsed, misfits, len(rejected)):
            self._refuse_mostly_bad(parsed, misfits, rejected)
        if misfits or rejected:
            self._quarantine(misfits, rejected)
        outcome.rows_in = parsed + len(rejected) - outcome.footer_lines
        settled = settle_versions(self.connection, self.table, self.file.instance, outcome.file_id)
        if settled.superseded > settled.repeated and not self.in_order:
            # Two versions of a row may have one stamp, and then the later line of the file wins.
            raise NeedsOrder
        outcome.rows_superseded = settled.superseded
        outcome.rows_repeated = settled.repeated
        outcome.rows_corrected = settled.corrected
        outcome.rows_loaded = outcome.rows_in - outcome.rows_quarantined - outcome.rows_superseded
        self.connection.execute(
            "update ledger.files set rows_in = $2, rows_loaded = $3, rows_quarantined = $4, rows_superseded = $5, "
            "rows_repeated = $6, rows_corrected = $7, footer_lines = $8 where file_id = $1",
            [
                outcome.file_id, outcome.rows_in, outcome.rows_loaded, outcome.rows_quarantined, outcome.rows_superseded,
                outcome.rows_repeated, outcome.rows_corrected, outcome.footer_lines,
            ],
        )  # fmt: skip
        enter_drift(self.connection, outcome, drift)
        return outcome

    # --- rows in -----------------------------------------------------------------------------------------------------

    def _insert(self) -> tuple[int, int]:
        """One pass from file to table. A row that does not fit carries no file id until it is moved to quarantine,
        and says why in _extra: so good rows are written once, and only once."""
        columns = self.source.columns
        problems = [(column, f"p{place}") for place, column in enumerate(columns) if column.problem != "null"]
        values = ", ".join(f"{column.value} as {value_name(column.name)}" for column in columns)
        checks = "".join(f", {column.problem} as {name}" for column, name in problems)
        is_misfit = " or ".join(f"{name} is not null" for _, name in problems) or "false"
        named = ", ".join(
            f"case when {name} is not null then "
            f"{{'column': {sql_literal(column.name)}, 'code': {name}, 'found': {column.text}::varchar}} end"
            for column, name in problems
        )
        why = f"to_json(list_filter([{named}], problem -> problem is not null))" if named else "null::json"
        forget_rejects(self.connection)
        # Keeping the file's order costs a fifth of the load, and only the line of a bad row and ties between versions need it.
        self.connection.execute(f"set preserve_insertion_order = {str(self.in_order).lower()}")
        count = self.connection.execute(
            f"""
            insert into {self.raw}
                (source_instance, {", ".join(sql_name(column.name) for column in columns)}, _extra, _file_id, _last_seen_file_id)
            select
                {sql_literal(self.file.instance)},
                {", ".join(value_name(column.name) for column in columns)},
                case when {is_misfit} then {why} else extra end,
                case when {is_misfit} then null else {self.outcome.file_id} end,
                {self.outcome.file_id}
            from (
                select *{checks}
                from (select *, {values}, {self.source.extra} as extra from ({self.source.sql}))
            )
            """
        ).fetchone()
        self.connection.execute("set preserve_insertion_order = true")
        misfits = self.connection.execute(f"select count(*) from {self.raw} where _file_id is null").fetchone()
        assert count is not None
        assert misfits is not None
        return int(count[0]), int(misfits[0])

    def _quarantine(self, misfits: int, rejected: list[RejectedRecord]) -> None:
        """Move what does not fit out of the table, with its line, its original text and the reason."""
        self.connection.execute("create or replace temp table set_aside as select * from ledger.quarantine limit 0")
        if rejected:
            self.connection.execute(
                "insert into set_aside select $1, unnest($2::bigint[]), null, unnest($3::varchar[]), unnest($4::varchar[]), "
                "unnest($5::varchar[])",
                [
                    self.outcome.file_id,
                    [record.line for record in rejected],
                    [record.reason_code for record in rejected],
                    [record.reason for record in rejected],
                    [record.text for record in rejected],
                ],
            )
        if misfits:
            self._set_misfits_aside([record.line for record in rejected])
        self._drop_footers()
        self._refuse_half_written()
        self.connection.execute("insert into ledger.quarantine select * from set_aside order by line, column_name")
        reasons = self.connection.execute(
            "select reason_code, count(*) from set_aside group by all order by all"
        ).fetchall()
        self.outcome.quarantine_reasons = dict(reasons)
        self.outcome.rows_quarantined = sum(count for _, count in reasons)
        self.connection.execute("drop table set_aside")

    def _set_misfits_aside(self, rejected_lines: list[int]) -> None:
        # Rows arrive in file order, so a row's place among this file's rows is its place among the records read.
        self.connection.execute(
            f"create or replace temp table misfits as "
            f"select rowid - (select min(rowid) from {self.raw} where _file_id = {self.outcome.file_id} or _file_id is null) + 1 "
            f"as ordinal, _extra as problems from {self.raw} where _file_id is null"
        )
        find_records(self.connection, self.source, "misfits", rejected_lines)
        phrases = (
            "map {" + ", ".join(f"{sql_literal(code)}: {sql_literal(text)}" for code, text in _PHRASES.items()) + "}"
        )
        self.connection.execute(
            f"""
            insert into set_aside
            select
                {self.outcome.file_id},
                found_records.line,
                case when is_json then problems ->> '$[0].column' end,
                case when is_json then problems ->> '$[0].code' else 'malformed_json' end,
                case when is_json then
                    array_to_string(list_transform(
                        problems::json[],
                        problem -> (problem ->> '$.column')
                            || coalesce(': "' || (problem ->> '$.found') || '" ', ' ')
                            || {phrases}[problem ->> '$.code']
                    ), '; ')
                else 'is not a JSON object' end,
                found_records.text
            from (
                select misfits.*, {"json_valid(found_records.text)" if self.source.kind == "jsonl" else "true"} as is_json
                from misfits left join found_records using (ordinal)
            ) as misfits
            left join found_records using (ordinal)
            """
        )
        self.connection.execute(f"delete from {self.raw} where _file_id is null")

    def _drop_footers(self) -> None:
        """The closing lines of a report are neither rows nor faults."""
        if not self.table.footers or self.source.kind != "csv":
            return
        pattern = sql_literal("|".join(f"(?:{footer})" for footer in self.table.footers))
        candidates = self.connection.execute(
            f"select count(*) from set_aside where regexp_matches(original_text, {pattern})"
        ).fetchone()
        if candidates and candidates[0]:
            first_line = lines.count_lines(self.content.path) - _FOOTER_LINES_LOOKED_AT
            deleted = self.connection.execute(
                f"delete from set_aside where regexp_matches(original_text, {pattern}) and line >= {first_line}"
            ).fetchone()
            self.outcome.footer_lines = int(deleted[0]) if deleted else 0

    def _refuse_half_written(self) -> None:
        if self.content.ends_with_newline or self.source.kind not in ("csv", "jsonl"):
            return
        last_line = lines.count_lines(self.content.path)
        broken = self.connection.execute(
            "select line, original_text from set_aside where line + length(original_text) - length(replace(original_text, chr(10), '')) "
            "= $1 and reason_code in ('wrong_column_count', 'unterminated_quote', 'malformed_json', 'bad_encoding')",
            [last_line],
        ).fetchone()
        if broken:
            raise FileRefused(
                "half_written",
                f"breaks off in its last line ({broken[0]}: {str(broken[1])[:60]!r}): it was cut off or is still being written; "
                "deliver it again",
            )

    def _is_mostly_bad(self, parsed: int, misfits: int, rejected: int) -> bool:
        rows = parsed + rejected
        return rows >= FEWEST_ROWS_TO_JUDGE and misfits + rejected > rows * MOSTLY_BAD_RATIO

    def _refuse_mostly_bad(self, parsed: int, misfits: int, rejected: list[RejectedRecord]) -> None:
        rows = self.connection.execute(
            f"select problem ->> '$.column', problem ->> '$.code', count(*) "
            f"from (select unnest(_extra::json[]) as problem from {self.raw} where _file_id is null) group by all order by 3 desc"
        ).fetchall()
        drift = [
            ColumnDrift("retyped", column, f"{count:,} of {parsed:,} values: {_PHRASES[code]}")
            for column, code, count in rows
            if count > parsed * MOSTLY_BAD_RATIO and code not in ("missing_key", "missing_value")
        ]
        counts = Counter({f"{column} {_PHRASES[code]}": count for column, code, count in rows})
        counts.update(record.reason for record in rejected)
        worst = "; ".join(f"{count:,} × {reason}" for reason, count in counts.most_common(2))
        raise MostlyBad(
            FileRefused(
                "mostly_bad_rows",
                f"has {misfits + len(rejected):,} unusable rows of {parsed + len(rejected):,} ({worst}): has the export's layout "
                "changed? The last good data stays",
            ),
            drift,
        )

    # --- the shape of the export -------------------------------------------------------------------------------------

    def _drift(self) -> list[ColumnDrift]:
        """What changed in the columns since the last delivery of this table; for the first, against the contract."""
        row = self.connection.execute(
            "select source_columns::varchar from ledger.files where status = 'loaded' and table_name = $1 and source_instance = $2 "
            "and source_columns is not null order by file_id desc limit 1",
            [self.table.raw_name, self.file.instance],
        ).fetchone()
        before = json.loads(row[0]) if row else None
        return compare_shapes(self.source.shape, before)
