"""Loading an InfoHub: what lands in the tables, what is read again, what is kept, and what is refused."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ingestion.infohub.scan
from ingestion.infohub import files as infohub_files
from ingestion.infohub.files import MAX_FILE_BYTES
from ingestion.infohub.scan import InfohubProblem, InfohubRefused, load_infohub
from ingestion.infohub.tree import AREAS
from ingestion.runs import LoadRun
from ingestion.warehouse import open_warehouse
from tests.ingestion.infohub_desk import FIRST_RUN_AT, WRITTEN_AT, InfohubDesk

LATER = WRITTEN_AT + timedelta(days=7)


@pytest.fixture
def desk(tmp_path: Path) -> InfohubDesk:
    return InfohubDesk(tmp_path)


@pytest.fixture
def parsed_paths(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of files whose content was parsed, in this process."""
    paths: list[str] = []
    content_of = infohub_files._content_of

    def noted(path: str, data: bytes) -> Any:
        paths.append(path)
        return content_of(path, data)

    monkeypatch.setattr(infohub_files, "_content_of", noted)
    return paths


def by_code(problems: list[InfohubProblem]) -> dict[str, tuple[str, int | None]]:
    return {problem.reason_code: (problem.path, problem.line) for problem in problems}


class TestTables:
    def test_a_file_has_a_row_with_its_place_and_state(self, desk: InfohubDesk) -> None:
        file = desk.write("ACME/DEAL/internal-infohub/risks/risk_register.yaml", "risks: []\n---\nnotes: none\n")
        desk.scan()
        row = desk.file("ACME/DEAL/internal-infohub/risks/risk_register.yaml")
        state = file.stat()
        assert row == {
            "source_instance": "main",
            "path": "ACME/DEAL/internal-infohub/risks/risk_register.yaml",
            "realm": "ACME",
            "node": "DEAL",
            "area": "internal-infohub",
            "asset_path": "risks/risk_register.yaml",
            "kind": "asset",
            "size_bytes": state.st_size,
            "modified_at": WRITTEN_AT,
            "modified_ns": state.st_mtime_ns,
            "changed_ns": state.st_ctime_ns,
            "sha256": row["sha256"],
            "status": "parsed",
            "reason_code": None,
            "reason": None,
            "line": None,
            "document_count": 2,
            "_loaded_at": FIRST_RUN_AT,
            "_run_id": "run-1",
        }
        assert len(row["sha256"]) == 64

    def test_a_document_has_a_row_with_its_fields(self, desk: InfohubDesk) -> None:
        desk.write(
            "ACME/DEAL/a.yaml", "score: 72\n2026: {due: 2026-02-03}\nlast_updated: 2026-01-05\nname: Ünï\x20'q'\n"
        )
        desk.scan()
        row = desk.document("ACME/DEAL/a.yaml")
        assert json.loads(row.pop("fields")) == {
            "score": 72,
            "2026": {"due": "2026-02-03"},
            "last_updated": "2026-01-05",
            "name": "Ünï 'q'",
        }
        assert row == {
            "source_instance": "main",
            "path": "ACME/DEAL/a.yaml",
            "realm": "ACME",
            "node": "DEAL",
            "document_index": 0,
            "body": None,
            "content_date": date(2026, 1, 5),
            "content_at": None,
            "content_date_key": "last_updated",
            "is_content_date_inferred": False,
            "_loaded_at": FIRST_RUN_AT,
            "_run_id": "run-1",
        }

    def test_fields_answer_json_queries(self, desk: InfohubDesk) -> None:
        desk.write("ACME/DEAL/a.yaml", "a: {b: [1, 2.5, text, yes, null]}\n'odd \"key\"': |\n  two\n  lines\n")
        desk.scan()
        assert desk.rows(
            """
            select fields -> '$.a.b[1]', fields ->> '$.a.b[2]', fields ->> 'odd "key"', fields -> '$.a.b[3]'
            from raw.infohub__documents
            """
        ) == [("2.5", "text", "two\nlines\n", "true")]

    def test_without_a_date_of_its_own_a_document_has_the_file_s(self, desk: InfohubDesk) -> None:
        desk.write("ACME/DEAL/a.yaml", "a: 1\n---\ndate: 2026-01-05T23:30:00-05:00\n")
        desk.scan()
        assert desk.rows(
            """
            select document_index, content_date, content_at, content_date_key, is_content_date_inferred
            from raw.infohub__documents
            order by all
            """
        ) == [
            (0, date(2026, 2, 1), WRITTEN_AT, None, True),
            (1, date(2026, 1, 6), datetime(2026, 1, 6, 4, 30), "date", False),
        ]

    def test_a_canvas_gives_its_front_matter_and_its_text(self, desk: InfohubDesk) -> None:
        desk.write("A/N/canvases/with.md", "---\nowner: x\nlast_updated: 2026-01-05\n---\n# Title\n\n---\nText\n")
        desk.write("A/N/canvases/without.md", "# Title\n\n---\nText\n")
        desk.write("A/N/canvases/ruled.md", "---\nJust a text between rules\n---\nmore\n")
        desk.write("A/N/canvases/open.md", "---\n# Title\n")
        report = desk.scan()
        assert report.problems == []
        rows = desk.rows(
            "select path, fields::varchar, body, content_date_key from raw.infohub__documents order by path"
        )
        assert rows == [
            ("A/N/canvases/open.md", None, "---\n# Title\n", None),
            ("A/N/canvases/ruled.md", None, "---\nJust a text between rules\n---\nmore\n", None),
            (
                "A/N/canvases/with.md",
                '{"owner":"x","last_updated":"2026-01-05"}',
                "# Title\n\n---\nText\n",
                "last_updated",
            ),
            ("A/N/canvases/without.md", None, "# Title\n\n---\nText\n", None),
        ]

    def test_lines_of_a_canvas_are_counted_from_its_top(self, desk: InfohubDesk) -> None:
        desk.write("A/N/broken.md", "---\na: 1\nb: [\n---\ntext\n")
        desk.write("A/N/dated.md", "---\r\na: 1\r\ndate: soon\r\n---\r\ntext\r\n")
        desk.write("A/N/doubled.md", "---\na: 1\na: 2\n---\ntext\n")
        problems = by_code(desk.scan().problems)
        assert problems["not_yaml"][0] == "A/N/broken.md"
        assert problems["invalid_date"] == ("A/N/dated.md", 3)
        assert problems["duplicate_key"] == ("A/N/doubled.md", 3)

    def test_realms_and_nodes_of_many_customers_are_told_apart(self, desk: InfohubDesk) -> None:
        for realm in range(15):
            desk.write(f"REALM_{realm:02d}/realm_profile.yaml", f"realm_id: R{realm}\n")
            desk.write(f"REALM_{realm:02d}/intelligence/news.yaml", "a: 1\n")
            for node in range(realm % 4):
                folder = f"REALM_{realm:02d}/NODE_{node}"
                desk.write(f"{folder}/blueprint.yaml", "archetype: x\n")
                desk.write(f"{folder}/{AREAS[node % 2]}/governance/health_score.yaml", "a: 1\n")
                desk.write(f"{folder}/raw/call.md", "not an asset")
        desk.write("_templates/blueprint.yaml", "name: {{ customer }}\n")
        report = desk.scan()
        nodes = sum(realm % 4 for realm in range(15))
        assert (report.realms, report.nodes) == (15, nodes)
        assert report.problems == []
        assert dict(desk.rows("select kind, count(*) from raw.infohub__files group by kind")) == {
            "realm_profile": 15,
            "intelligence": 15,
            "blueprint": nodes,
            "asset": nodes,
            "note": nodes,
            "template": 1,
        }
        assert report.files_not_parsed == nodes + 1
        assert desk.value("select count(*) from raw.infohub__documents where node = 'NODE_1'") == 2 * 7
        assert (
            desk.value("select count(*) from raw.infohub__files where status = 'not_parsed' and sha256 is not null")
            == 0
        )

    def test_the_counts_of_a_scan_are_in_the_ledger(self, desk: InfohubDesk) -> None:
        desk.write("A/N/a.yaml", "a: 1\n")
        desk.write("A/N/b.yaml", "a: [\n")
        report = desk.scan()
        assert desk.rows(
            """
            select
                scan_id, run_id, source_instance, root, status, files_seen, files_parsed, files_unchanged,
                files_unreadable, documents, realms, nodes, loaded_at
            from ledger.infohub_scans
            """
        ) == [(1, "run-1", "main", "infohub", "loaded", 2, 2, 0, 1, 1, 1, 1, FIRST_RUN_AT)]
        assert (report.files_seen, report.files_parsed, report.files_unreadable) == (2, 2, 1)

    def test_a_run_may_name_its_moment_in_any_zone(self, desk: InfohubDesk) -> None:
        desk.write("A/N/a.yaml", "a: 1\n")
        moment = datetime.fromisoformat("2026-03-01T01:00:00-05:00")
        with open_warehouse(desk.warehouse) as connection:
            load_infohub(connection, desk.root, LoadRun("r", moment))
        assert desk.value("select _loaded_at from raw.infohub__files") == datetime(2026, 3, 1, 6)


