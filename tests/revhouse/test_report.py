from datetime import date
from io import StringIO

import pytest
from rich.console import Console

from ingestion.infohub.scan import InfohubRefused
from revhouse.control import Control, Corrections, Matches, MissingDays, UnexplainedRows
from revhouse.models import BuildOutcome
from revhouse.report import print_summary
from revhouse.summary import Summary


def printed(summary: Summary, width: int = 100) -> str:
    console = Console(file=StringIO(), width=width, highlight=False)
    print_summary(console, summary, command="./revhouse")
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_a_load_is_told_per_source_and_in_one_sentence(outcome, summary_of) -> None:
    text = printed(summary_of(outcome(rows_in=1200, rows_loaded=1200), outcome("hubspot/main/companies.csv")))

    assert "salesforce/main" in text
    assert "hubspot/main" in text
    assert "Loaded 1,200 rows from 2 files into data/warehouse.duckdb." in text
    assert "as of 2026-06-30" in text


def test_a_run_without_news_says_so(outcome, summary_of, infohub_report) -> None:
    infohub = infohub_report(files_seen=3, files_unchanged=3, realms=1, nodes=2)
    text = printed(summary_of(outcome(status="unchanged"), infohub=infohub))

    assert "Nothing new: 4 files had been loaded before, and none was loaded again." in text
    assert "InfoHub: 2 nodes in 1 realm; 0 files read, 3 unchanged." in text


def test_a_refused_file_is_named_with_its_reason_and_what_to_do_next(outcome, summary_of) -> None:
    refused = outcome(status="refused", reason_code="not_csv", reason="is a PDF: export it again as CSV")
    text = printed(summary_of(outcome("hubspot/main/companies.csv"), refused))

    assert "salesforce/main/Account.csv  not_csv" in text
    assert "is a PDF: export it again as CSV" in text
    assert "Refused 1 file, see above." in text
    assert "./revhouse load" in text
    assert "--accept-drop" not in text


def test_a_sharp_drop_is_answered_with_the_command_that_accepts_it(outcome, summary_of) -> None:
    refused = outcome(status="refused", reason_code="sharp_drop", reason="has 1 row of 9; see --accept-drop")

    assert "./revhouse load --accept-drop" in printed(summary_of(refused))


def test_an_infohub_refused_whole_is_told_with_the_way_to_accept_it(outcome, summary_of) -> None:
    refusal = InfohubRefused("empty_root", "The InfoHub is empty, and 9 files of it were known.")
    text = printed(summary_of(outcome(rows_in=3, rows_loaded=3), infohub=refusal))

    assert "data/infohub  empty_root" in text
    assert "Loaded 3 rows from 1 file into data/warehouse.duckdb. Refused the InfoHub, see above." in text
    assert "./revhouse load --accept-drop" in text


def test_quarantine_is_told_with_its_three_most_common_reasons(outcome, summary_of) -> None:
    reasons = {"not_a_date": 5, "missing_key": 3, "not_json": 2, "out_of_range": 1}
    text = printed(summary_of(outcome(rows_in=20, rows_quarantined=11, quarantine_reasons=reasons)))

    assert "not_a_date 5, missing_key 3, not_json 2, others 1" in text


def test_a_changed_column_is_told_once_however_many_files_have_it(outcome, summary_of) -> None:
    files = [outcome(f"salesforce/main/Account_{number}.csv", drift=["region is new"]) for number in range(5)]
    text = printed(summary_of(*files))

    assert text.count("region is new") == 1
    assert "salesforce/main/Account_0.csv and 4 more files" in text


def test_long_lists_are_cut_and_the_rest_is_counted(outcome, summary_of) -> None:
    files = [
        outcome(f"salesforce/main/{number:02}.csv", "refused", reason_code="empty_file", reason="is empty")
        for number in range(14)
    ]
    text = printed(summary_of(*files))

    assert "salesforce/main/09.csv" in text
    assert "salesforce/main/10.csv" not in text
    assert "… and 4 more files" in text


