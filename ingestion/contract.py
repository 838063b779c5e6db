"""What each system's exports look like: the YAML in contracts/, read, checked and turned into dataclasses.

Finding files, reading them and casting their values belong to the modules that take a TableContract.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import duckdb
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

CONTRACTS_FOLDER = Path(__file__).parent / "contracts"
SCHEMA_PATH = CONTRACTS_FOLDER / "contract.schema.json"

Delivery = Literal["full", "changes", "events"]
Place = tuple[str | int, ...]

# The loader gives these names, and those with a leading underscore, to columns of its own.
RESERVED_COLUMNS = frozenset({"source_instance"})

_NUMERIC_TYPES = frozenset({"integer", "decimal", "double"})
_STAMP_TYPES = frozenset({"timestamp", "date", "integer"})
_KEY_TYPES = frozenset({"text", "salesforce_id", "integer", "date", "timestamp"})

# What people write when they mean one of our types.
_TYPE_SYNONYMS = {
    "array": "json",
    "bigint": "integer",
    "bool": "boolean",
    "currency": "decimal",
    "datetime": "timestamp",
    "float": "double",
    "int": "integer",
    "number": "decimal",
    "numeric": "decimal",
    "object": "json",
    "str": "text",
    "string": "text",
    "varchar": "text",
}


class ContractError(Exception):
    """One or more contracts cannot be used; the message has a line for each mistake."""

    def __init__(self, problems: Sequence[ContractProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class ContractProblem:
    """One mistake: where it is, what was expected there and what was found."""

    path: Path
    place: str
    line: int | None
    expected: str
    found: str

    def __str__(self) -> str:
        line = f":{self.line}" if self.line is not None else ""
        place = f" {self.place}:" if self.place else ""
        return f"{self.path}{line}:{place} expected {self.expected}, found {self.found}"


@dataclass(frozen=True)
class ColumnContract:
    """One typed column of a raw table, and every spelling under which exports deliver it."""

    name: str
    type: str
    aliases: tuple[str, ...]
    description: str
    required: bool = False
    personal: bool = False
    minimum: float | None = None
    maximum: float | None = None
    is_local_epoch: bool = False


@dataclass(frozen=True)
class TableContract:
    """One kind of export file, and the raw table it becomes."""

    system: str
    name: str
    raw_name: str
    description: str
    files: tuple[str, ...]
    delivery: Delivery
    key: tuple[str, ...]
    stamp: str | None
    records_at: tuple[str, ...]
    columns: tuple[ColumnContract, ...]
    null_markers: tuple[str, ...]
    timezone: str
    date_layouts: tuple[str, ...]
    footers: tuple[str, ...]

    @cached_property
    def version(self) -> str:
        """Changes exactly when the same file would load differently.

        Computed and not stored, so that a table whose time zone or date layouts an instance overrides has a
        version of its own. Descriptions, file names and the personal-data mark change nothing that is loaded.
        """
        content = {
            "table": self.raw_name,
            "delivery": self.delivery,
            "key": self.key,
            "stamp": self.stamp,
            "records_at": self.records_at,
            "columns": [
                [
                    column.name,
                    column.type,
                    [fold_name(alias) for alias in column.aliases],
                    column.required,
                    column.minimum,
                    column.maximum,
                    column.is_local_epoch,
                ]
                for column in self.columns
            ],
            "null_markers": self.null_markers,
            "timezone": self.timezone,
            "date_layouts": self.date_layouts,
            "footers": self.footers,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]

    def column(self, name: str) -> ColumnContract:
        for column in self.columns:
            if column.name == name:
                return column
        known = ", ".join(column.name for column in self.columns)
        raise KeyError(f"{self.raw_name} has no column {name!r}; it has {known}")


@dataclass(frozen=True)
class Contract:
    """Everything we accept from one system."""

    system: str
    title: str
    description: str
    owner: str
    tables: tuple[TableContract, ...]


def fold_name(text: str) -> str:
    """The form in which spellings are compared: `Created Date`, `created_date` and `CreatedDate` agree.

    A dot survives because it is a step into a JSON object: `fields.status` is not `fieldsstatus`.
    """
    return "".join(character for character in text.lower() if character.isalnum() or character == ".")


def read_contracts(folder: Path = CONTRACTS_FOLDER) -> dict[str, Contract]:
    """Every contract of a folder by system, or a ContractError that lists all mistakes in all of them."""
    validator = Draft202012Validator(json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))
    problems: list[ContractProblem] = []
    contracts: dict[str, Contract] = {}
    paths = sorted(path for path in folder.glob("*") if path.suffix in (".yml", ".yaml"))
    if not paths:
        problems.append(ContractProblem(folder, "", None, "a contract, e.g. salesforce.yml", "no .yml file"))
    with duckdb.connect(":memory:") as engine:
        for path in paths:
            document = _Document(path)
            document.check(validator, engine)
            if document.problems:
                problems.extend(document.problems)
            else:
                contract = _contract(document.content)
                contracts[contract.system] = contract
    if problems:
        raise ContractError(problems)
    return contracts


class _Document:
    """One YAML file with what is wrong in it. Later checks run only when the earlier ones found nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[ContractProblem] = []
        self.content: dict[str, Any] = {}
        self._root: yaml.Node | None = None

    def check(self, validator: Draft202012Validator, engine: duckdb.DuckDBPyConnection) -> None:
        content = self._parse()
        if not self.problems:
            for error in sorted(validator.iter_errors(content), key=lambda error: error.json_path):
                for expected, found in _explain(error):
                    self._report(tuple(error.absolute_path), expected, found)
        if not self.problems and isinstance(content, dict):
            self.content = content
            self._check_meaning(engine)

    def _report(self, place: Place, expected: str, found: str) -> None:
        problem = ContractProblem(self.path, _spell(place), self._line(place), expected, found)
        if problem not in self.problems:
            self.problems.append(problem)

    def _line(self, place: Place) -> int | None:
        """The line of a place, or of the nearest thing around it that is there."""
        node = self._root
        line = None if node is None else node.start_mark.line + 1
        for step in place:
            found = _child(node, step)
            if found is None:
                break
            line = found[0].start_mark.line + 1
            node = found[1]
        return line

    # --- reading --------------------------------------------------------------------------------------------

    def _parse(self) -> Any:
        # The C parser is several times faster, and every start of the command line reads all contracts.
        loader_class = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            loader = loader_class(self.path.read_text(encoding="utf-8"))
            try:
                self._root = loader.get_single_node()
                self._check_keys(self._root, ())
                return None if self._root is None or self.problems else loader.construct_document(self._root)
            finally:
                loader.dispose()
        except UnicodeDecodeError as error:
            self._report((), "UTF-8 text", f"byte {error.object[error.start]:#04x} at position {error.start}")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.problems.append(
                ContractProblem(
                    self.path,
                    "",
                    mark.line + 1 if mark else None,
                    "YAML",
                    f"{error.problem or error.context} (a text with a colon, comma or # in it needs quotes)",
                )
            )
        return None

    def _check_keys(self, node: yaml.Node | None, place: Place) -> None:
        """YAML silently keeps the last of two equal keys, and reads the names `on` and `no` as booleans."""
        if isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self._check_keys(item, (*place, index))
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if key.tag != "tag:yaml.org,2002:str":
                    written = str(key.value)
                    found = f"{written!r}, which YAML does not read as text: quote it"
                    self._report((*place, written), "a name", found)
                    continue
                if key.value in seen:
                    self._report((*place, key.value), "each name once", f"{key.value!r} a second time")
                seen.add(key.value)
                self._check_keys(value, (*place, key.value))

    # --- what a schema cannot say ---------------------------------------------------------------------------

    def _check_meaning(self, engine: duckdb.DuckDBPyConnection) -> None:
        system = self.content["system"]
        if self.path.name != f"{system}.yml":
            self._report(("system",), f"the file to be named {system}.yml", self.path.name)
        self._check_text_rules(self.content, (), engine)
        claimed: dict[str, str] = {}
        for name, table in self.content["tables"].items():
            place: Place = ("tables", name)
            self._check_text_rules(table, place, engine)
            for index, stem in enumerate(table["files"]):
                # Landing compares file names without dots, which there are only ever decoration.
                other = claimed.setdefault(fold_name(stem).replace(".", ""), name)
                if other != name:
                    self._report(
                        (*place, "files", index),
                        "a file name that no other table claims",
                        f"{stem!r}, which is also a file of {other!r}",
                    )
            self._check_columns(table, place)

    def _check_text_rules(self, holder: Mapping[str, Any], place: Place, engine: duckdb.DuckDBPyConnection) -> None:
        """Regexes, layouts and zones are tried on DuckDB, because that is what will use them."""
        for index, pattern in enumerate(holder.get("footers", ())):
            try:
                engine.execute("select regexp_matches('', ?)", [pattern]).fetchall()
            except duckdb.Error as error:
                found = f"{pattern!r}: {_first_line(error)}"
                self._report((*place, "footers", index), "a regular expression (RE2)", found)
        for index, layout in enumerate(holder.get("date_layouts", ())):
            if not _reads_back(engine, layout):
                self._report(
                    (*place, "date_layouts", index),
                    "a strptime layout with day, month and year, e.g. '%d/%m/%Y' or '%m/%d/%Y %I:%M %p'",
                    repr(layout),
                )
        zone = holder.get("timezone")
        if zone is not None:
            try:
                engine.execute("select timezone(?, timestamp '2026-01-01')", [zone]).fetchall()
            except duckdb.Error:
                expected = "an IANA time zone, e.g. 'UTC' or 'Europe/Berlin'"
                self._report((*place, "timezone"), expected, repr(zone))

    def _check_columns(self, table: Mapping[str, Any], place: Place) -> None:
        columns: Mapping[str, Mapping[str, Any]] = table["columns"]
        for index, name in enumerate(table["key"]):
            self._check_role((*place, "key", index), name, columns, _KEY_TYPES)
        if "stamp" in table:
            self._check_role((*place, "stamp"), table["stamp"], columns, _STAMP_TYPES)
        claimed: dict[str, tuple[str, str]] = {}
        for name, column in columns.items():
            here: Place = (*place, "columns", name)
            if name in RESERVED_COLUMNS:
                self._report(here, "a name that the loader does not use itself", repr(name))
            earlier: list[str] = []
            for index, alias in enumerate([name, *column.get("from", ())]):
                spot: Place = here if index == 0 else (*here, "from", index - 1)
                folded = fold_name(alias)
                if not folded.strip("."):
                    self._report(spot, "a source name with letters or digits", repr(alias))
                    continue
                for before in earlier:
                    # The first spelling found in a file wins; where the path is, so is the object around it.
                    if folded.startswith(f"{fold_name(before)}."):
                        found = f"{alias!r} after {before!r}, so it would never be read"
                        self._report(spot, "a path before the object around it (a column's own name is first)", found)
                earlier.append(alias)
                other, spelling = claimed.setdefault(folded, (name, alias))
                if other != name:
                    self._report(
                        spot,
                        "a source name that no other column of the table claims",
                        f"{alias!r}, compared as {folded!r} like {spelling!r} of the column {other!r}",
                    )
            bounds = [bound for bound in ("minimum", "maximum") if bound in column]
            if bounds and column["type"] not in _NUMERIC_TYPES:
                found = f"one on a column of type {column['type']!r}"
                self._report((*here, bounds[0]), "bounds on a number only", found)
            elif len(bounds) == 2 and column["minimum"] > column["maximum"]:
                self._report((*here, "minimum"), f"at most the maximum, {column['maximum']}", str(column["minimum"]))

    def _check_role(
        self, place: Place, name: str, columns: Mapping[str, Mapping[str, Any]], types: frozenset[str]
    ) -> None:
        if name not in columns:
            found = f"{name!r}{_did_you_mean(name, columns)}"
            self._report(place, "the name of a column of this table", found)
        elif columns[name]["type"] not in types:
            self._report(
                place,
                f"a column of type {', '.join(sorted(types)[:-1])} or {sorted(types)[-1]}",
                f"{name!r}, which is {columns[name]['type']!r} and cannot be compared safely",
            )


