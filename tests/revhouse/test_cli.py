"""The command line as a person or a program meets it. What loading does to tables is tested with the
loaders.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from expectations.results import Tally
from expectations.validation import Validation
from ingestion.infohub.scan import InfohubRefused
from ingestion.loader import LoadReport
from ingestion.warehouse import open_warehouse
from revhouse import cli, exits
from revhouse.control import Control, Corrections, MissingDays
from revhouse.models import BuildOutcome
from revhouse.standing import Standing, write_standing

Invoke = Callable[..., Result]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def invoke(here: Path) -> Invoke:
    return lambda *arguments: CliRunner().invoke(cli.cli, arguments)


@pytest.fixture
def an_export(here: Path) -> Path:
    path = here / "data/landing/salesforce/main/Account.csv"
    path.parent.mkdir(parents=True)
    path.write_text("Id\n")
    return path


@pytest.fixture
def loaders(monkeypatch: pytest.MonkeyPatch, infohub_report: Callable[..., Any]) -> dict[str, Any]:
    """Loaders that remember what they were asked and report what the test says."""
    asked: dict[str, Any] = {"landing_report": LoadReport(), "infohub_report": infohub_report(), "called": []}

    def load_landing(connection: Any, landing: Path, contracts: Any, run: Any, **options: Any) -> Any:
        asked["called"].append("landing")
        asked.update(landing=landing, **options)
        return asked["landing_report"]

    def load_infohub(connection: Any, root: Path, run: Any, **options: Any) -> Any:
        asked["called"].append("infohub")
        asked["infohub"] = root
        if isinstance(asked["infohub_report"], Exception):
            raise asked["infohub_report"]
        return asked["infohub_report"]

    monkeypatch.setattr("ingestion.loader.load_landing", load_landing)

    def build_models(settings: Any, as_of: Any, dbt: Any) -> BuildOutcome:
        asked["called"].append("models")
        asked["built_as_of"] = as_of
        return asked["build_outcome"]

    asked["build_outcome"] = BuildOutcome(models=44, tests=44)
    monkeypatch.setattr("ingestion.infohub.scan.load_infohub", load_infohub)
    monkeypatch.setattr("revhouse.models.build_models", build_models)
    monkeypatch.setattr("revhouse.models.started_dbt", lambda settings: nullcontext("dbt"))

    def validate_warehouse(settings: Any, as_of: Any, **options: Any) -> Validation:
        asked["called"].append("expectations")
        asked["validated_as_of"] = as_of
        return asked["validation"]

    asked["validation"] = validation()
    monkeypatch.setattr("revhouse.validation.validate_warehouse", validate_warehouse)
    return asked


def validation(*broken: str) -> Validation:
    """One in which a gap of the business failed, and whatever is broken."""
    by_status = {"pass": 500, "fail": 1 + len(broken), "nothing_to_assess": 3}
    failed = {"error": 1 + len(broken)}
    tally = Tally(
        40, 504 + len(broken), by_status, failed, list(broken), ["B01/CHK_SALES_001/premium: 1 of 3 fail", *broken]
    )
    return Validation([], [], tally, Path("build/data_docs/index.html"))


@pytest.mark.parametrize("arguments", [[], ["run"], ["load"], ["sample"], ["status"], ["truth"]])
def test_every_command_explains_itself_with_examples(invoke: Invoke, arguments: list[str]) -> None:
    result = invoke(*arguments, "--help")

    assert result.exit_code == exits.OK
    assert "Examples:" in result.output or "Exit codes:" in result.output


def test_help_lists_every_exit_code(invoke: Invoke) -> None:
    text = invoke("--help").output

    for code, meaning in exits.MEANINGS.items():
        assert f"{code}  {meaning}" in text


def test_help_does_not_wait_for_what_is_slow_to_import() -> None:
    slow = ["duckdb", "dagster", "dbt", "rich", "yaml", "jsonschema"]
    code = f"import sys, revhouse.cli; print([name for name in {slow} if name in sys.modules])"

    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_an_empty_landing_folder_is_answered_with_where_to_put_files(invoke: Invoke) -> None:
    result = invoke("load")

    assert result.exit_code == exits.NOTHING_TO_LOAD
    assert "data/landing/salesforce/main/Account.csv" in result.stderr
    assert "run --sample-if-empty" in result.stderr
    assert "REVHOUSE_LANDING" in result.stderr


def test_nothing_is_made_when_there_is_nothing_to_load(invoke: Invoke, here: Path) -> None:
    invoke("load")

    assert list(here.iterdir()) == []


def test_hidden_files_are_no_exports(invoke: Invoke, an_export: Path) -> None:
    an_export.rename(an_export.with_name(".Account.csv.swp"))

    assert invoke("load").exit_code == exits.NOTHING_TO_LOAD


def test_only_files_that_no_one_asked_for_is_nothing_to_load(invoke: Invoke, an_export: Path, loaders) -> None:
    result = invoke("load", "--only", "zendesk")

    assert result.exit_code == exits.NOTHING_TO_LOAD
    assert "--only asks for (zendesk)" in result.stderr


def test_a_load_ends_with_its_summary(invoke: Invoke, an_export: Path, loaders, outcome) -> None:
    loaders["landing_report"] = LoadReport(files=[outcome(rows_in=3, rows_loaded=3)])

    result = invoke("load")

    assert result.exit_code == exits.OK
    assert "Loaded 3 rows from 1 file into data/warehouse.duckdb." in result.stdout
    assert "Where to look next" in result.stdout


def test_a_refused_file_has_an_exit_code_of_its_own(invoke: Invoke, an_export: Path, loaders, outcome) -> None:
    refused = outcome(status="refused", reason_code="empty_file", reason="is empty: export it again")
    loaders["landing_report"] = LoadReport(files=[refused])

    result = invoke("load")

    assert result.exit_code == exits.REFUSED
    assert "is empty: export it again" in result.stdout


def test_a_refused_infohub_does_not_hide_what_became_of_the_exports(
    invoke: Invoke, an_export: Path, loaders, outcome
) -> None:
    loaders["landing_report"] = LoadReport(files=[outcome(rows_in=3, rows_loaded=3)])
    loaders["infohub_report"] = InfohubRefused("empty_root", "is empty")

    result = invoke("load")

    assert result.exit_code == exits.REFUSED
    assert "Loaded 3 rows from 1 file" in result.stdout


def test_json_on_stdout_is_nothing_but_json(invoke: Invoke, an_export: Path, loaders, outcome) -> None:
    loaders["landing_report"] = LoadReport(files=[outcome(rows_in=3, rows_loaded=3)])

    result = invoke("run", "--format", "json", "--as-of", "2026-06-30")

    document = json.loads(result.stdout)
    assert document["total"]["rows"]["loaded"] == 3
    assert document["as_of"] == "2026-06-30"


def test_flags_reach_the_loaders(invoke: Invoke, here: Path, an_export: Path, loaders) -> None:
    invoke(
        "load",
        "--landing",
        "data/landing",
        "--infohub",
        "hub",
        "--accept-drop",
        "--only",
        "salesforce__accounts",
    )

    assert loaders["landing"] == here / "data/landing"
    assert loaders["accept_drop"] is True
    assert loaders["only"] == {"salesforce__accounts"}
    assert loaders["called"] == ["landing"]


def test_only_takes_systems_tables_and_the_infohub(invoke: Invoke, an_export: Path, loaders) -> None:
    invoke("load", "--only", "salesforce", "--only", "billing__invoices", "--only", "infohub")

    assert {"salesforce__accounts", "salesforce__opportunities", "billing__invoices"} <= loaders["only"]
    assert not any(table.startswith("zendesk") for table in loaders["only"])
    assert loaders["called"] == ["landing", "infohub"]


def test_only_the_infohub_leaves_the_landing_folder_alone(invoke: Invoke, an_export: Path, loaders) -> None:
    invoke("load", "--only", "infohub")

    assert loaders["called"] == ["infohub"]


def test_an_unknown_name_after_only_is_answered_with_similar_ones(invoke: Invoke, an_export: Path, loaders) -> None:
    result = invoke("load", "--only", "salesforce__account")

    assert result.exit_code == exits.USAGE
    assert "Did you mean salesforce__accounts" in result.stderr
    assert loaders["called"] == []


def test_a_wrong_setting_is_a_usage_error(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVHOUSE_THREADS", "many")

    result = invoke("load")

    assert result.exit_code == exits.USAGE
    assert result.stderr.startswith("REVHOUSE_THREADS is 'many'")


def test_a_busy_warehouse_has_an_exit_code_of_its_own(invoke: Invoke, here: Path, an_export: Path, loaders) -> None:
    with open_warehouse(here / "data/warehouse.duckdb"):
        result = invoke("load")

    assert result.exit_code == exits.BUSY
    assert "being written by" in result.stderr
    assert loaders["called"] == []


def test_status_before_the_first_load_says_how_to_start(invoke: Invoke) -> None:
    result = invoke("status")

    assert result.exit_code == exits.NOTHING_TO_LOAD
    assert "There is no warehouse at data/warehouse.duckdb yet." in result.stderr


def test_something_unexpected_ends_with_its_traceback_and_code_1(
    here: Path, an_export: Path, loaders, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loaders["landing_report"] = object()  # no report at all
    monkeypatch.setattr(sys, "argv", ["revhouse", "load"])

    with pytest.raises(SystemExit) as ending:
        cli.main()

    assert ending.value.code == exits.UNEXPECTED
    captured = capsys.readouterr()
    assert "Traceback" in captured.err
    assert "starting again goes on" in captured.err


@pytest.fixture
def written_samples(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The samples that were asked for; of each, only the file that says how it was made is written."""
    asked: list[dict[str, Any]] = []

    def write_sample(target: Path, **options: Any) -> None:
        asked.append({"target": target, **options})
        (target / "landing/salesforce/main").mkdir(parents=True, exist_ok=True)
        (target / "landing/salesforce/main/Account.csv").write_text("Id\n")
        (target / "sample_company.json").write_text(json.dumps({"as_of": options["as_of"].isoformat()}))

    monkeypatch.setattr("ingestion.sample.write_sample", write_sample)
    return asked


