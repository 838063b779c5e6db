"""The runbook's worked example is a contract that holds for the export it shows."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from ingestion.contract import TableContract, fold_name, read_contracts
from tests.ingestion.conftest import Desk

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbooks" / "add_a_source.md"


def only_block(language: str) -> str:
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1, f"the runbook has {len(blocks)} blocks of {language}, tests read the only one"
    return str(blocks[0])


def example_table(folder: Path) -> TableContract:
    (folder / "callnotes.yml").write_text(only_block("yaml"), encoding="utf-8")
    return read_contracts(folder)["callnotes"].tables[0]


def test_the_example_is_a_valid_contract(tmp_path: Path) -> None:
    assert example_table(tmp_path).raw_name == "callnotes__calls"


def test_the_example_knows_every_heading_of_the_export(tmp_path: Path) -> None:
    known = {fold_name(alias) for column in example_table(tmp_path).columns for alias in column.aliases}
    headings = next(csv.reader(only_block("csv").splitlines()))

    assert [heading for heading in headings if fold_name(heading) not in known] == []


def test_the_export_shows_what_the_text_says(tmp_path: Path) -> None:
    table = example_table(tmp_path)
    *rows, last_line = only_block("csv").splitlines()[1:]

    assert re.search(table.footers[0], last_line)
    assert {len(row) for row in csv.reader(rows)} == {len(table.columns)}
    assert any(marker in row for row in csv.reader(rows) for marker in table.null_markers if marker)


def test_the_yaml_alone_makes_the_export_load(tmp_path: Path) -> None:
    contracts_folder = tmp_path / "contracts"
    contracts_folder.mkdir()
    table = example_table(contracts_folder)
    desk = Desk(tmp_path, read_contracts(contracts_folder))
    desk.drop(f"{table.files[0]}.csv", only_block("csv"), system="callnotes")
    (outcome,) = desk.load().files

    rows_shown = len(only_block("csv").splitlines()) - 2  # the heading and the footer are no rows
    assert (outcome.status, outcome.rows_loaded, outcome.footer_lines) == ("loaded", rows_shown, 1), outcome.reason
    assert desk.quarantine() == []
    assert desk.value("select count(*) from raw.callnotes__calls") == rows_shown