# --- from YAML to dataclasses -------------------------------------------------------------------------------


def _contract(content: Mapping[str, Any]) -> Contract:
    return Contract(
        system=content["system"],
        title=content["title"],
        description=content["description"],
        owner=content["owner"],
        tables=tuple(_table(content, name, table) for name, table in content["tables"].items()),
    )


def _table(content: Mapping[str, Any], name: str, table: Mapping[str, Any]) -> TableContract:
    def of_table_or_system(field: str) -> tuple[str, ...]:
        return tuple(table.get(field, content.get(field, ())))

    key = tuple(table["key"])
    return TableContract(
        system=content["system"],
        name=name,
        raw_name=f"{content['system']}__{name}",
        description=table["description"],
        files=tuple(table["files"]),
        delivery=table["delivery"],
        key=key,
        stamp=table.get("stamp"),
        records_at=tuple(table.get("records_at", ())),
        columns=tuple(_column(column_name, column, key) for column_name, column in table["columns"].items()),
        null_markers=of_table_or_system("null_markers"),
        timezone=table.get("timezone", content["timezone"]),
        date_layouts=of_table_or_system("date_layouts"),
        footers=of_table_or_system("footers"),
    )


def _column(name: str, column: Mapping[str, Any], key: tuple[str, ...]) -> ColumnContract:
    return ColumnContract(
        name=name,
        type=column["type"],
        aliases=(name, *column.get("from", ())),
        description=column["description"],
        required=column.get("required", False) or name in key,
        personal=column.get("personal", False),
        minimum=column.get("minimum"),
        maximum=column.get("maximum"),
        is_local_epoch=column.get("local_epoch", False),
    )


