"""What dbt is told about loaded tables and their staging views, so that each meaning is written once: in the contract.

A system's `_sources.yml` follows from its contract. The `_models.yml` beside it follows from the sources and from the select
lists of the views. The views are written by hand; a table that has none yet gets a first draft. What a column is called in a
view is decided in the view, what it means in the contract, and neither here.

    python -m revhouse.dbt_sources            write what is missing or out of date
    python -m revhouse.dbt_sources --check    only say what is
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import yaml

from ingestion.casting import SQL_TYPES
from ingestion.contract import Contract, TableContract, read_contracts

STAGING = Path(__file__).parent.parent / "dbt_project" / "models" / "staging"
COMMAND = "python -m revhouse.dbt_sources"
_SOURCES, _MODELS = "_sources.yml", "_models.yml"


class StagingError(Exception):
    """Views and loaded tables do not fit together; the message has a line for each mistake."""


@dataclass(frozen=True)
class SourceColumn:
    """A column of a loaded table."""

    name: str
    data_type: str
    description: str
    is_personal: bool = False
    # The loader's own memory, which says nothing about the company: no view shows it.
    is_bookkeeping: bool = False


@dataclass(frozen=True)
class SourceTable:
    """A loaded table as `_sources.yml` describes it."""

    source: str
    name: str
    description: str
    key: tuple[str, ...]
    columns: Mapping[str, SourceColumn]

    @property
    def system(self) -> str:
        """The system it is loaded from; empty for the ledger, which is about all of them."""
        return self.name.partition("__")[0] if self.source == "raw" else ""

    @property
    def view(self) -> str:
        return f"stg_{self.name}" if self.system else f"stg_{self.source}__{self.name}"


@dataclass(frozen=True)
class ViewColumn:
    """One line of a view's select list: a column under its name there, or the system, the same in each row."""

    name: str
    source_column: str | None
    system: str | None = None


_SOURCE_INSTANCE = SourceColumn(
    "source_instance", "varchar", "Instance of the system: its folder in the landing folder."
)
# Personal, because nobody has looked at what is in it.
_EXTRA = SourceColumn("_extra", "json", "What the export has beyond the contract; null if nothing.", is_personal=True)
_FILE_ID = SourceColumn("_file_id", "integer", "File that brought this version, in ledger.files.")
_LAST_SEEN_FILE_ID = SourceColumn(
    "_last_seen_file_id",
    "integer",
    "Latest file that had this version. Where `known_at` is set: null if a file that was not known yet had it again.",
)
_IS_LATER_VERSION = SourceColumn(
    "_is_later_version",
    "boolean",
    "Whether the oldest version known is from after the day asked about. The row existed then; what it says may be newer.",
)

# Empty is the database that models are built in. profiles.yml attaches the other one.
_DATABASE = "\"{{ 'loaded' if var('loaded_in', '') else '' }}\""
_IS_RESTORED = SourceColumn(
    "_is_restored", "boolean", "Whether an earlier version was deleted or archived, and this one is not."
)
_IS_REMOVED_SINCE = SourceColumn(
    "_is_removed_since", "boolean", "Whether it was there on the day asked about, and a later scan no longer found it."
)

# What a first draft calls the columns that every other table has, too.
_DRAFTED_NAMES = {
    "id": "{entity}_id",
    "name": "{entity}_name",
    "type": "{entity}_type",
    "status": "{entity}_status",
    "currency": "currency_code",
    "_extra": "extra_fields",
    "_file_id": "file_id",
    "_last_seen_file_id": "last_seen_file_id",
    "_is_later_version": "is_later_version",
    "_is_restored": "is_restored",
}

_KNOWN_ROWS = re.compile(r"\{\{ known_rows\('(?P<source>\w+)', '(?P<table>\w+)'\) \}\}")
_SELECT_LIST = re.compile(r"^    select\n(?P<lines>.*?)\n\n    from (?P<rest>.*)", re.DOTALL | re.MULTILINE)
_REST = re.compile(r"\{\{ known_rows\([^)]*\) \}\}\n\n\)\n\nselect \* from \w+\n")
_SELECTED = re.compile(
    r"^ {8}(?:'(?P<system>\w+)'|cast\((?P<cast>\w+) as [\w(), ]+\)|(?P<plain>\w+))(?: as (?P<name>\w+))?,?$"
)


