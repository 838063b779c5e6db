"""The governance policy in dbt_project/seeds/policy: complete, free of contradictions, and in step with the sample company.

That keys are unique and references found is tested by dbt, row by row. Here is what takes more than one seed to see, or a
number that somebody counted in the two governance models.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from ingestion.sample.infohub.catalogue import LEVELS, TRACKS, Catalogue, read_catalogue

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def seed(project: Path) -> Callable[[str], Rows]:
    def read(name: str) -> Rows:
        with (project / f"dbt_project/seeds/policy/{name}.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture(scope="module")
def described(project: Path) -> dict[str, dict[str, object]]:
    """What is said of each governance seed."""
    document = yaml.safe_load((project / "dbt_project/seeds/policy/_governance.yml").read_text(encoding="utf-8"))
    return {entry["name"]: entry for entry in document["seeds"]}


@pytest.fixture(scope="module")
def sample() -> Catalogue:
    return read_catalogue()


# --- what the governance models hold --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("tracks", 4),
        ("blueprints", 17),
        ("signals", 63),
        ("assets", 66),
        ("checklist_items", 65),
        ("playbooks", 69),
        ("blueprint_tracks", 16 * 4),
        ("asset_track_levels", 66 * 4),
        ("validation_strictness", 2 * 4),
        # Five activities before the signature and seven after it, one of which the table of assets names.
        ("cadence_duties", 12),
        ("cadences", 12 * 4),
        # Five capabilities in each model, and the overall depth in one of them.
        ("automation_depths", 11 * 4),
        ("approvals", 7),
        ("hand_offs", 6),
        ("status_words", 7),
    ],
)
def test_the_policy_is_complete(seed: Callable[[str], Rows], name: str, count: int) -> None:
    assert len(seed(name)) == count


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("signals", "4 3 4 4 4 4 4 4 4 4 4 4 4 4 4 4"),
        ("assets", "4 4 4 4 4 5 4 5 4 4 4 4 4 4 4 4"),
        ("checklist_items", "4 4 4 4 4 5 4 4 4 4 4 4 4 4 4 4"),
        ("playbooks", "5 5 4 4 4 5 4 5 4 4 5 4 4 4 4 4"),
        ("stakeholders", "7 6 5 4 6 7 5 6 6 7 7 6 5 6 6 6"),
    ],
)
def test_each_blueprint_has_what_its_model_lists(seed: Callable[[str], Rows], name: str, counts: str) -> None:
    active = [row["blueprint"] for row in seed("blueprints") if row["blueprint_status"] == "active"]
    found = Counter(row["blueprint"] for row in seed(name))

    assert [found[blueprint] for blueprint in active] == [int(count) for count in counts.split()]


def test_one_number_is_reserved_and_nothing_builds_on_it(seed: Callable[[str], Rows]) -> None:
    assert [row["blueprint"] for row in seed("blueprints") if row["blueprint_status"] == "reserved"] == ["B06"]
    for name in ("signals", "assets", "checklist_items", "playbooks", "stakeholders", "blueprint_tracks"):
        assert "B06" not in {row["blueprint"] for row in seed(name)}, name


def test_ids_that_occur_twice_are_told_apart_by_their_blueprint(seed: Callable[[str], Rows]) -> None:
    items = Counter(row["item"] for row in seed("checklist_items"))
    signals = Counter(row["signal"] for row in seed("signals"))

    assert {item for item, count in items.items() if count > 1} == {f"CHK_SVC_00{number}" for number in range(1, 5)}
    assert {signal for signal, count in signals.items() if count > 1} == {"health_score_declining"}


def test_strictness_is_that_of_the_models(seed: Callable[[str], Rows]) -> None:
    rows = {(row["archetype"], row["track"]): row for row in seed("validation_strictness")}

    def values(archetype: str, column: str) -> list[str]:
        return [rows[archetype, track][column] for track in TRACKS]

    for archetype in ("pre_sales_governance", "post_sales_governance"):
        assert values(archetype, "minimum_pass_rate_pct") == ["50", "70", "90", "95"]
        assert values(archetype, "severity") == ["minimal", "warn", "error", "error"]
    assert values("pre_sales_governance", "staleness_days") == ["14", "7", "3", "1"]
    assert values("post_sales_governance", "staleness_days") == ["", "14", "7", "3"]
    assert values("post_sales_governance", "engagement_gap_maximum_days") == ["", "30", "14", "7"]
    assert values("post_sales_governance", "escalation_hours") == ["", "48", "24", "4"]


@pytest.mark.parametrize(
    ("blueprint", "item", "threshold", "values"),
    [
        ("B03", "CHK_SPEC_002", "assignment_time", {"economy": 72, "premium": 24, "fast_track": 24}),
        ("B04", "CHK_CI_003", "deadline", dict.fromkeys(TRACKS, 14)),
        ("B07", "CHK_POC_004", "deadline", dict.fromkeys(TRACKS, 3)),
        ("C02", "CHK_CS_001", "deadline", dict.fromkeys(TRACKS, 30)),
        ("C02", "CHK_CS_003", "maximum_age", dict.fromkeys(TRACKS, 7)),
        ("C02", "CHK_CS_004", "maximum_age", {"premium": 92}),
        ("C04", "CHK_HUB_002", "use_case_count", dict.fromkeys(TRACKS, 3)),
        ("C05", "CHK_SVC_003", "critical_escalation_time", dict.fromkeys(TRACKS, 4)),
        ("C05", "CHK_SVC_003", "high_escalation_time", dict.fromkeys(TRACKS, 24)),
        ("C06", "CHK_SUP_002", "escalation_time", dict.fromkeys(TRACKS, 1)),
    ],
)
def test_thresholds_are_those_of_the_models(
    seed: Callable[[str], Rows], blueprint: str, item: str, threshold: str, values: dict[str, int]
) -> None:
    found = {
        row["track"]: float(row["threshold_value"])
        for row in seed("checklist_thresholds")
        if (row["blueprint"], row["item"], row["threshold"]) == (blueprint, item, threshold)
    }

    assert found == values


# --- no contradictions ----------------------------------------------------------------------------------------------------


def test_an_item_has_its_thresholds_on_every_track_it_can_apply_to(seed: Callable[[str], Rows]) -> None:
    found: dict[tuple[str, str], dict[str, set[str]]] = {}
    for row in seed("checklist_thresholds"):
        tracks = found.setdefault((row["blueprint"], row["item"]), {}).setdefault(row["threshold"], set())
        tracks.add(row["track"])
    for item in seed("checklist_items"):
        by_threshold = found.pop((item["blueprint"], item["item"]), {})
        assert bool(by_threshold) == (item["threshold_home"] == "checklist_thresholds"), item["item"]
        for tracks in by_threshold.values():
            assert tracks == set(item["applicable_tracks"].split(";")), item["item"]
    assert not found


def test_a_signal_has_its_thresholds_on_every_track(seed: Callable[[str], Rows]) -> None:
    found = Counter((row["blueprint"], row["signal"], row["threshold"]) for row in seed("signal_thresholds"))
    with_thresholds = {key[:2] for key in found}

    assert set(found.values()) == {len(TRACKS)}
    for signal in seed("signals"):
        key = (signal["blueprint"], signal["signal"])
        assert (key in with_thresholds) == (signal["threshold_home"] == "signal_thresholds"), key


def test_a_playbook_that_answers_belongs_to_the_same_blueprint(seed: Callable[[str], Rows]) -> None:
    blueprint_of = {row["playbook"]: row["blueprint"] for row in seed("playbooks")}

    for row in (*seed("checklist_items"), *seed("signals"), *seed("assets")):
        assert blueprint_of[row["playbook"]] == row["blueprint"], row


def test_a_threshold_has_one_unit_and_one_comparison(seed: Callable[[str], Rows]) -> None:
    for name, key in (("checklist_thresholds", "item"), ("signal_thresholds", "signal")):
        kinds: dict[tuple[str, str, str], set[tuple[str, str]]] = {}
        for row in seed(name):
            which = (row["blueprint"], row[key], row["threshold"])
            kinds.setdefault(which, set()).add((row["comparison"], row["unit"]))
        assert [which for which, kind in kinds.items() if len(kind) > 1] == []


def test_a_rhythm_is_a_duty_with_days_or_none_without(seed: Callable[[str], Rows]) -> None:
    for row in seed("rhythms"):
        assert (row["duty_kind"] == "none") == (row["maximum_days"] == "") == (row["day_kind"] == ""), row


def test_an_alias_is_no_asset_of_its_own(seed: Callable[[str], Rows]) -> None:
    assert {row["alias_path"] for row in seed("asset_aliases")}.isdisjoint(row["asset_path"] for row in seed("assets"))


def test_each_level_asks_for_more_than_the_one_below_and_for_nothing_twice(seed: Callable[[str], Rows]) -> None:
    asked = Counter((row["asset_path"], row["field_path"]) for row in seed("asset_level_fields"))
    by_level = Counter((row["asset_path"], row["asset_level"]) for row in seed("asset_level_fields"))

    assert set(asked.values()) == {1}
    for asset in seed("assets"):
        assert all(by_level[asset["asset_path"], level] for level in LEVELS), asset["asset_path"]


def test_every_status_word_has_a_place_and_the_worst_comes_first(seed: Callable[[str], Rows]) -> None:
    words = [row["status"] for row in sorted(seed("status_words"), key=lambda row: int(row["precedence"]))]

    assert words == ["fail", "insufficient_data", "manual", "too_early", "waived", "pass", "not_applicable"]


# --- editable -------------------------------------------------------------------------------------------------------------


def test_every_column_is_described_and_typed(
    seed: Callable[[str], Rows], described: dict[str, dict[str, object]]
) -> None:
    for name, entry in described.items():
        columns = list(seed(name)[0])
        assert [column["name"] for column in entry["columns"]] == columns, name  # type: ignore[attr-defined]
        assert list(entry["config"]["column_types"]) == columns, name  # type: ignore[index]


def test_every_rule_cites_where_it_is_from(
    seed: Callable[[str], Rows], described: dict[str, dict[str, object]]
) -> None:
    without = {name for name in described if "source_section" not in seed(name)[0]}

    # Documents, the names of roles, and what is said of the documents themselves.
    assert without == {"policy_sources", "roles", "policy_contradictions"}


def test_lines_are_plain_and_a_row_each(project: Path, described: dict[str, dict[str, object]]) -> None:
    for name in described:
        content = (project / f"dbt_project/seeds/policy/{name}.csv").read_bytes()
        assert b"\r" not in content, name
        assert content.decode("utf-8").count("\n") == content.count(b"\n") == len(content.splitlines()), name


# --- in step with the sample company --------------------------------------------------------------------------------------
# The sample keeps a reading of the models of its own, so that what it plants measures what the policy finds. Both have to
# say the same.


def test_levels_ask_for_the_fields_that_the_sample_writes(seed: Callable[[str], Rows], sample: Catalogue) -> None:
    fields: dict[tuple[str, str], set[str]] = {}
    for row in seed("asset_level_fields"):
        fields.setdefault((row["asset_path"], row["asset_level"]), set()).add(row["field_path"])

    for path, asset in sample.assets.items():
        asked: set[str] = set()
        for level in LEVELS:
            asked |= fields[path, level]
            assert asked == set(asset.required_fields(level)), (path, level)


def test_assets_are_those_of_the_sample(seed: Callable[[str], Rows], sample: Catalogue) -> None:
    role_names = {row["role"]: row["role_name"] for row in seed("roles")}
    aliases: dict[str, list[str]] = {}
    for row in seed("asset_aliases"):
        aliases.setdefault(row["asset_path"], []).append(row["alias_path"])

    found = {
        row["asset_path"]: (row["blueprint"], role_names[row["owner_role"]], row["asset_format"] == "markdown")
        for row in seed("assets")
    }
    assert found == {path: (asset.blueprint, asset.owner, asset.is_canvas) for path, asset in sample.assets.items()}
    assert aliases == {path: list(asset.aliases) for path, asset in sample.assets.items() if asset.aliases}


def test_levels_by_track_are_those_of_the_sample(seed: Callable[[str], Rows], sample: Catalogue) -> None:
    worth_the_same = {"custom": "comprehensive"}
    found = {
        (row["asset_path"], row["track"]): worth_the_same.get(row["asset_level"], row["asset_level"])
        for row in seed("asset_track_levels")
    }

    assert found == {
        (path, track): asset.demanded_level(track) for path, asset in sample.assets.items() for track in TRACKS
    }


def test_blueprints_by_track_are_those_of_the_sample(seed: Callable[[str], Rows], sample: Catalogue) -> None:
    found = {(row["blueprint"], row["track"]): row["requirement"] for row in seed("blueprint_tracks")}

    assert found == {
        (name, track): blueprint.asked.get(track, "none")
        for name, blueprint in sample.blueprints.items()
        for track in TRACKS
    }


def test_items_look_where_the_sample_writes(seed: Callable[[str], Rows], sample: Catalogue) -> None:
    found = {(row["blueprint"], row["item"]): row["asset_path"] for row in seed("checklist_items")}

    assert found == {(item.blueprint, item.item): item.asset for item in sample.items}


def test_rhythms_lie_where_the_sample_leaves_no_doubt(seed: Callable[[str], Rows], sample: Catalogue) -> None:
    """On time up to one number of days, overdue from another: the policy's number lies between them."""
    found = {(row["duty"], row["track"]): row["rhythm"] for row in seed("cadences") if row["duty"] != "gap_scan"}
    days = {row["rhythm"]: row["maximum_days"] for row in seed("rhythms")}
    no_duty = {"as_needed": "none"}

    assert {key: no_duty.get(rhythm, rhythm) for key, rhythm in found.items()} == {
        (duty, track): by_track.get(track, "none") for duty, by_track in sample.cadences.items() for track in TRACKS
    }
    for rhythm in {rhythm for rhythm in found.values() if days[rhythm] and rhythm != "end_only"}:
        on_time, overdue = sample.rhythms[rhythm]
        assert on_time <= int(days[rhythm]) < overdue, rhythm


def test_staleness_is_that_of_the_sample(seed: Callable[[str], Rows], sample: Catalogue) -> None:
    found = {
        (row["archetype"], row["track"]): int(row["staleness_days"]) if row["staleness_days"] else None
        for row in seed("validation_strictness")
    }

    assert found == {
        (archetype, track): days
        for archetype, by_track in sample.staleness_days.items()
        for track, days in by_track.items()
    }