# --- words for mistakes -------------------------------------------------------------------------------------


def _explain(error: ValidationError) -> Iterator[tuple[str, str]]:
    """What was expected and what was found, in the words of a person who writes YAML and not of a schema."""
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    instance: Any = error.instance
    wanted: Any = error.validator_value
    match error.validator:
        case "required":
            for name in wanted:
                if name not in instance:
                    about = schema.get("properties", {}).get(name, {}).get("description", "")
                    yield f"a field `{name}`{f' ({about})' if about else ''}", _fields(instance)
        case "additionalProperties":
            known = schema.get("properties", {})
            for name in instance:
                if name not in known:
                    yield f"only the fields {', '.join(known)}", f"`{name}`{_did_you_mean(name, known)}"
        case "enum":
            allowed = [str(value) for value in wanted]
            meant = _TYPE_SYNONYMS.get(str(instance).lower())
            hint = f": write {meant!r}" if meant in allowed else _did_you_mean(str(instance), allowed)
            yield _one_of(allowed), f"{instance!r}{hint}"
        case "type":
            yield _PLAIN_TYPES.get(str(wanted), str(wanted)), _describe(instance)
        case "pattern":
            yield str(schema.get("description", f"text like {wanted}")), repr(instance)
        case "minItems" | "minProperties" | "minLength":
            yield "at least one entry" if error.validator != "minLength" else "some text", "nothing"
        case "uniqueItems":
            yield "each entry once", ", ".join(map(repr, instance))
        case _:
            yield str(error.validator), error.message