@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_figure_is_cut_off_in_a_terminal_of_usual_width(outcome, summary_of, width: int) -> None:
    big = outcome("posthog/main/events.parquet", rows_in=52_000_000, rows_loaded=51_999_999, rows_quarantined=1)
    text = printed(summary_of(big), width)

    assert "51,999,999" in text
    assert "…" not in text
    assert max(len(line) for line in text.splitlines()) <= width


def test_text_from_files_is_shown_as_it_is(outcome, summary_of) -> None:
    odd = outcome(
        "salesforce/main/[red]Account.csv",
        "refused",
        reason_code="x",
        reason="has a column [bold]name[/bold]",
    )
    text = printed(summary_of(odd))

    assert "salesforce/main/[red]Account.csv" in text
    assert "[bold]name[/bold]" in text


def test_what_a_broken_file_says_cannot_break_the_terminal(outcome, summary_of) -> None:
    reason = "begins with \x1b[2J\n\x00\tid\x07" + "x" * 5000
    text = printed(summary_of(outcome("salesforce/main/a\x1b[31m.csv", "refused", reason_code="x", reason=reason)))

    assert not {"\x1b", "\x00", "\x07", "\t"} & set(text)
    assert len(text) < 2500


def test_an_infohub_counts_in_the_verdict_by_what_is_of_use(outcome, summary_of, infohub_report) -> None:
    first = infohub_report(files_seen=3, files_parsed=3, files_unreadable=1)
    second = infohub_report(files_seen=3, files_unchanged=3, files_unreadable=1)

    assert "Loaded what 3 InfoHub files said into data/warehouse.duckdb. Refused 1 file" in printed(
        summary_of(infohub=first)
    )
    assert "Nothing new: 2 files had been loaded before" in printed(summary_of(infohub=second))


def built(summary: Summary, control: Control) -> Summary:
    summary.built = BuildOutcome(models=3, tests=4, control=control)
    return summary


def test_rows_that_are_all_accounted_for_are_told_in_one_sentence(outcome, summary_of) -> None:
    control = Control(
        rows_exported=1000,
        rows_conformed=940,
        rows_excluded={"repeated_delivery": 50, "quarantined": 10},
        objects_by_basis={"observed": 5, "carried": 1},
        matches=Matches(20, {"exact": 15, "suggested": 2, "none": 3}),
    )
    text = " ".join(printed(built(summary_of(outcome()), control)).split())

    assert "1,000 in the exports and the InfoHub: 940 conformed, 60 left out" in text
    assert "(repeated_delivery 50, quarantined 10); all accounted for" in text
    assert "15 of 20 in other systems are one of the accounts, 2 suggested, 3 none" in text
    assert "none: no day that had been reported has changed" in text
    assert "5 observed, 1 carried" in text
    assert "Missing days" not in text


def test_unexplained_rows_are_told_by_table(outcome, summary_of) -> None:
    lines = [
        UnexplainedRows("salesforce/main", "salesforce__accounts", "int_accounts__records_unioned", 3),
        UnexplainedRows("zendesk/main", "zendesk__tickets", None, -2),
    ]
    control = Control(rows_exported=10, rows_conformed=9, unexplained=lines)
    text = " ".join(printed(built(summary_of(outcome()), control)).split())

    assert "5 unexplained, see below" in text
    assert "all accounted for" not in text
    assert "salesforce__accounts salesforce/main 3 int_accounts__records_unioned" in text
    assert "-2 no row at all" in text


def test_missing_days_and_corrections_are_told_with_their_ends(outcome, summary_of) -> None:
    control = Control(
        rows_exported=1,
        missing=[
            MissingDays("amplitude/main", "usage_events", "export_lost", date(2025, 6, 1), date(2025, 6, 30), 30),
            MissingDays("segment/main", "usage_events", "no_export_yet", date(2026, 6, 30), date(2026, 6, 30), 1),
        ],
        corrections=Corrections(7, 2, date(2026, 5, 4), date(2026, 5, 5), 1),
    )
    text = " ".join(printed(built(summary_of(outcome()), control)).split())

    assert "amplitude/main usage_events 2025-06-01 to 2025-06-30 30 days export_lost" in text
    assert "segment/main usage_events 2026-06-30 1 day no_export_yet" in text
    assert "7 values of 2 days that had been reported (2026-05-04 to 2026-05-05), because of 1 file" in text