def test_a_run_without_files_makes_the_sample_company_once(
    invoke: Invoke, here: Path, loaders, written_samples, outcome
) -> None:
    loaders["landing_report"] = LoadReport(files=[outcome()])

    first, second = invoke("run", "--sample-if-empty"), invoke("run", "--sample-if-empty")

    assert (first.exit_code, second.exit_code) == (exits.OK, exits.OK)
    assert "writing a small sample company to data" in first.stderr
    (sample,) = written_samples
    assert (sample["target"], sample["preset"], sample["as_of"]) == (
        here / "data",
        "small",
        date(2026, 6, 30),
    )
    assert "as of 2026-06-30" in second.stdout


def test_a_run_with_files_makes_no_sample_company(invoke: Invoke, an_export: Path, loaders, written_samples) -> None:
    invoke("run", "--sample-if-empty")

    assert written_samples == []


def test_the_sample_is_not_written_where_the_loader_would_not_look(invoke: Invoke, here: Path, written_samples) -> None:
    result = invoke("run", "--sample-if-empty", "--landing", "exports")

    assert result.exit_code == exits.USAGE
    assert "beside each other" in result.stderr
    assert written_samples == []


def test_sample_takes_size_seed_and_day(invoke: Invoke, here: Path, written_samples) -> None:
    result = invoke("sample", "--preset", "medium", "--seed", "11", "--as-of", "2026-03-31", "--to", "company")

    (sample,) = written_samples
    assert (sample["preset"], sample["seed"], sample["as_of"]) == ("medium", 11, date(2026, 3, 31))
    assert "load --landing company/landing --infohub company/infohub" in result.stdout


