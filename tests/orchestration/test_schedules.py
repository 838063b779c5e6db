"""The schedule of every morning: which day it asks for, and when it rests."""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from orchestration.schedules import morning_schedule
from revhouse.settings import read_settings


@pytest.fixture
def landing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REVHOUSE_LANDING", str(tmp_path / "landing"))
    monkeypatch.setenv("REVHOUSE_INFOHUB", str(tmp_path / "infohub"))
    file = tmp_path / "landing/zendesk/main/tickets.csv"
    file.parent.mkdir(parents=True)
    file.write_text("id\n")
    return tmp_path / "landing"


def tick(moment: datetime) -> dg.RunRequest | dg.SkipReason:
    answer = morning_schedule(read_settings())(dg.build_schedule_context(scheduled_execution_time=moment))
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer


def test_it_asks_for_the_day_that_is_over_where_the_business_is(landing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late_evening_in_utc = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    in_utc = tick(late_evening_in_utc)
    monkeypatch.setenv("REVHOUSE_TIMEZONE", "Europe/Berlin")
    in_berlin = tick(late_evening_in_utc)

    assert isinstance(in_utc, dg.RunRequest)
    assert isinstance(in_berlin, dg.RunRequest)
    assert (in_utc.partition_key, in_berlin.partition_key) == ("2026-11-19", "2026-11-20")


def test_it_rests_where_the_day_that_counts_is_a_fixed_one(landing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVHOUSE_AS_OF", "2026-06-30")
    answer = tick(datetime(2026, 11, 20, 6, 0, tzinfo=UTC))

    assert isinstance(answer, dg.SkipReason)
    assert "2026-06-30" in str(answer.skip_message)


def test_it_rests_while_nothing_has_landed(landing: Path) -> None:
    (landing / "zendesk/main/tickets.csv").unlink()

    assert isinstance(tick(datetime(2026, 11, 20, 6, 0, tzinfo=UTC)), dg.SkipReason)


def test_nobody_has_to_switch_it_on() -> None:
    assert morning_schedule(read_settings()).default_status == dg.DefaultScheduleStatus.RUNNING
