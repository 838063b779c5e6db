"""How contracts are read, and how each kind of mistake in one is answered."""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingestion.contract import ContractError, TableContract, fold_name, read_contracts

CONTRACT: dict[str, Any] = {
    "system": "callnotes",
    "title": "Callnotes",
    "description": "Authority for recorded calls.",
    "owner": "sales",
    "null_markers": ["", "n/a"],
    "timezone": "UTC",
    "date_layouts": ["%d.%m.%Y"],
    "footers": ["^Exported by "],
    "tables": {
        "calls": {
            "description": "One row per call.",
            "files": ["Call", "Calls"],
            "delivery": "full",
            "key": ["id"],
            "stamp": "updated_at",
            "records_at": ["calls"],
            "columns": {
                "id": {"type": "text", "from": ["Call ID"], "description": "Id of the call."},
                "host_name": {"type": "text", "personal": True, "description": "Who held it."},
                "talk_pct": {
                    "type": "double",
                    "minimum": 0,
                    "maximum": 100,
                    "from": ["stats.talk", "Talk Ratio (%)"],
                    "description": "Share of the talk in percent.",
                },
                "updated_at": {"type": "timestamp", "required": True, "description": "Last change."},
            },
        },
        "comments": {
            "description": "One row per comment.",
            "files": ["Comments"],
            "delivery": "events",
            "key": ["id"],
            "timezone": "Europe/Berlin",
            "null_markers": ["-"],
            "columns": {"id": {"type": "integer", "description": "Id of the comment."}},
        },
    },
}


def write(folder: Path, content: object, name: str = "callnotes.yml") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return path


def read_table(folder: Path, content: object = CONTRACT, table: str = "calls") -> TableContract:
    write(folder, content)
    return next(found for found in read_contracts(folder)["callnotes"].tables if found.name == table)


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    content = copy.deepcopy(CONTRACT)
    change(content)
    return content


# --- reading ------------------------------------------------------------------------------------------------


def test_a_contract_becomes_dataclasses(tmp_path: Path) -> None:
    write(tmp_path, CONTRACT)

    contract = read_contracts(tmp_path)["callnotes"]

    assert (contract.title, contract.owner) == ("Callnotes", "sales")
    assert [table.raw_name for table in contract.tables] == ["callnotes__calls", "callnotes__comments"]
    calls = contract.tables[0]
    assert calls.system == "callnotes"
    assert calls.files == ("Call", "Calls")
    assert (calls.delivery, calls.key, calls.stamp) == ("full", ("id",), "updated_at")
    assert calls.records_at == ("calls",)
    assert [column.name for column in calls.columns] == ["host_name", "id", "talk_pct", "updated_at"]


def test_the_order_of_columns_is_the_order_in_the_file(tmp_path: Path) -> None:
    write(tmp_path, yaml.safe_dump(CONTRACT, sort_keys=False))

    calls = read_contracts(tmp_path)["callnotes"].tables[0]

    assert [column.name for column in calls.columns] == ["id", "host_name", "talk_pct", "updated_at"]


def test_a_columns_own_name_is_the_first_of_its_spellings(tmp_path: Path) -> None:
    talk = read_table(tmp_path).column("talk_pct")

    assert talk.aliases == ("talk_pct", "stats.talk", "Talk Ratio (%)")
    assert (talk.minimum, talk.maximum) == (0, 100)


def test_key_columns_are_required_and_others_only_where_they_say_so(tmp_path: Path) -> None:
    calls = read_table(tmp_path)

    assert [column.name for column in calls.columns if column.required] == ["id", "updated_at"]
    assert [column.name for column in calls.columns if column.personal] == ["host_name"]


def test_a_table_inherits_what_its_system_says_and_can_say_otherwise(tmp_path: Path) -> None:
    calls = read_table(tmp_path)
    comments = read_table(tmp_path, table="comments")

    assert (calls.timezone, comments.timezone) == ("UTC", "Europe/Berlin")
    assert (calls.null_markers, comments.null_markers) == (("", "n/a"), ("-",))
    assert calls.date_layouts == comments.date_layouts == ("%d.%m.%Y",)
    assert calls.footers == comments.footers == ("^Exported by ",)


def test_asking_for_a_column_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="callnotes__calls has no column 'colour'; it has host_name, id"):
        read_table(tmp_path).column("colour")