def planned_files(contracts: Mapping[str, Contract], staging: Path) -> dict[Path, str]:
    """Every file that follows from contracts and views, with what it has to say; StagingError if they do not fit."""
    planned: dict[Path, str] = {}
    for contract in contracts.values():
        folder = staging / contract.system
        planned[folder / _SOURCES] = sources_text(contract)
        for table in contract.tables:
            view = folder / f"stg_{table.raw_name}.sql"
            if not view.exists():
                planned[view] = draft_view(table)
    problems: list[str] = []
    # What has no contract is described by hand, and has a folder all the same.
    for folder in sorted({path.parent for path in [*planned, *staging.glob(f"*/{_SOURCES}")]}):
        models, mistakes = _models_of(folder, planned)
        planned[folder / _MODELS] = models
        problems += mistakes
    if problems:
        raise StagingError("\n".join(problems))
    return planned


def _models_of(folder: Path, planned: Mapping[Path, str]) -> tuple[str, list[str]]:
    """What dbt is told about the views of a folder, and what is wrong with them."""
    text = planned.get(folder / _SOURCES) or (folder / _SOURCES).read_text(encoding="utf-8")
    sources = yaml.safe_load(text)["sources"]
    views: list[tuple[SourceTable, list[ViewColumn]]] = []
    problems: list[str] = []
    paths = set(folder.glob("*.sql"))
    for table in read_tables(sources):
        path = folder / f"{table.view}.sql"
        if path not in planned and path not in paths:
            problems.append(f"{path}: expected, because {_SOURCES} beside it has {table.source}.{table.name}")
            continue
        paths.discard(path)
        columns, mistakes = read_view(planned.get(path) or path.read_text(encoding="utf-8"), table)
        views.append((table, columns))
        problems += [f"{path}{mistake}" for mistake in mistakes]
    problems += [f"{path}: shows no table of the {_SOURCES} beside it" for path in sorted(paths)]
    owner = sources[0]["config"]["meta"]["owner"]
    return "" if problems else models_text(folder.name, owner, views), problems


# --- sources --------------------------------------------------------------------------------------------------------


def sources_text(contract: Contract) -> str:
    lines = [
        f"# Written by `{COMMAND}` from ingestion/contracts/{contract.system}.yml: change that, and run it again.",
        "",
        "version: 2",
        "",
        "sources:",
        "  - name: raw",
        f"    database: {_DATABASE}",
        "    description: Exports as they are now, typed. One row per instance and key.",
        f"    config: {{meta: {{owner: {contract.owner}}}}}",
        "    tables:",
    ]
    for table in contract.tables:
        columns = [
            _SOURCE_INSTANCE,
            *(SourceColumn(it.name, SQL_TYPES[it.type], it.description, it.personal) for it in table.columns),
            _EXTRA,
            _FILE_ID,
            _LAST_SEEN_FILE_ID,
        ]
        lines += [
            f"      - name: {table.raw_name}",
            f"        description: {_quoted(table.description)}",
            f"        config: {{meta: {{{_table_meta(table)}}}}}",
            "        columns:",
            *(f"          - {_column_line(column, column.description, column.data_type)}" for column in columns),
        ]
    lines += [
        "",
        "  - name: raw_history",
        f"    database: {_DATABASE}",
        "    description: Versions that were replaced, or arrived already old. Columns as in raw, and _superseded_by_file_id.",
        f"    config: {{meta: {{owner: {contract.owner}}}}}",
        "    tables:",
        *(f"      - {{name: {table.raw_name}}}" for table in contract.tables),
    ]
    return "\n".join(lines) + "\n"


