"""Writing the sample: the same bytes every time, nothing of anybody else's touched, any day as today."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest

from ingestion.sample import PRESETS, SampleRefused, write_sample
from ingestion.sample.presets import timeline
from tests.ingestion.sample.company_desk import AS_OF, TINY, Company


def _digests(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


Told = list[tuple[int, int, str]]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Told]:
    root = tmp_path_factory.mktemp("once")
    told: Told = []
    write_sample(
        root,
        preset=TINY,
        seed=7,
        as_of=AS_OF,
        threads=1,
        progress=lambda done, total, label: told.append((done, total, label)),
    )
    return root, told


@pytest.fixture
def once(watched: tuple[Path, Told]) -> Path:
    return watched[0]


@pytest.fixture
def no_infohub(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a test is about the exports, the InfoHub would only take time."""
    monkeypatch.setattr("ingestion.sample.company.write_infohub", lambda *_args, **_settings: None)


def test_the_same_seed_gives_the_same_bytes_whatever_the_number_of_threads(once: Path, tmp_path: Path) -> None:
    write_sample(tmp_path, preset=TINY, seed=7, as_of=AS_OF, threads=3)
    first, second = _digests(once), _digests(tmp_path)
    assert sum(name.endswith(".gz") for name in first) > 20
    assert {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)} == set()


@pytest.mark.usefixtures("no_infohub")
def test_another_seed_gives_another_company(once: Path, tmp_path: Path) -> None:
    write_sample(tmp_path, preset=TINY, seed=8, as_of=AS_OF)
    first, second = _digests(once), _digests(tmp_path)
    account = f"landing/salesforce/main/Account_{AS_OF}.csv"
    assert first[account] != second[account]
    assert first["ground_truth.csv"] != second["ground_truth.csv"]


def test_gzip_headers_carry_no_time_and_no_name(once: Path) -> None:
    packed = sorted((once / "landing").rglob("*.gz"))
    assert packed
    for path in packed:
        header = path.read_bytes()[:10]
        if len(header) == 10:
            assert header[3] == 0, path
            assert header[4:8] == b"\0\0\0\0", path


def test_the_settings_say_how_to_write_the_same_again(company: Company) -> None:
    settings = json.loads((company.root / "sample_company.json").read_text(encoding="utf-8"))
    assert settings == {"preset": "small", "seed": 7, "as_of": "2026-06-30"}


@pytest.mark.usefixtures("no_infohub")
def test_writing_again_replaces_the_earlier_sample_and_leaves_everything_else(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    write_sample(tmp_path, preset=TINY, seed=1, as_of=AS_OF)
    stale = tmp_path / "landing" / "salesforce" / "main" / "Stale.csv"
    stale.write_text("old", encoding="utf-8")
    report = write_sample(tmp_path, preset=TINY, seed=1, as_of=date(2026, 5, 20))
    assert not stale.exists()
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert not list(tmp_path.glob(".sample-*"))
    assert (report.preset, report.seed, report.as_of, report.accounts) == ("tiny", 1, date(2026, 5, 20), 60)
    assert report.facts == sum(1 for _ in (tmp_path / "ground_truth.csv").open(encoding="utf-8")) - 1


def test_a_folder_that_no_sample_filled_is_left_alone(tmp_path: Path) -> None:
    exports = tmp_path / "landing" / "salesforce"
    exports.mkdir(parents=True)
    with pytest.raises(SampleRefused, match="landing"):
        write_sample(tmp_path, preset=TINY, as_of=AS_OF)
    assert exports.exists()
    assert not (tmp_path / "sample_company.json").exists()


@pytest.mark.usefixtures("no_infohub")
@pytest.mark.parametrize("seed", [-3, 2**70])
def test_any_whole_number_is_a_seed_and_empty_folders_are_no_obstacle(tmp_path: Path, seed: int) -> None:
    (tmp_path / "landing").mkdir()
    write_sample(tmp_path, preset=TINY, seed=seed, as_of=AS_OF)
    names = Company(tmp_path).rows("select detail ->> 'name' from truth where fact = 'account_story'")
    assert len({name for (name,) in names if name}) == TINY.accounts


def test_an_unknown_preset_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SampleRefused, match="small, medium, large"):
        write_sample(tmp_path, preset="huge", as_of=AS_OF)


def test_progress_never_goes_back_and_ends_complete(watched: tuple[Path, Told]) -> None:
    _, told = watched
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert told[-1][0] == told[-1][1]
    assert any("InfoHub" in label for _, _, label in told)


@pytest.mark.usefixtures("no_infohub")
@pytest.mark.parametrize("as_of", [date(2026, 3, 1), date(2024, 2, 29), date(2025, 11, 12)])
def test_any_day_can_be_today_and_nothing_is_dated_after_it(tmp_path: Path, as_of: date) -> None:
    write_sample(tmp_path, preset=TINY, seed=5, as_of=as_of)
    made = Company(tmp_path)
    history = made.csv("salesforce/main/history/OpportunityHistory_*.csv")
    assert str(made.value(f'select max("CreatedDate") from {history}')) < f"{as_of}T23:59:60"
    latest = made.value(
        f"select max(json_extract_string(record, '$.receivedAt')) from {made.lines('segment/main/tracks_*.jsonl.gz')}"
    )
    assert str(latest) < f"{as_of}T23:59:60"
    # only facts about what is to come may lie ahead
    ahead = made.rows(f"select distinct fact from truth where on_date > '{as_of}' and area not in ('asset', 'node')")
    coming = {"renewal_due", "churn_coming", "event_ahead_of_clock", "deal_without_rate", "account_story"}
    assert {fact for (fact,) in ahead} & _company_facts() <= coming


def _company_facts() -> set[str]:
    from ingestion.sample import company_facts, dirty_files, dirty_rows

    return {fact for facts in company_facts.FACTS.values() for fact in facts} | {*dirty_rows.FACTS, *dirty_files.FACTS}


def test_a_customer_has_one_engagement_after_the_sale_and_a_deal_one_before_it(company: Company) -> None:
    nodes = sorted(path.name for path in (company.root / "infohub").glob("[A-Z]*/*") if path.is_dir())
    assert nodes.count("IMPLEMENTATION") > 50
    assert "IMPLEMENTATION_2" not in nodes


def test_the_timeline_has_eighteen_months_and_three_full_deliveries() -> None:
    line = timeline(date(2026, 6, 15))
    assert len(line.months) == 18
    assert line.first_day == date(2025, 1, 1)
    assert line.deliveries == (date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 15))
    assert [span.last for span in line.changes] == list(line.deliveries)
    assert all(
        (later.first - earlier.last).days == 1 for earlier, later in zip(line.months, line.months[1:], strict=False)
    )


def test_the_presets_are_the_sizes_that_were_asked_for() -> None:
    assert {name: preset.accounts for name, preset in PRESETS.items()} == {
        "small": 200,
        "medium": 5_000,
        "large": 50_000,
    }