@pytest.mark.parametrize(
    "spellings",
    [
        ["CreatedDate", "created_date", "Created Date", "createddate", "CREATED-DATE"],
        ["$insert_id", "insert_id", "insertId"],
        ["fields.status.name", "Fields.Status.Name"],
        ["Probability (%)", "probability"],
        ["Größe (m²)", "größe_m²"],
    ],
)
def test_spellings_that_differ_in_case_and_punctuation_only_are_one_name(spellings: list[str]) -> None:
    assert len({fold_name(spelling) for spelling in spellings}) == 1


def test_a_path_into_an_object_is_not_the_name_without_its_dots() -> None:
    assert fold_name("fields.status") != fold_name("fieldsstatus")


# --- mistakes -----------------------------------------------------------------------------------------------


def table_of(content: dict[str, Any]) -> dict[str, Any]:
    table: dict[str, Any] = content["tables"]["calls"]
    return table


def columns_of(content: dict[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = table_of(content)["columns"]
    return columns


MISTAKES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a field that is missing": (
        lambda content: content.pop("owner"),
        "expected a field `owner` (the team that answers for the export, in snake_case), found the fields",
    ),
    "a field that is misspelled": (
        lambda content: table_of(content).update(stamps="updated_at"),
        "tables.calls: expected only the fields description, files, delivery, key, stamp, records_at, "
        "null_markers, timezone, date_layouts, footers, columns, found `stamps`: did you mean 'stamp'?",
    ),
    "a type of another tool": (
        lambda content: columns_of(content)["id"].update(type="varchar"),
        "tables.calls.columns.id.type: expected one of text, salesforce_id, integer, decimal, double, "
        "boolean, date, timestamp, json, found 'varchar': write 'text'",
    ),
    "a type that is mistyped": (
        lambda content: columns_of(content)["id"].update(type="intger"),
        "found 'intger': did you mean 'integer'?",
    ),
    "a column without a description": (
        lambda content: columns_of(content)["id"].pop("description"),
        "tables.calls.columns.id: expected a field `description` (one line: the meaning, the unit, what null "
        "means), found the fields from, type",
    ),
    "a delivery that is none": (
        lambda content: table_of(content).update(delivery="incremental"),
        "tables.calls.delivery: expected one of full, changes, events, found 'incremental'",
    ),
    "a column name that is not snake_case": (
        lambda content: columns_of(content).update(CreatedDate={"type": "date", "description": "x"}),
        "tables.calls.columns: expected a snake_case name: lower-case letters, digits and single "
        "underscores, starting with a letter, found 'CreatedDate'",
    ),
    "a table name that is not snake_case": (
        lambda content: content["tables"].update({"call-notes": table_of(content)}),
        "expected a snake_case name: lower-case letters, digits and single underscores, starting with a "
        "letter, found 'call-notes'",
    ),
    "one name where a list belongs": (
        lambda content: table_of(content).update(key="id"),
        "tables.calls.key: expected a list, found 'id'",
    ),
    "a table without columns": (
        lambda content: table_of(content).update(columns={}),
        "tables.calls.columns: expected at least one entry, found nothing",
    ),
    "a spelling given twice": (
        lambda content: columns_of(content)["id"].update({"from": ["Call ID", "Call ID"]}),
        "tables.calls.columns.id.from: expected each entry once, found 'Call ID', 'Call ID'",
    ),
    "a bound in words": (
        lambda content: columns_of(content)["talk_pct"].update(minimum="zero"),
        "tables.calls.columns.talk_pct.minimum: expected a number, found 'zero'",
    ),
    "a description that YAML reads as a boolean": (
        lambda content: content.update(description=True),
        "description: expected text, found True (bool; quote it if it is meant as text)",
    ),
    "a key column that does not exist": (
        lambda content: table_of(content).update(key=["idd"]),
        "tables.calls.key[0]: expected the name of a column of this table, found 'idd': did you mean 'id'?",
    ),
    "a stamp column that does not exist": (
        lambda content: table_of(content).update(stamp="updated"),
        "tables.calls.stamp: expected the name of a column of this table, found 'updated': did you mean 'updated_at'?",
    ),
    "a key that cannot be compared safely": (
        lambda content: table_of(content).update(key=["talk_pct"]),
        "tables.calls.key[0]: expected a column of type date, integer, salesforce_id, text or timestamp, "
        "found 'talk_pct', which is 'double'",
    ),
    "a stamp that has no order in time": (
        lambda content: table_of(content).update(stamp="host_name"),
        "tables.calls.stamp: expected a column of type date, integer or timestamp, found 'host_name', which is 'text'",
    ),
    "two columns that claim one source name": (
        lambda content: columns_of(content)["host_name"].update({"from": ["CALL_ID"]}),
        "expected a source name that no other column of the table claims, found",
    ),
    "two tables that claim one file name": (
        lambda content: content["tables"]["comments"].update(files=["CALL"]),
        "tables.comments.files[0]: expected a file name that no other table claims, found 'CALL', which is "
        "also a file of 'calls'",
    ),
    "a source name without letters": (
        lambda content: columns_of(content)["id"].update({"from": ["#"]}),
        "tables.calls.columns.id.from[0]: expected a source name with letters or digits, found '#'",
    ),
    "a path that the object around it hides": (
        lambda content: columns_of(content)["talk_pct"].update({"from": ["stats", "stats.talk"]}),
        "tables.calls.columns.talk_pct.from[1]: expected a path before the object around it (a column's own "
        "name is first), found 'stats.talk' after 'stats', so it would never be read",
    ),
    "a name that the loader needs itself": (
        lambda content: columns_of(content).update(source_instance={"type": "text", "description": "x"}),
        "expected a name that the loader does not use itself, found 'source_instance'",
    ),
    "bounds on text": (
        lambda content: columns_of(content)["id"].update(minimum=1),
        "tables.calls.columns.id.minimum: expected bounds on a number only, found one on a column of type 'text'",
    ),
    "bounds that leave no room": (
        lambda content: columns_of(content)["talk_pct"].update(minimum=101),
        "tables.calls.columns.talk_pct.minimum: expected at most the maximum, 100, found 101",
    ),
    "a footer that is no regular expression": (
        lambda content: content.update(footers=["^Exported (by"]),
        "footers[0]: expected a regular expression (RE2), found '^Exported (by'",
    ),
    "a layout in the words of a spreadsheet": (
        lambda content: content.update(date_layouts=["dd/MM/yyyy"]),
        "date_layouts[0]: expected a strptime layout with day, month and year",
    ),
    "a layout without a year": (
        lambda content: table_of(content).update(date_layouts=["%d/%m"]),
        "tables.calls.date_layouts[0]: expected a strptime layout with day, month and year",
    ),
    "a time zone that is none": (
        lambda content: content.update(timezone="Mars/Olympus"),
        "timezone: expected an IANA time zone, e.g. 'UTC' or 'Europe/Berlin', found 'Mars/Olympus'",
    ),
    "a file that is named otherwise": (
        lambda content: content.update(system="call_notes"),
        "system: expected the file to be named call_notes.yml, found callnotes.yml",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_answered_with_its_place_and_what_was_expected(tmp_path: Path, mistake: str) -> None:
    change, answer = MISTAKES[mistake]
    path = write(tmp_path, changed(change))

    with pytest.raises(ContractError) as caught:
        read_contracts(tmp_path)

    assert answer in str(caught.value)
    assert str(caught.value).startswith(f"{path}:")


def test_a_mistake_is_answered_with_its_line(tmp_path: Path) -> None:
    text = yaml.safe_dump(CONTRACT, sort_keys=False).replace("type: double", "type: float")
    line = text.splitlines().index("        type: float") + 1
    path = write(tmp_path, text)

    with pytest.raises(ContractError) as caught:
        read_contracts(tmp_path)

    assert str(caught.value).startswith(f"{path}:{line}: tables.calls.columns.talk_pct.type: ")


def test_a_column_that_is_written_twice_is_not_silently_dropped(tmp_path: Path) -> None:
    text = yaml.safe_dump(CONTRACT, sort_keys=False)
    write(tmp_path, text + "      id: {type: text, description: Again.}\n")

    with pytest.raises(ContractError, match=r"columns\.id: expected each name once, found 'id' a second time"):
        read_contracts(tmp_path)


def test_a_column_whose_name_yaml_takes_for_a_boolean_is_pointed_out(tmp_path: Path) -> None:
    text = yaml.safe_dump(CONTRACT, sort_keys=False)
    write(tmp_path, text + "      on: {type: text, description: Whether it is on.}\n")

    with pytest.raises(ContractError, match="expected a name, found 'on', which YAML does not read as text"):
        read_contracts(tmp_path)


def test_broken_yaml_is_answered_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "system: callnotes\ntitle: Calls: all of them\n")

    with pytest.raises(ContractError) as caught:
        read_contracts(tmp_path)

    assert str(caught.value).startswith(f"{path}:2: expected YAML, found ")


def test_an_empty_contract_is_a_mistake(tmp_path: Path) -> None:
    write(tmp_path, "# nothing yet\n")

    with pytest.raises(ContractError, match=r"expected a mapping \(name: value\), found nothing"):
        read_contracts(tmp_path)


def test_a_contract_that_is_not_utf8_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "callnotes.yml").write_bytes("title: Größe".encode("cp1252"))

    with pytest.raises(ContractError, match="expected UTF-8 text, found byte 0xf6 at position 9"):
        read_contracts(tmp_path)


