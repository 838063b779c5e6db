"""A written sample company, and plain DuckDB to look at it with.

The project's own loader is left out on purpose: what these tests count, they count without its help.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from ingestion.sample import Preset

AS_OF = date(2026, 6, 30)
FIRST, SECOND, LAST = "2026-04-30", "2026-05-31", "2026-06-30"
# Big enough for every planted part to find someone to play it, small enough to be written several times.
TINY = Preset("tiny", accounts=60, usage_scale=0.3, wide_usage_files=False, in_memory=True)


class Company:
    """A written sample: its folder, its truth as the table `truth`, its files through SQL."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.landing = root / "landing"
        self.connection = duckdb.connect()
        self.connection.execute("set timezone = 'UTC'")
        self.connection.execute(
            "create table truth as select * replace (detail::json as detail) from "
            f"read_csv('{root}/ground_truth.csv', all_varchar = true, header = true)"
        )

    def csv(self, path: str, null: str = "", delimiter: str = ",") -> str:
        """SQL that reads CSV exports (a glob is fine) as text."""
        return (
            f"read_csv('{self.landing}/{path}', all_varchar = true, header = true, delim = '{delimiter}', quote = '\"', escape = '\"', "
            f"nullstr = '{null}', ignore_errors = true, union_by_name = true, filename = true, strict_mode = false)"
        )

    def records(self, path: str, records_at: str) -> str:
        """SQL that reads the records of JSON documents as a column `record`."""
        return (
            f"(select unnest(json_extract(json, '$.{records_at}[*]')) as record, filename "
            f"from read_json_objects('{self.landing}/{path}', format = 'unstructured', filename = true, maximum_object_size = 100000000))"
        )

    def lines(self, path: str) -> str:
        """SQL that reads JSON lines as a column `record`; lines that are no JSON are left out."""
        return (
            f"(select json as record, filename from read_json_objects('{self.landing}/{path}', "
            "format = 'newline_delimited', filename = true, ignore_errors = true) where json is not null)"
        )

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self.connection.execute(query).fetchall()

    def value(self, query: str) -> object:
        ((found,),) = self.rows(query)
        return found

    def differences(self, one: str, other: str) -> list[tuple[object, ...]]:
        """Rows that one query has and the other has not: none, if they tell the same."""
        return self.rows(
            f"select 'only in the first', * from (select * from ({one}) except all select * from ({other})) union all "
            f"select 'only in the second', * from (select * from ({other}) except all select * from ({one})) limit 20"
        )

    def subscriptions(self, day: str) -> str:
        """SQL that reads billing's cp1252 export of a day, which DuckDB cannot decode by itself."""
        copy = self.root / f"subscriptions_{day}_utf8.csv"
        if not copy.exists():
            content = (self.landing / f"billing/main/subscriptions_{day}.csv").read_bytes()
            copy.write_bytes(content.decode("cp1252").encode("utf-8"))
        return f"read_csv('{copy}', all_varchar = true, header = true, delim = ';')"