_PLAIN_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "number": "a number",
    "object": "a mapping (name: value)",
    "string": "text",
}


def _describe(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return _fields(value)
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return f"{value!r} ({type(value).__name__}; quote it if it is meant as text)"


def _fields(value: Mapping[str, object]) -> str:
    return f"the fields {', '.join(value)}" if value else "no fields"


def _one_of(names: Sequence[str]) -> str:
    return f"one of {', '.join(names)}"


def _did_you_mean(name: str, known: Mapping[str, object] | Sequence[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f": did you mean {close[0]!r}?" if close else ""


def _spell(place: Place) -> str:
    """tables.accounts.key[0]"""
    spelled = ""
    for step in place:
        spelled += f"[{step}]" if isinstance(step, int) else f".{step}" if spelled else step
    return spelled


def _child(node: yaml.Node | None, step: Hashable) -> tuple[yaml.Node, yaml.Node] | None:
    """The node to point at and the node to go on from."""
    if isinstance(node, yaml.MappingNode):
        # The last of two equal keys: that is the one to take out.
        for key, value in reversed(node.value):
            if key.value == step:
                return key, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def _reads_back(engine: duckdb.DuckDBPyConnection, layout: str) -> bool:
    """Whether a day written in the layout reads back as the same day: `dd/MM/yyyy` and `%d/%m` do not."""
    day = "date '2026-11-23'"
    try:
        row = engine.execute(f"select strptime(strftime({day}, $1), $1)::date = {day}", [layout]).fetchone()
    except duckdb.Error:
        return False
    return row is not None and row[0] is True


def _first_line(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error).splitlines()[0])