def _table_meta(table: TableContract) -> str:
    """What known_rows has to know of a table: its key, and where rows change, by what their versions are told apart."""
    meta = f"key: [{', '.join(['source_instance', *table.key])}]"
    if table.stamp:
        meta += f", stamp: {table.stamp}"
        if any(column.name == "created_at" for column in table.columns):
            meta += ", created: created_at"
        if flag := _deletion_flag(table):
            meta += f", deleted: {flag}"
    return meta


def _deletion_flag(table: TableContract) -> str | None:
    """The column that says that a row was taken away; only where versions are told apart can it be seen to come back."""
    named = {column.name for column in table.columns} if table.stamp else set()
    return next((flag for flag in ("is_deleted", "is_archived") if flag in named), None)


def read_tables(sources: Sequence[Mapping[str, Any]]) -> Iterator[SourceTable]:
    """The tables that staging shows. History is no table of its own to it: known_rows reads both."""
    for source in sources:
        if source["name"] == "raw_history":
            continue
        for table in source["tables"]:
            columns = [_read_column(column) for column in table["columns"]]
            meta = table["config"]["meta"]
            if "stamp" in meta:
                columns.append(_IS_LATER_VERSION)
            if "deleted" in meta:
                columns.append(_IS_RESTORED)
            if "scanned" in meta:
                columns.append(_IS_REMOVED_SINCE)
            yield SourceTable(
                source["name"],
                table["name"],
                table["description"],
                tuple(meta["key"]),
                {column.name: column for column in columns},
            )


def _read_column(column: Mapping[str, Any]) -> SourceColumn:
    meta = column.get("config", {}).get("meta", {})
    return SourceColumn(
        column["name"],
        column["data_type"],
        column["description"],
        meta.get("personal", False),
        meta.get("bookkeeping", False),
    )


# --- views ----------------------------------------------------------------------------------------------------------


def draft_view(table: TableContract, names: Mapping[str, str] | None = None) -> str:
    """A view to start from: ids as text, the key first, the loader's columns last."""
    entity = _singular(table.name)
    names = {name: drafted.format(entity=entity) for name, drafted in _DRAFTED_NAMES.items()} | dict(names or {})
    rest = [column.name for column in table.columns if column.name not in table.key]
    selected = [f"'{table.system}' as source_system", "source_instance"]
    last = [_EXTRA.name, _FILE_ID.name, _LAST_SEEN_FILE_ID.name]
    last += [_IS_LATER_VERSION.name] if table.stamp else []
    last += [_IS_RESTORED.name] if _deletion_flag(table) else []
    for name in [*table.key, *rest, *last]:
        shown = names.get(name, name)
        is_number = not name.startswith("_") and table.column(name).type == "integer"
        value = f"cast({name} as string)" if is_number and shown.endswith("_id") else name
        selected.append(value if value == shown else f"{value} as {shown}")
    listed = ",\n        ".join(selected)
    return f"""\
{{# {table.description.partition(". ")[0].removesuffix(".")}. #}}

with

renamed_{table.name} as (

    select
        {listed}

    from {{{{ known_rows('raw', '{table.raw_name}') }}}}

)

select * from renamed_{table.name}
"""