def test_a_contract_with_the_ending_yaml_is_not_overlooked(tmp_path: Path) -> None:
    write(tmp_path, CONTRACT, "callnotes.yaml")

    with pytest.raises(ContractError, match=r"expected the file to be named callnotes\.yml"):
        read_contracts(tmp_path)


def test_a_folder_without_contracts_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"expected a contract, e\.g\. salesforce\.yml, found no \.yml file"):
        read_contracts(tmp_path)


def test_all_mistakes_of_all_contracts_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, changed(lambda content: content.update(system="first", owner="A B")), "first.yml")
    write(tmp_path, changed(lambda content: content.update(system="second", timezone="Nowhere")), "second.yml")

    with pytest.raises(ContractError) as caught:
        read_contracts(tmp_path)

    assert [problem.path.name for problem in caught.value.problems] == ["first.yml", "second.yml"]


# --- versions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda content: columns_of(content)["id"].update(type="integer"),
        lambda content: columns_of(content)["id"].update({"from": ["Call number"]}),
        lambda content: columns_of(content)["host_name"].update(required=True),
        lambda content: columns_of(content)["talk_pct"].update(maximum=1),
        lambda content: columns_of(content).update(colour={"type": "text", "description": "x"}),
        lambda content: table_of(content).update(key=["id", "updated_at"]),
        lambda content: table_of(content).pop("stamp"),
        lambda content: table_of(content).update(delivery="changes"),
        lambda content: table_of(content).update(records_at=["data"]),
        lambda content: content.update(null_markers=[""]),
        lambda content: content.update(timezone="Europe/Berlin"),
        lambda content: content.update(date_layouts=[]),
        lambda content: content.update(footers=[]),
    ],
    ids=[
        "type", "spelling", "required", "bound", "new column", "key", "stamp", "delivery", "records_at",
        "null markers", "time zone", "layouts", "footers",
    ],
)  # fmt: skip
def test_the_version_changes_with_whatever_changes_what_is_loaded(
    tmp_path: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    before = read_table(tmp_path).version

    assert read_table(tmp_path, changed(change)).version != before


@pytest.mark.parametrize(
    "change",
    [
        lambda content: columns_of(content)["id"].update(description="Something else."),
        lambda content: table_of(content).update(description="Something else."),
        lambda content: content.update(description="Something else.", title="Other", owner="others"),
        lambda content: columns_of(content)["host_name"].update(personal=False),
        lambda content: columns_of(content)["id"].update({"from": ["CALL-ID"]}),
        lambda content: table_of(content).update(files=["Call", "Calls", "Meetings"]),
        lambda content: content["tables"].pop("comments"),
    ],
    ids=[
        "column description", "table description", "system description", "personal",
        "punctuation of a spelling", "file names", "another table",
    ],
)  # fmt: skip
def test_the_version_stays_when_the_same_rows_would_be_loaded(
    tmp_path: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    before = read_table(tmp_path).version

    assert read_table(tmp_path, changed(change)).version == before


def test_the_version_is_short_and_the_same_in_every_run(tmp_path: Path) -> None:
    version = read_table(tmp_path).version
    assert version == read_table(tmp_path).version
    assert re.fullmatch("[0-9a-f]{12}", version)


def test_what_an_instance_overrides_is_part_of_the_version(tmp_path: Path) -> None:
    calls = read_table(tmp_path)

    assert dataclasses.replace(calls, timezone="America/Denver").version != calls.version