def test_a_sample_is_not_mixed_with_real_exports(invoke: Invoke, an_export: Path, written_samples) -> None:
    result = invoke("sample")

    assert result.exit_code == exits.USAGE
    assert "no sample company's" in result.stderr
    assert written_samples == []


def test_a_sample_may_be_written_again_over_an_older_one(invoke: Invoke, written_samples) -> None:
    assert [invoke("sample").exit_code, invoke("sample").exit_code] == [exits.OK, exits.OK]


def test_run_builds_the_models_after_loading_and_load_does_not(
    invoke: Invoke, loaders: dict[str, Any], outcome: Callable[..., Any], an_export: Path
) -> None:
    loaders["landing_report"].files.append(outcome())
    assert "Built 44 models for 2026-03-31 and ran 44 tests" in invoke("run", "--as-of", "2026-03-31").output
    assert (loaders["called"], loaders["built_as_of"]) == (
        ["landing", "infohub", "models", "expectations"],
        date(2026, 3, 31),
    )
    loaders["called"].clear()
    assert "Built" not in invoke("load").output
    assert "models" not in loaders["called"]


def test_a_model_that_cannot_be_built_is_named_and_has_an_exit_code_of_its_own(
    invoke: Invoke, loaders: dict[str, Any], outcome: Callable[..., Any], an_export: Path
) -> None:
    loaders["landing_report"].files.append(outcome())
    loaders["build_outcome"] = BuildOutcome(models=1, tests=1, faults=["test unique_key_stg_x: Got 2 results"])
    result = invoke("run")
    assert result.exit_code == exits.NOT_BUILT
    assert "unique_key_stg_x: Got 2 results" in result.output
    assert "expectations" not in loaders["called"], "what could not be built was asked about"