def read_view(sql: str, table: SourceTable) -> tuple[list[ViewColumn], list[str]]:
    """What a view shows, and what is wrong with it, each mistake beginning with where in the file it is."""
    read = _KNOWN_ROWS.findall(sql)
    if read != [(table.source, table.name)]:
        found = ", ".join(f"known_rows('{source}', '{name}')" for source, name in read) or "none"
        return [], [f": expected one known_rows('{table.source}', '{table.name}'), found {found}"]
    select_list = _SELECT_LIST.search(sql)
    if select_list is None:
        return [], [": expected `select`, a column on each line, an empty line and `from`, indented by four spaces"]
    columns: list[ViewColumn] = []
    mistakes: list[str] = []
    if not _REST.fullmatch(select_list["rest"]):
        mistakes.append(": expected nothing after known_rows but the end of the CTE and `select * from` it")
    first_line = sql.count("\n", 0, select_list.start("lines")) + 1
    for number, line in enumerate(select_list["lines"].split("\n"), first_line):
        if not line.strip():
            continue
        selected = _SELECTED.match(line)
        if selected is None:
            allowed = "`column`, `column as name` or `cast(column as type) as name`: staging renames and casts, no more"
            mistakes.append(f":{number}: expected {allowed}; found `{line.strip()}`")
            continue
        column, system = selected["cast"] or selected["plain"], selected["system"]
        name = selected["name"] or column
        if column is not None and column not in table.columns:
            mistakes.append(f":{number}: expected a column of {table.source}.{table.name}, found `{column}`")
        elif system is not None and (name, system) != ("source_system", table.system or system):
            expected = f"'{table.system}' as source_system"
            mistakes.append(f":{number}: expected no text but `{expected}`, found `{line.strip()}`")
        else:
            columns.append(ViewColumn(name, column, system))
    shown = [column.source_column for column in columns]
    for name, known in table.columns.items():
        if shown.count(name) != (0 if known.is_bookkeeping else 1) and not mistakes:
            expected = "not to be shown: it is the loader's own" if known.is_bookkeeping else "to be shown once"
            mistakes.append(f": expected `{name}` {expected}; found it {shown.count(name)} times")
    return columns, mistakes


def models_text(group: str, owner: str, views: Sequence[tuple[SourceTable, Sequence[ViewColumn]]]) -> str:
    lines = [
        f"# Written by `{COMMAND}` from {_SOURCES} and the views beside it: change those, and run it again.",
        "",
        "version: 2",
        "",
        "groups:",
        f"  - {{name: {group}, owner: {{name: {owner}}}}}",
        "",
        "models:",
    ]
    for table, columns in views:
        names = {column.source_column: column.name for column in columns if column.source_column}
        lines += [
            f"  - name: {table.view}",
            f"    description: {_quoted(_renamed(table.description, names))}",
            f"    config: {{group: {group}, meta: {{owner: {owner}}}}}",
            "    data_tests:",
            f"      - sound_rows: {{arguments: {{key: [{', '.join(names[name] for name in table.key)}]}}}}",
            "    columns:",
        ]
        for column in columns:
            if column.source_column is None:
                shown = SourceColumn(column.name, "", f"System that the row comes from: {column.system}.")
            else:
                known = table.columns[column.source_column]
                shown = SourceColumn(column.name, "", _renamed(known.description, names), known.is_personal)
            lines.append(f"      - {_column_line(shown, shown.description)}")
    return "\n".join(lines) + "\n"


# --- text -----------------------------------------------------------------------------------------------------------


def _column_line(column: SourceColumn, description: str, data_type: str = "") -> str:
    typed = f"data_type: {data_type if data_type.isalpha() else _quoted(data_type)}, " if data_type else ""
    personal = ", config: {meta: {personal: true}}" if column.is_personal else ""
    return f"{{name: {column.name}, {typed}description: {_quoted(description)}{personal}}}"


def _quoted(text: str) -> str:
    """YAML reads JSON's strings as they are."""
    return json.dumps(text, ensure_ascii=False)


def _renamed(description: str, names: Mapping[str, str]) -> str:
    """Descriptions name other columns between backticks."""
    return re.sub(r"`(\w+)`", lambda named: f"`{names.get(named[1], named[1])}`", description)


def _singular(entities: str) -> str:
    return entities[:-3] + "y" if entities.endswith("ies") else entities.removesuffix("s")


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; end with 1 if something is out of date.")
def main(check: bool) -> None:
    """Write dbt's sources and the staging views' descriptions from the contracts."""
    try:
        planned = planned_files(read_contracts(), STAGING)
    except StagingError as error:
        raise click.ClickException(str(error)) from error
    stale = [path for path, text in planned.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        click.echo(f"{'out of date' if check else 'written'}: {path.relative_to(STAGING.parents[2])}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(planned[path], encoding="utf-8")
    if check and stale:
        raise click.ClickException(f"Run `{COMMAND}` and commit what it writes.")


if __name__ == "__main__":
    main()
