import json

from ingestion.infohub.scan import InfohubProblem, InfohubRefused


def test_files_and_rows_are_added_up_for_each_table_source_and_run(outcome, summary_of) -> None:
    summary = summary_of(
        outcome(rows_in=10, rows_loaded=7, rows_superseded=2, rows_repeated=1, rows_quarantined=1),
        outcome("salesforce/main/Contact.csv", table_name="salesforce__contacts", rows_in=5, rows_loaded=5),
        outcome("salesforce/apac/Account.csv", rows_in=3, rows_loaded=3),
    )

    main = next(source for source in summary.sources if source.instance == "main")
    assert [table.table for table in main.tables] == ["salesforce__accounts", "salesforce__contacts"]
    assert (main.rows.read, main.rows.loaded, main.files.loaded) == (15, 12, 2)
    assert (summary.total.rows.read, summary.total.rows.loaded, summary.total.files.loaded) == (18, 15, 3)
    assert summary.total.rows.superseded == 2


def test_a_file_seen_before_counts_as_unchanged_and_makes_nothing_new(outcome, summary_of) -> None:
    summary = summary_of(outcome(status="unchanged"), outcome("salesforce/main/Account_copy.csv", "repeated"))

    assert summary.total.files.unchanged == 2
    assert summary.nothing_new
    assert not summary.nothing_seen


def test_an_infohub_that_changed_is_something_new(outcome, summary_of, infohub_report) -> None:
    unchanged = outcome(status="unchanged")

    assert not summary_of(unchanged, infohub=infohub_report(files_seen=1, files_parsed=1)).nothing_new
    assert not summary_of(unchanged, infohub=infohub_report(files_removed=1)).nothing_new
    assert summary_of(unchanged, infohub=infohub_report(files_seen=1, files_unchanged=1)).nothing_new


def test_no_file_anywhere_is_nothing_seen(summary_of, infohub_report) -> None:
    assert summary_of(infohub=infohub_report()).nothing_seen
    assert not summary_of(infohub=infohub_report(files_seen=1)).nothing_seen


def test_reasons_for_quarantine_are_added_up_over_a_tables_files(outcome, summary_of) -> None:
    summary = summary_of(
        outcome(rows_quarantined=3, quarantine_reasons={"not_a_date": 2, "missing_key": 1}),
        outcome("salesforce/main/Account_2.csv", rows_quarantined=1, quarantine_reasons={"not_a_date": 1}),
    )

    assert summary.sources[0].tables[0].quarantine_reasons == {"not_a_date": 3, "missing_key": 1}


def test_unreadable_infohub_files_count_as_refused(outcome, summary_of, infohub_report) -> None:
    refused = outcome(status="refused", reason_code="empty_file", reason="is empty")
    infohub = infohub_report(files_seen=4, files_unreadable=2, files_refused=1)

    assert summary_of(refused, infohub=infohub).files_refused == 4


def test_an_infohub_refused_whole_is_kept_apart_from_its_files(outcome, summary_of) -> None:
    summary = summary_of(outcome(), infohub=InfohubRefused("empty_root", "is empty, and 9 files were known"))

    assert summary.infohub is None
    assert summary.infohub_refused
    assert (summary.infohub_refused.path, summary.infohub_refused.reason_code) == (
        "data/infohub",
        "empty_root",
    )
    assert not summary.nothing_seen


def test_a_file_outside_every_systems_folder_still_has_a_source(outcome, summary_of) -> None:
    stray = outcome(status="refused", table_name=None)
    stray.source_system = stray.source_instance = ""

    assert summary_of(stray).sources[0].name == "(in no system's folder)"


def test_the_json_document_holds_everything_and_is_json(outcome, summary_of, infohub_report) -> None:
    infohub = infohub_report(files_seen=1, problems=[InfohubProblem("A/B/risks.yaml", 3, "not_yaml", "a tab")])
    document = json.loads(
        json.dumps(summary_of(outcome(rows_in=1, drift=["new column region"]), infohub=infohub).as_json())
    )

    assert document["as_of"] == "2026-06-30"
    assert document["loaded_at"] == "2026-07-01T04:30:00+00:00"
    assert document["landing"] == "data/landing"
    assert document["total"]["rows"]["read"] == 1
    assert document["sources"][0]["tables"][0]["table"] == "salesforce__accounts"
    assert document["drift"][0]["detail"] == "new column region"
    assert document["infohub"]["problems"][0]["path"] == "A/B/risks.yaml:3"