def test_gaps_of_the_business_are_told_in_figures_and_stop_nothing(
    invoke: Invoke, loaders: dict[str, Any], outcome: Callable[..., Any], an_export: Path
) -> None:
    loaders["landing_report"].files.append(outcome())
    result = invoke("run", "--as-of", "2026-03-31")

    assert result.exit_code == exits.OK
    assert loaders["validated_as_of"] == date(2026, 3, 31)
    assert "Asked 504 expectations in 40 suites" in result.output
    assert "500 passed, 1 failed (1 error), 3 had nothing to assess" in " ".join(result.output.split())
    assert "build/data_docs/index.html" in result.output
    assert "broken" not in result.output


def test_broken_data_are_named_and_have_an_exit_code_of_their_own(
    invoke: Invoke, loaders: dict[str, Any], outcome: Callable[..., Any], an_export: Path
) -> None:
    loaders["landing_report"].files.append(outcome(status="refused", reason_code="not_csv", reason="is a PDF"))
    loaders["validation"] = validation("source/zendesk/unexplained_rows_count: 1 of 2 fail")
    result = invoke("run")

    assert result.exit_code == exits.BROKEN, "a refused file is the smaller trouble"
    assert "The data are broken" in result.output
    assert "source/zendesk/unexplained_rows_count: 1 of 2 fail" in result.output
    told = json.loads(invoke("run", "--format", "json").stdout)["validated"]
    assert (told["suites"], told["broken"]) == (40, ["source/zendesk/unexplained_rows_count: 1 of 2 fail"])


@pytest.fixture
def built_in_june(here: Path) -> Path:
    """A warehouse whose tables show the last of June."""
    warehouse = here / "data/warehouse.duckdb"
    with open_warehouse(warehouse):
        pass
    write_standing(_made(here / "data/warehouse.duckdb.dbt"), Standing(date(2026, 6, 30), whole=True))
    return warehouse


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_validate_asks_about_the_day_that_the_tables_show(
    invoke: Invoke, loaders: dict[str, Any], built_in_june: Path
) -> None:
    result = invoke("validate", "--format", "json")

    assert result.exit_code == exits.OK, result.output
    assert loaders["validated_as_of"] == date(2026, 6, 30)
    told = json.loads(result.stdout)
    assert (told["as_of"], told["expectations"], told["data_docs"]) == ("2026-06-30", 504, "build/data_docs/index.html")


def test_validate_ends_otherwise_where_data_are_broken(
    invoke: Invoke, loaders: dict[str, Any], built_in_june: Path
) -> None:
    loaders["validation"] = validation("structure/fct_checklist_results/status_known: 1 of 9 fail")
    result = invoke("validate")

    assert result.exit_code == exits.BROKEN
    assert "structure/fct_checklist_results/status_known" in result.output