class TestBadFiles:
    @pytest.mark.parametrize(
        ("content", "code", "line"),
        [
            (b"a: 1\nb: [1, 2\n", "not_yaml", 3),
            (b"a: 1\n\tb: 2\n", "tab_indentation", 2),
            (b"a: 1\nb: caf\xe9\n", "not_utf8", 2),
            (b"a: 1\nb: \x00\x01\n", "control_character", 2),
            (b"\x89PNG\r\n\x1a\n\x00\x00", "not_utf8", 1),
            (b"[" * MAX_FILE_BYTES, "too_deep", 1),
            (b"a: " + b"x" * MAX_FILE_BYTES, "oversized", None),
            (b"a: &a [*a]\n", "recursive_alias", 1),
            (b"a: !!python/object/apply:os.system [echo]\n", "unsafe_tag", 1),
            (b"x0: &x0 [x, x, x, x, x, x, x, x]\n"
             + b"".join(b"x%d: &x%d [%s]\n" % (n, n, b", ".join([b"*x%d" % (n - 1)] * 8)) for n in range(1, 12)),
             "alias_bomb", 7),
        ],
    )  # fmt: skip
    def test_an_unreadable_file_is_a_row_with_line_and_reason(
        self, desk: InfohubDesk, content: bytes, code: str, line: int | None
    ) -> None:
        desk.write("A/N/good.yaml", "a: 1\n")
        desk.write("A/N/bad.yaml", content)
        report = desk.scan()
        (problem,) = report.problems
        assert (problem.path, problem.reason_code, problem.line) == ("A/N/bad.yaml", code, line)
        assert problem.reason
        assert report.files_unreadable == 1
        row = desk.file("A/N/bad.yaml")
        assert (row["status"], row["reason_code"], row["line"], row["kind"]) == ("unreadable", code, line, "asset")
        assert desk.value("select string_agg(path) from raw.infohub__documents") == "A/N/good.yaml"

    @pytest.mark.parametrize(
        ("content", "code", "line", "documents"),
        [
            ("a: 1\nb: 2\na: 3\n", "duplicate_key", 3, 1),
            ("a: 1\ndue: 2026-02-30\n", "invalid_date", 2, 1),
            ("a: 1\nlast_updated: soon\n", "invalid_date", 2, 1),
            ("a: 1\nmetadata:\n  created: 03/02/2026\n", "invalid_date", 3, 1),
            ("# nothing yet\n", "empty", None, 0),
            ("", "empty", None, 0),
        ],
    )
    def test_a_readable_file_with_a_remark_stays_readable(
        self, desk: InfohubDesk, content: str, code: str, line: int | None, documents: int
    ) -> None:
        desk.write("A/N/a.yaml", content)
        report = desk.scan()
        assert [(p.path, p.line, p.reason_code) for p in report.problems] == [("A/N/a.yaml", line, code)]
        row = desk.file("A/N/a.yaml")
        assert (row["status"], row["document_count"]) == ("parsed", documents)
        assert desk.value("select count(*) from raw.infohub__documents") == documents
        assert report.files_unreadable == 0

    def test_one_fault_is_one_remark(self, desk: InfohubDesk) -> None:
        desk.write("A/N/a.yaml", "last_updated: 2026-02-30\n")
        desk.write("A/N/b.yaml", "a: 1\na: 2\na: 3\n")
        reasons = {problem.path: problem.reason for problem in desk.scan().problems}
        assert "more remark" not in reasons["A/N/a.yaml"]
        assert "1 more remark" in reasons["A/N/b.yaml"]

    def test_thousands_of_faults_in_one_file_are_counted_in_no_time(self, desk: InfohubDesk) -> None:
        desk.write("A/N/a.yaml", "---\ndate: soon\n" * 20_000)
        (problem,) = desk.scan().problems
        assert (problem.line, problem.reason_code) == (2, "invalid_date")
        assert "19999 more remarks" in problem.reason

    def test_problems_are_reported_until_they_are_mended(self, desk: InfohubDesk) -> None:
        desk.write("A/N/a.yaml", "a: [\n")
        first = desk.scan()
        second = desk.scan()
        assert second.problems == first.problems
        assert (second.files_parsed, second.files_unreadable) == (0, 1)
        desk.write("A/N/a.yaml", "a: []\n", written_at=LATER)
        assert desk.scan().problems == []

    def test_extremes_that_json_cannot_hold_are_text(self, desk: InfohubDesk) -> None:
        desk.write("A/N/a.yaml", 'a: .nan\nb: -.inf\nc: 99999999999999999999\nd: "\\0"\ne: !!binary aGk=\n')
        assert desk.scan().problems == []
        fields = json.loads(desk.document("A/N/a.yaml")["fields"])
        assert fields == {"a": ".nan", "b": "-.inf", "c": "99999999999999999999", "d": "\0", "e": "aGk="}

    def test_a_file_of_the_largest_size_is_read(self, desk: InfohubDesk) -> None:
        text = "a: " + "é" * ((MAX_FILE_BYTES - 3) // 2)
        desk.write("A/N/a.yaml", text)
        desk.write("A/N/flat.yaml", "[" + "a," * ((MAX_FILE_BYTES - 2) // 2) + "]")
        assert desk.scan().problems == []
        assert (
            desk.value("select length(fields ->> 'a') from raw.infohub__documents order by path limit 1")
            == len(text) - 3
        )

    def test_odd_names_are_names(self, desk: InfohubDesk) -> None:
        names = ["it's.yaml", "two\nlines.yaml", 'quo"te\\.yaml', "ünï 😀.yaml", "a$lines.yaml"]
        for name in names:
            desk.write(f"A & B/N/{name}", "a: 1\n")
        desk.scan()
        assert desk.scan().files_unchanged == len(names)
        rows = desk.rows("select path from raw.infohub__documents order by path")
        assert rows == [(f"A & B/N/{name}",) for name in sorted(names)]

    def test_a_name_that_is_not_utf8_is_refused_by_a_name_one_can_read(self, desk: InfohubDesk) -> None:
        folder = desk.root / "A" / "N"
        folder.mkdir(parents=True)
        try:
            Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.yaml")).write_text("a: 1\n")
        except OSError:
            pytest.skip("this file system takes UTF-8 names only")
        report = desk.scan()
        assert by_code(report.problems) == {"name_not_utf8": ("A/N/caf\\xe9.yaml", None)}
        assert desk.scan().files_unchanged == 1
        assert desk.scan(accept_drop=True).files_removed == 0

    def test_a_reader_that_may_not_open_a_file_tries_again(
        self, desk: InfohubDesk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.write("A/N/a.yaml", "a: 1\n")

        def refuse(full_path: str) -> Any:
            raise PermissionError(13, "Permission denied")

        with monkeypatch.context() as patched:
            patched.setattr(infohub_files, "_bytes_of", refuse)
            assert by_code(desk.scan().problems) == {"no_permission": ("A/N/a.yaml", None)}
        report = desk.scan()
        assert (report.files_parsed, report.problems) == (1, [])


class TestNothingOutsideIsRead:
    @pytest.fixture
    def secret(self, tmp_path: Path) -> Path:
        folder = tmp_path / "outside"
        folder.mkdir()
        (folder / "secret.yaml").write_text("password: hunter2\n")
        return folder

    def test_links_are_refused(self, desk: InfohubDesk, secret: Path) -> None:
        desk.write("A/N/a.yaml", "a: 1\n")
        (desk.root / "A/N/file.yaml").symlink_to(secret / "secret.yaml")
        (desk.root / "A/N/inside.yaml").symlink_to(desk.root / "A/N/a.yaml")
        (desk.root / "A/N/folder").symlink_to(secret)
        (desk.root / "A/N/loop").symlink_to(desk.root)
        (desk.root / "A/N/self.yaml").symlink_to(desk.root / "A/N/self.yaml")
        (desk.root / "A/N/gone.yaml").symlink_to("/does/not/exist.yaml")
        report = desk.scan()
        assert {problem.reason_code for problem in report.problems} == {"symlink"}
        assert (report.files_seen, report.files_refused, report.documents) == (7, 6, 1)
        assert desk.value("select count(*) from raw.infohub__documents where fields::varchar like '%hunter2%'") == 0
        assert desk.scan().files_unchanged == 7

    def test_the_root_itself_may_be_a_link(self, desk: InfohubDesk, tmp_path: Path) -> None:
        desk.write("A/N/a.yaml", "a: 1\n")
        link = tmp_path / "link"
        link.symlink_to(desk.root)
        assert desk.scan(root=link).documents == 1

    @pytest.mark.parametrize(
        "path", ["../outside/secret.yaml", "A/../../outside/secret.yaml", "A/N/folder/secret.yaml"]
    )
    def test_a_path_that_leads_out_is_refused(self, desk: InfohubDesk, secret: Path, path: str) -> None:
        """As when a folder is swapped for a link between listing the tree and reading it."""
        (desk.root / "A" / "N").mkdir(parents=True)
        (desk.root / "A/N/folder").symlink_to(secret)
        readings = infohub_files.read_files(str(desk.root), [infohub_files.Wanted(path)])
        (row,) = map(json.loads, readings.files)
        assert (row["status"], row["reason_code"]) == ("refused", "leaves_infohub")
        assert readings.documents == []

    def test_pipes_and_sockets_are_never_opened(self, desk: InfohubDesk, monkeypatch: pytest.MonkeyPatch) -> None:
        (desk.root / "A" / "N").mkdir(parents=True)
        os.mkfifo(desk.root / "A/N/pipe.yaml")
        monkeypatch.chdir(desk.root / "A/N")  # the path of a socket must be short
        with socket.socket(socket.AF_UNIX) as unix:
            unix.bind("socket.yaml")
            report = desk.scan()
        assert [(p.path, p.reason_code) for p in report.problems] == [
            ("A/N/pipe.yaml", "not_a_file"),
            ("A/N/socket.yaml", "not_a_file"),
        ]

    def test_a_folder_with_the_name_of_a_file_is_a_folder(self, desk: InfohubDesk) -> None:
        desk.write("A/N/x.yaml/a.yaml", "a: 1\n")
        assert (desk.scan().documents, desk.file("A/N/x.yaml/a.yaml")["kind"]) == (1, "asset")

    def test_what_belongs_to_tools_is_listed_not_read(self, desk: InfohubDesk) -> None:
        desk.write("A/N/a.yaml", "a: 1\n")
        desk.write("A/N/.hidden.yaml", "a: [\n")
        desk.write(".git/config", "x")
        report = desk.scan()
        assert (report.files_seen, report.files_not_parsed, report.problems) == (3, 2, [])
        desk.write(".git/index", "y")
        assert desk.scan().files_unchanged == 3


class TestReadingAgain:
    def test_an_unchanged_tree_is_not_read(self, desk: InfohubDesk, parsed_paths: list[str]) -> None:
        for number in range(30):
            desk.write(f"A/N{number % 3}/{number}.yaml", f"a: {number}\n")
        desk.scan()
        before = desk.tables()
        assert len(parsed_paths) == 30
        parsed_paths.clear()
        report = desk.scan()
        assert parsed_paths == []
        assert (report.files_parsed, report.files_unchanged, report.files_seen) == (0, 30, 30)
        assert desk.tables() == before

    def test_an_unchanged_file_is_not_even_opened(self, desk: InfohubDesk, monkeypatch: pytest.MonkeyPatch) -> None:
        desk.write("A/N/a.yaml", "a: 1\n")
        desk.scan()

        def fail(full_path: str) -> Any:
            raise AssertionError(f"{full_path} was opened")

        monkeypatch.setattr(infohub_files, "_bytes_of", fail)
        assert desk.scan().files_unchanged == 1

    def test_only_what_changed_is_parsed(self, desk: InfohubDesk, parsed_paths: list[str]) -> None:
        for name in "abc":
            desk.write(f"A/N/{name}.yaml", "date: 2026-01-01\nv: 1\n")
        desk.scan()
        parsed_paths.clear()
        desk.write("A/N/b.yaml", "date: 2026-01-02\nv: 2\n", written_at=LATER)
        desk.write("A/N/d.yaml", "v: 1\n")
        report = desk.scan()
        assert sorted(parsed_paths) == ["A/N/b.yaml", "A/N/d.yaml"]
        assert (report.files_parsed, report.files_unchanged) == (2, 2)

    def test_a_file_put_in_place_with_size_and_time_preserved_is_noticed(self, desk: InfohubDesk) -> None:
        desk.write("A/N/a.yaml", "a: 1\n")
        desk.scan()
        desk.write("A/N/a.yaml", "a: 2\n")
        desk.scan()
        assert json.loads(desk.document("A/N/a.yaml")["fields"]) == {"a": 2}

    def test_a_saved_file_with_the_same_content_is_not_parsed(self, desk: InfohubDesk, parsed_paths: list[str]) -> None:
        desk.write("A/N/dated.yaml", "date: 2026-01-01\n")
        desk.write("A/N/undated.yaml", "a: 1\n")
        desk.scan()
        parsed_paths.clear()
        desk.touch("A/N/dated.yaml", LATER)
        desk.touch("A/N/undated.yaml", LATER)
        report = desk.scan()
        assert parsed_paths == []
        assert (report.files_parsed, report.files_unchanged) == (0, 2)
        # What follows from the modification time follows the new one; what the file says itself has not changed.
        assert desk.document("A/N/undated.yaml")["content_date"] == LATER.date()
        assert desk.document("A/N/dated.yaml")["_run_id"] == "run-1"
        assert desk.file("A/N/dated.yaml")["modified_at"] == LATER
        assert desk.rows("select path, content_date, _superseded_reason from raw_history.infohub__documents") == [
            ("A/N/undated.yaml", WRITTEN_AT.date(), "changed")
        ]
        assert desk.scan().files_unchanged == 2

    def test_what_only_the_inode_tells_leaves_no_history(self, desk: InfohubDesk) -> None:
        file = desk.write("A/N/a.yaml", "a: 1\n")
        desk.scan()
        before = desk.tables()
        file.chmod(0o600)
        desk.write("A/N/a.yaml", "a: 1\n")
        desk.scan()
        assert desk.value("select count(*) from raw_history.infohub__files") == 0
        assert desk.tables()["raw.infohub__documents"] == before["raw.infohub__documents"]
        assert desk.file("A/N/a.yaml")["changed_ns"] == file.stat().st_ctime_ns

    def test_a_reader_that_understands_more_reads_everything_again(
        self, desk: InfohubDesk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.write("A/N/a.yaml", "a: 1\n")
        desk.write("A/N/b.yaml", "b: !secret x\n")
        desk.scan()
        before = desk.tables()
        monkeypatch.setattr(ingestion.infohub.scan, "READER_VERSION", 2)
        report = desk.scan()
        assert report.files_parsed == 2
        assert desk.tables() == before  # it understood the same after all
        assert desk.scan().files_unchanged == 2

    def test_workers_find_what_one_process_finds(
        self, desk: InfohubDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ingestion.infohub.scan, "_CHUNK_FILES", 7)
        for number in range(40):
            desk.write(f"A/N{number % 3}/{number}.yaml", f"a: {number}\n" if number % 5 else "a: [\n")
        seen: list[tuple[int, int, str]] = []
        report = desk.scan(workers=2, progress=lambda done, total, label: seen.append((done, total, label)))
        alone = InfohubDesk(_folder(tmp_path / "alone"))
        assert report == alone.scan(root=desk.root, workers=1)
        assert desk.tables() == alone.tables()
        assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)
        assert seen[-1] == (40, 40, "InfoHub")

        for number in range(0, 40, 4):
            desk.write(f"A/N{number % 3}/{number}.yaml", "changed: yes\n")
            desk.touch(f"A/N{number % 3}/{number}.yaml", LATER)
        assert desk.scan(workers=2) == alone.scan(root=desk.root, workers=1)
        assert desk.tables() == alone.tables()


contents = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"a: 1\n", b"a: 2\n", b"date: 2026-01-05\n---\na: 1\n", b"a: [\n", b"a: 1\na: 2\n", b""]),
)
# None removes the file.
edits = st.dictionaries(
    st.sampled_from(["A/N/a.yaml", "A/N/b.yaml", "A/M/c.md", "A/d.yaml", "B/N/raw/e.yaml"]),
    st.none() | st.tuples(contents, st.integers(0, 2)),
    max_size=4,
)


@given(st.lists(edits, min_size=1, max_size=4))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_scan_by_scan_or_at_once_the_tables_are_the_same(desk: InfohubDesk, history: list[dict[str, Any]]) -> None:
    for old in desk.root.glob("*/**/*.*"):
        old.unlink()
    current = """
        select {table}.* exclude (_loaded_at, _run_id)
        from raw.infohub__{table} as {table}
        order by all
    """
    count = "select count(*) from (from raw.infohub__{table} union all by name from raw_history.infohub__{table})"
    with _memory() as step_by_step, _memory() as at_once:
        versions = {"files": 0, "documents": 0}
        for number, changes in enumerate(history):
            for path, change in changes.items():
                if change is not None:
                    desk.write(path, change[0], written_at=WRITTEN_AT + timedelta(days=change[1]))
                else:
                    (desk.root / path).unlink(missing_ok=True)
            run = LoadRun(f"run-{number}", FIRST_RUN_AT + timedelta(days=number))
            report = load_infohub(step_by_step, desk.root, run, accept_drop=True)
            assert report.files_seen == len(list(desk.root.glob("*/**/*.*")))
            # Nothing that was ever known is lost.
            for table, known in versions.items():
                versions[table] = step_by_step.execute(count.format(table=table)).fetchall()[0][0]
                assert versions[table] >= known
        load_infohub(at_once, desk.root, run)
        for table in versions:
            query = current.format(table=table)
            assert step_by_step.execute(query).fetchall() == at_once.execute(query).fetchall()


class TestHistory:
    def test_what_was_known_at_an_earlier_moment_can_be_rebuilt(self, desk: InfohubDesk) -> None:
        desk.write("A/N/kept.yaml", "v: 1\n")
        desk.write("A/N/changed.yaml", "v: 1\n---\nw: 1\n")
        desk.write("A/N/removed.yaml", "v: 1\n")
        desk.write("A/N/broken.yaml", "v: 1\n")
        snapshots = []

        def scan() -> None:
            desk.scan()
            snapshots.append(
                desk.rows("select path, document_index, fields::varchar from raw.infohub__documents order by all")
            )

        scan()
        desk.write("A/N/changed.yaml", "v: 2\n", written_at=LATER)
        (desk.root / "A/N/removed.yaml").unlink()
        desk.write("A/N/broken.yaml", "v: [\n", written_at=LATER)
        scan()
        desk.write("A/N/removed.yaml", "v: 3\n")
        desk.write("A/N/broken.yaml", "v: 4\n", written_at=LATER + timedelta(days=1))
        scan()
        assert [len(snapshot) for snapshot in snapshots] == [5, 2, 4]
        for number, snapshot in enumerate(snapshots):
            known_at = FIRST_RUN_AT + timedelta(days=number)
            rebuilt = desk.rows(
                f"""
                with versions as (
                    select path, document_index, fields::varchar as fields, _loaded_at, null as _superseded_at
                    from raw.infohub__documents
                    union all
                    select path, document_index, fields::varchar, _loaded_at, _superseded_at
                    from raw_history.infohub__documents
                )
                select path, document_index, fields
                from versions
                where _loaded_at <= '{known_at}' and (_superseded_at is null or _superseded_at > '{known_at}')
                order by all
                """
            )
            assert rebuilt == snapshot

    def test_rows_say_when_by_which_run_and_why_they_were_superseded(self, desk: InfohubDesk) -> None:
        desk.write("A/N/changed.yaml", "v: 1\n")
        desk.write("A/N/removed.yaml", "v: 1\n")
        desk.scan()
        desk.write("A/N/changed.yaml", "v: 2\n", written_at=LATER)
        (desk.root / "A/N/removed.yaml").unlink()
        report = desk.scan()
        assert (report.files_parsed, report.files_removed) == (1, 1)
        for table in ("files", "documents"):
            assert desk.rows(
                f"""
                select path, _run_id, _superseded_at, _superseded_run_id, _superseded_reason
                from raw_history.infohub__{table}
                order by path
                """
            ) == [
                ("A/N/changed.yaml", "run-1", FIRST_RUN_AT + timedelta(days=1), "run-2", "changed"),
                ("A/N/removed.yaml", "run-1", FIRST_RUN_AT + timedelta(days=1), "run-2", "removed"),
            ]
        assert desk.value("select string_agg(path) from raw.infohub__files") == "A/N/changed.yaml"
        assert desk.scan().files_removed == 0

    def test_two_infohubs_live_side_by_side(self, desk: InfohubDesk, tmp_path: Path) -> None:
        other = _folder(tmp_path / "other")
        desk.write("A/N/a.yaml", "v: 1\n")
        (other / "A" / "N").mkdir(parents=True)
        (other / "A/N/a.yaml").write_text("v: 2\n")
        desk.scan()
        report = desk.scan(root=other, instance="emea")
        assert (report.files_parsed, report.files_removed) == (1, 0)
        (other / "A/N/a.yaml").write_text("v: 33\n")
        desk.scan(root=other, instance="emea")
        report = desk.scan()
        assert (report.files_seen, report.files_unchanged, report.realms) == (1, 1, 1)
        assert desk.rows("select source_instance, fields ->> 'v' from raw.infohub__documents order by all") == [
            ("emea", "33"),
            ("main", "1"),
        ]
        assert desk.rows("select distinct source_instance from raw_history.infohub__files") == [("emea",)]


class TestRefusals:
    @pytest.fixture
    def filled(self, desk: InfohubDesk) -> InfohubDesk:
        for number in range(40):
            desk.write(f"A/N/{number:02d}.yaml", f"v: {number}\n")
        desk.scan()
        return desk

    @pytest.mark.parametrize(
        ("spoil", "code"),
        [
            (lambda desk, root: _remove(root, 21), "sharp_drop"),
            (lambda desk, root: _remove(root, 40), "empty_root"),
            (lambda desk, root: root.rename(root.with_name("elsewhere")), "missing_root"),
        ],
    )
    def test_a_tree_that_lost_most_of_its_files_is_refused_until_the_drop_is_accepted(
        self, filled: InfohubDesk, spoil: Callable[[InfohubDesk, Path], object], code: str
    ) -> None:
        before = filled.tables()
        spoil(filled, filled.root)
        with pytest.raises(InfohubRefused, match="infohub") as caught:
            filled.scan()
        assert caught.value.reason_code == code
        assert filled.tables() == before
        ledger = "select status, reason_code, reason, files_seen from ledger.infohub_scans where scan_id = 2"
        assert filled.rows(ledger) == [("refused", code, str(caught.value), None)]
        assert filled.scan(accept_drop=True).files_removed >= 21
        assert filled.scan(accept_drop=True).files_removed == 0

    def test_half_of_the_files_may_go(self, filled: InfohubDesk) -> None:
        _remove(filled.root, 20)
        assert filled.scan().files_removed == 20

    def test_a_small_infohub_may_lose_most_of_its_files(self, desk: InfohubDesk) -> None:
        for number in range(20):
            desk.write(f"A/N/{number:02d}.yaml", f"v: {number}\n")
        desk.scan()
        _remove(desk.root, 19)
        assert desk.scan().files_removed == 19

    def test_a_refused_scan_does_not_change_what_the_next_one_knows(self, filled: InfohubDesk) -> None:
        hidden = filled.root.with_name("elsewhere")
        filled.root.rename(hidden)
        with pytest.raises(InfohubRefused):
            filled.scan()
        hidden.rename(filled.root)
        report = filled.scan()
        assert (report.files_unchanged, report.files_parsed) == (40, 0)

    def test_an_infohub_that_never_was_is_no_drop(self, desk: InfohubDesk) -> None:
        assert desk.scan().files_seen == 0
        report = desk.scan(root=desk.root / "missing")
        assert (report.files_seen, report.files_removed, report.problems) == (0, 0, [])

    def test_a_root_that_is_a_file_is_refused(self, desk: InfohubDesk) -> None:
        file = desk.write("a.yaml", "a: 1\n")
        with pytest.raises(InfohubRefused, match=r"a\.yaml is not a folder"):
            desk.scan(root=file)

    def test_what_lies_below_a_folder_that_cannot_be_listed_is_kept(
        self, filled: InfohubDesk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        filled.write("B/N/a.yaml", "v: 1\n")
        filled.scan()
        scandir = os.scandir

        def scandir_unless_shut(folder: str) -> Any:
            if folder.rstrip("/").endswith("infohub/A"):
                raise PermissionError(13, "Permission denied")
            return scandir(folder)

        documents = filled.tables()["raw.infohub__documents"]
        with monkeypatch.context() as patched:
            patched.setattr(os, "scandir", scandir_unless_shut)
            report = filled.scan()
            assert by_code(report.problems) == {"no_permission": ("A", None)}
            assert (report.files_removed, report.files_seen) == (0, 2)
            filled.scan()
        assert filled.tables()["raw.infohub__documents"] == documents
        report = filled.scan()
        assert (report.files_removed, report.files_unchanged, report.problems) == (1, 41, [])

    def test_a_failure_half_way_leaves_the_last_scan(
        self, filled: InfohubDesk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ingestion.infohub.scan, "_CHUNK_FILES", 5)
        before = filled.tables()
        for number in range(30):
            filled.write(f"A/N/{number:02d}.yaml", "v: new\n", written_at=LATER)
            filled.write(f"B/N/{number:02d}.yaml", "v: new\n")

        def stop(done: int, total: int, label: str) -> None:
            if done > 45:
                raise KeyboardInterrupt

        for workers in (1, 2):
            with pytest.raises(KeyboardInterrupt):
                filled.scan(workers=workers, progress=stop)
            assert filled.tables() == before
        assert filled.scan().files_parsed == 60

    def test_a_file_that_vanishes_while_it_is_read_is_not_there(
        self, desk: InfohubDesk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.write("A/N/a.yaml", "v: 1\n")
        desk.write("A/N/b.yaml", "v: 1\n")
        desk.scan()
        for name in ("b", "c"):
            desk.write(f"A/N/{name}.yaml", "v: 22\n")
        bytes_of = infohub_files._bytes_of

        def vanish(full_path: str) -> Any:
            Path(full_path).unlink()
            return bytes_of(full_path)

        monkeypatch.setattr(infohub_files, "_bytes_of", vanish)
        report = desk.scan()
        assert (report.files_seen, report.files_removed, report.files_parsed) == (1, 1, 0)
        assert desk.value("select string_agg(path) from raw.infohub__files") == "A/N/a.yaml"


def test_without_libyaml_the_report_says_that_it_is_slow(desk: InfohubDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write("A/N/a.yaml", "v: 1\n")
    monkeypatch.setattr(ingestion.infohub.scan, "has_libyaml", False)
    (problem,) = desk.scan().problems
    assert (problem.path, problem.reason_code) == (".", "slow_parser")


def test_a_plain_connection_is_enough(desk: InfohubDesk) -> None:
    desk.write("A/N/a.yaml", "v: 1\n")
    with _memory() as connection:
        report = load_infohub(connection, desk.root, LoadRun("r", datetime(2026, 3, 1, tzinfo=UTC)))
    assert report.documents == 1


@contextmanager
def _memory() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for schema in ("raw", "raw_history", "ledger"):
            connection.execute(f"create schema {schema}")
        yield connection


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _remove(root: Path, count: int) -> None:
    for path in sorted(root.glob("A/N/*.yaml"))[:count]:
        path.unlink()
