from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from revhouse.settings import SETTINGS, SettingError, read_settings


def test_defaults_lie_in_the_data_folder_of_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    settings = read_settings(environment={})

    assert settings.landing == tmp_path / "data/landing"
    assert settings.infohub == tmp_path / "data/infohub"
    assert settings.warehouse == tmp_path / "data/warehouse.duckdb"
    assert (settings.memory_limit, settings.threads, settings.as_of) == (None, None, None)
    assert (settings.timezone, settings.lock_wait_seconds) == ("UTC", 0.0)


def test_the_environment_replaces_defaults_and_flags_replace_the_environment() -> None:
    environment = {"REVHOUSE_THREADS": "2", "REVHOUSE_TIMEZONE": "Asia/Tokyo", "REVHOUSE_AS_OF": "2026-06-30"}

    settings = read_settings({"threads": "3", "timezone": None}, environment)

    assert settings.threads == 3
    assert settings.timezone == "Asia/Tokyo"
    assert settings.as_of == date(2026, 6, 30)


def test_an_empty_variable_counts_as_not_set() -> None:
    assert read_settings(environment={"REVHOUSE_THREADS": " "}).threads is None


def test_paths_do_not_move_with_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings({"landing": "exports"}, {})

    monkeypatch.chdir("/")

    assert settings.landing == tmp_path / "exports"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("REVHOUSE_THREADS", "many"),
        ("REVHOUSE_THREADS", "0"),
        ("REVHOUSE_THREADS", "1.5"),
        ("REVHOUSE_MEMORY_LIMIT", "4"),
        ("REVHOUSE_MEMORY_LIMIT", "0GB"),
        ("REVHOUSE_MEMORY_LIMIT", "80%"),
        ("REVHOUSE_TIMEZONE", "Berlin"),
        ("REVHOUSE_TIMEZONE", "Europe"),
        ("REVHOUSE_TIMEZONE", "../UTC"),
        ("REVHOUSE_AS_OF", "30.06.2026"),
        ("REVHOUSE_AS_OF", "20260630"),
        ("REVHOUSE_AS_OF", "2026-02-30"),
        ("REVHOUSE_KNOWN_AT", "2026-06-30"),
        ("REVHOUSE_KNOWN_AT", "2026-06-30T25:00"),
        ("REVHOUSE_KNOWN_AT", "yesterday 06:00"),
        ("REVHOUSE_LOCK_WAIT_SECONDS", "-1"),
        ("REVHOUSE_LOCK_WAIT_SECONDS", "nan"),
        ("REVHOUSE_LOCK_WAIT_SECONDS", "1e9"),
    ],
)
def test_a_wrong_value_is_answered_with_what_is_allowed_and_where_to_set_it(variable: str, value: str) -> None:
    setting = next(setting for setting in SETTINGS if setting.variable == variable)

    with pytest.raises(SettingError) as caught:
        read_settings(environment={variable: value})

    message = str(caught.value)
    assert message.startswith(f"{variable} is {value!r}")
    assert setting.allowed in message
    assert setting.flag in message


def test_a_wrong_flag_is_named_as_the_flag() -> None:
    with pytest.raises(SettingError, match=r"^--threads is 'many'"):
        read_settings({"threads": "many"}, {"REVHOUSE_THREADS": "2"})


@pytest.mark.parametrize("size", ["4GB", "512MiB", "0.5 GB", "100kb"])
def test_memory_limits_that_duckdb_takes_are_taken(size: str) -> None:
    import duckdb

    assert read_settings({"memory_limit": size}, {}).memory_limit == size
    duckdb.connect(config={"memory_limit": size}).close()


def test_a_misspelt_variable_is_an_error_that_names_the_right_one() -> None:
    with pytest.raises(SettingError, match=r"REVHOUSE_TREADS.*Did you mean REVHOUSE_THREADS\?"):
        read_settings(environment={"REVHOUSE_TREADS": "2"})


def test_other_programs_variables_are_none_of_our_business() -> None:
    read_settings(environment={"PATH": "/usr/bin", "REVHOUSEKEEPING": "yes"})


def test_a_flag_that_is_no_setting_is_a_mistake_in_the_code() -> None:
    with pytest.raises(TypeError, match="colour"):
        read_settings({"colour": "red"}, {})


EVENING_IN_UTC = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


def test_the_calendar_day_is_the_business_zones() -> None:
    assert read_settings({"timezone": "Asia/Tokyo"}, {}).today(EVENING_IN_UTC) == date(2026, 11, 21)
    assert read_settings({"timezone": "America/New_York"}, {}).today(EVENING_IN_UTC) == date(2026, 11, 20)


def test_the_day_that_counts_is_the_set_one_then_the_samples_then_the_calendars(tmp_path: Path) -> None:
    landing = {"landing": str(tmp_path / "landing")}

    assert read_settings(landing, {}).effective_as_of(EVENING_IN_UTC) == date(2026, 11, 20)
    (tmp_path / "sample_company.json").write_text('{"as_of": "2026-06-30"}')
    assert read_settings(landing, {}).effective_as_of(EVENING_IN_UTC) == date(2026, 6, 30)
    assert read_settings(landing | {"as_of": "2026-01-31"}, {}).effective_as_of(EVENING_IN_UTC) == date(2026, 1, 31)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"as_of": 20260630}', '{"as_of": "June"}'])
def test_a_sample_company_that_cannot_say_its_day_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "sample_company.json").write_text(content)

    with pytest.raises(SettingError, match=r"sample_company\.json .* --as-of"):
        read_settings({"landing": str(tmp_path / "landing")}, {}).effective_as_of(EVENING_IN_UTC)


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2026-07-01T06:00:00", datetime(2026, 7, 1, 6, tzinfo=UTC)),
        ("2026-07-01 06:00Z", datetime(2026, 7, 1, 6, tzinfo=UTC)),
        ("2026-07-01T01:00:00+02:00", datetime(2026, 6, 30, 23, tzinfo=UTC)),
    ],
)
def test_known_at_is_a_moment_in_utc_unless_it_says_another_offset(given: str, moment: datetime) -> None:
    assert read_settings({"known_at": given}, {}).known_at == moment


def test_what_was_known_is_built_beside_the_warehouse(tmp_path: Path) -> None:
    warehouse = str(tmp_path / "warehouse.duckdb")

    assert read_settings({"warehouse": warehouse}, {}).built == tmp_path / "warehouse.duckdb"
    told = read_settings({"warehouse": warehouse, "known_at": "2026-07-01T06:00"}, {})
    assert told.built == tmp_path / "warehouse_known_at.duckdb"
    assert told.as_environment()["REVHOUSE_WAREHOUSE"] == str(told.built)


def test_who_asks_what_was_known_asks_about_the_day_of_that_moment(tmp_path: Path) -> None:
    now = datetime(2026, 9, 1, tzinfo=UTC)
    given = {"landing": str(tmp_path / "landing"), "known_at": "2026-06-30T23:00:00", "timezone": "Europe/Berlin"}

    assert read_settings(given, {}).effective_as_of(now) == date(2026, 7, 1)
    assert read_settings({**given, "as_of": "2026-03-31"}, {}).effective_as_of(now) == date(2026, 3, 31)
    (tmp_path / "sample_company.json").write_text('{"as_of": "2026-05-31"}')
    assert read_settings(given, {}).effective_as_of(now) == date(2026, 5, 31)