def test_validate_says_which_suites_there_are(invoke: Invoke, loaders: dict[str, Any], built_in_june: Path) -> None:
    result = invoke("validate", "--suite", "checklist_b1")

    assert (result.exit_code, loaders["called"]) == (exits.USAGE, [])
    assert "Did you mean checklist_b10" in " ".join(result.output.split())
    assert invoke("validate", "--suite", "checklist_b10").exit_code == exits.OK


def test_validate_without_anything_built_says_how_to_build(invoke: Invoke, here: Path) -> None:
    assert invoke("validate").exit_code == exits.NOTHING_TO_LOAD
    with open_warehouse(here / "data/warehouse.duckdb"):
        pass
    result = invoke("validate")

    assert result.exit_code == exits.NOTHING_TO_LOAD
    assert "Nothing has been built" in result.output


@pytest.fixture
def loaded_in_may(here: Path) -> Path:
    """A warehouse to which something was loaded for the first time on the first of May."""
    warehouse = here / "data/warehouse.duckdb"
    with open_warehouse(warehouse) as connection:
        connection.execute("create table ledger.files as select timestamp '2026-05-01 06:00:00' as loaded_at")
    return warehouse


def test_known_at_builds_and_loads_nothing(
    invoke: Invoke, loaders: dict[str, Any], loaded_in_may: Path, an_export: Path
) -> None:
    result = invoke("run", "--as-of", "2026-03-31", "--known-at", "2026-05-31T06:00:00")

    assert result.exit_code == exits.OK, result.output
    assert (loaders["called"], loaders["built_as_of"]) == (["models", "expectations"], date(2026, 3, 31))
    assert "What was known  at 2026-05-31 06:00:00 UTC, as of 2026-03-31" in result.output
    assert "data/warehouse_known_at.duckdb" in result.output


def test_before_the_first_load_nothing_was_known(invoke: Invoke, loaders: dict[str, Any], loaded_in_may: Path) -> None:
    result = invoke("run", "--known-at", "2026-05-01T05:59:59")

    assert (result.exit_code, loaders["called"]) == (exits.NOTHING_TO_LOAD, [])
    assert "Nothing was known at 2026-05-01T05:59:59 UTC" in result.output
    assert "the first load was at 2026-05-01T06:00:00 UTC" in result.output


def test_without_a_warehouse_nothing_was_ever_known(invoke: Invoke, loaders: dict[str, Any]) -> None:
    result = invoke("run", "--known-at", "2026-05-01T06:00:00")

    assert result.exit_code == exits.NOTHING_TO_LOAD
    assert "nothing has been loaded at all" in result.output


@pytest.mark.parametrize("flags", [["--sample-if-empty"], ["--accept-drop"], ["--only", "salesforce"]])
def test_known_at_refuses_what_only_concerns_loading(invoke: Invoke, loaders: dict[str, Any], flags: list[str]) -> None:
    result = invoke("run", "--known-at", "2026-05-01T06:00:00", *flags)

    assert (result.exit_code, loaders["called"]) == (exits.USAGE, [])
    assert f"leave out {flags[0]}" in result.output


def test_what_the_models_found_is_in_the_json(
    invoke: Invoke, loaders: dict[str, Any], outcome: Callable[..., Any], an_export: Path
) -> None:
    loaders["landing_report"].files.append(outcome())
    loaders["build_outcome"].control = Control(
        rows_exported=10,
        missing=[MissingDays("segment/main", "usage_events", "export_lost", date(2026, 5, 1), date(2026, 5, 2), 2)],
        corrections=Corrections(3, 2, date(2026, 4, 1), date(2026, 4, 2), 1),
    )

    control = json.loads(invoke("run", "--format", "json").stdout)["built"]["control"]

    assert control["rows_exported"] == 10
    assert control["missing"][0]["first"] == "2026-05-01"
    assert control["corrections"]["last"] == "2026-04-02"
