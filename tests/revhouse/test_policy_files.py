"""CSV files of the policy that somebody edited: what is wrong with them is told by file and line, and what to do."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from revhouse.policy_files import PolicyUnreadable, SeedFile, load_seed_files, read_seed_files

GOOD = b'track,sort_order,is_fast,why\npoc,1,false,"small, and short"\npremium,2,TRUE,\nnone,null,f,Null \n'
TYPES = {"tracks": {"track": "string", "sort_order": "integer", "is_fast": "boolean", "why": "string"}}


def read(folder: Path, content: bytes) -> SeedFile:
    (folder / "tracks.csv").write_bytes(content)
    return read_seed_files(folder)["tracks"]


def load(folder: Path, content: bytes) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        load_seed_files(connection, {"tracks": read(folder, content)}, TYPES)
        return connection.execute("from policy.tracks").fetchall()


def told(folder: Path, content: bytes) -> list[str]:
    """What is said of a file, without the folder that it is in."""
    with pytest.raises(PolicyUnreadable) as refusal:
        load(folder, content)
    assert all(str(problem) in str(refusal.value) for problem in refusal.value.problems)
    return [str(problem).split("/")[-1] for problem in refusal.value.problems]


def test_values_are_what_dbt_makes_of_them(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD) == [
        ("poc", 1, False, "small, and short"),
        ("premium", 2, True, None),
        ("none", None, False, None),
    ]


def test_a_row_knows_its_line_however_many_lines_it_has(tmp_path: Path) -> None:
    file = read(
        tmp_path, b'track,sort_order,is_fast,why\npoc,1,false,"in\ntwo lines"\npremium,2,true,x\npremium,3,true,x\n'
    )

    assert file.lines == [2, 4, 5]
    assert file.lines_of("premium", ["track"]) == [4, 5]
    assert file.lines_of("premium/3", ["track", "sort_order"]) == [5]
    assert file.lines_of("premium/3.0", ["track", "sort_order"]) == [5]
    assert file.lines_of("gold", ["track"]) == []


def test_a_byte_order_mark_and_windows_lines_do_no_harm(tmp_path: Path) -> None:
    assert load(tmp_path, b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n")) == load(tmp_path, GOOD)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            GOOD.replace(b",is_fast", b""),
            [
                "tracks.csv:2: 4 fields, and the header has 3. A field that holds a comma has to stand in double quotes",
                "tracks.csv:3: 4 fields, and the header has 3. A field that holds a comma has to stand in double quotes",
                "tracks.csv:4: 4 fields, and the header has 3. A field that holds a comma has to stand in double quotes",
            ],
        ),
        (
            b"track,sort_order,why\npoc,1,small\n",
            ["tracks.csv:1: the column 'is_fast' is missing. Columns are: track, sort_order, is_fast, why"],
        ),
        (
            b"track,sort_order,is_fast,why,colour\npoc,1,false,small,red\n",
            ["tracks.csv:1: there is no column 'colour' here. Columns are: track, sort_order, is_fast, why"],
        ),
        (
            b"track,sort_order,is_fast,why,track\npoc,1,false,small,poc\n",
            ["tracks.csv:1: the column 'track' is there 2 times: leave one of them"],
        ),
        (
            GOOD.replace(b"premium,2", b"premium,second").replace(b"none,null,f", b"none,null,perhaps"),
            [
                "tracks.csv:3: sort_order is 'second', which is no integer",
                "tracks.csv:4: is_fast is 'perhaps', which is no boolean",
            ],
        ),
        (
            GOOD + b"gold,3,true\n",
            ["tracks.csv:5: 3 fields, and the header has 4. A field that holds a comma has to stand in double quotes"],
        ),
        (GOOD.replace(b"\npremium", b"\n\npremium"), ["tracks.csv:3: the line is empty: remove it"]),
        (
            GOOD.replace(b",", b";"),
            ["tracks.csv:1: columns are separated by semicolons: save the file with commas"],
        ),
        (
            GOOD + "gold,3,true,für alle\n".encode("latin-1"),
            ["tracks.csv:5: this is not UTF-8: save the file as CSV in UTF-8"],
        ),
        (b"", ["tracks.csv: the file is empty: its first line has to name the columns"]),
    ],
)
def test_what_is_wrong_is_told_by_file_and_line(tmp_path: Path, content: bytes, expected: list[str]) -> None:
    assert expected == [reason for reason in told(tmp_path, content) if reason in expected]
    assert len(told(tmp_path, content)) == len(expected) or b";" in content


def test_a_quote_that_is_not_closed_is_told_where_it_begins(tmp_path: Path) -> None:
    (reason,) = told(tmp_path, GOOD + b'gold,3,true,"for all\n')

    assert reason.startswith("tracks.csv:5: ")
    assert "double quote" in reason


def test_a_file_that_nobody_described_is_no_part_of_the_policy(tmp_path: Path) -> None:
    (tmp_path / "colours.csv").write_text("colour\nred\n")
    with (
        pytest.raises(PolicyUnreadable, match=r"colours\.csv: this file is not described"),
        duckdb.connect() as connection,
    ):
        load_seed_files(connection, read_seed_files(tmp_path), TYPES)


def test_a_folder_without_files_is_no_policy(tmp_path: Path) -> None:
    with pytest.raises(PolicyUnreadable, match="no CSV file in this folder"):
        read_seed_files(tmp_path)
