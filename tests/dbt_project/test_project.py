"""The dbt project as a whole: it builds on nothing, tells nobody, and every model keeps the house's rules."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.dbt_project import manifest_rules
from tests.dbt_project.conftest import DbtRun
from tests.dbt_project.manifest_rules import RULES, Manifest


def test_it_builds_when_nothing_has_landed(empty: DbtRun) -> None:
    assert empty.succeeded, empty.output
    assert re.search(r"PASS=(\d+) WARN=0 ERROR=0 SKIP=0", empty.output), empty.output


def test_dbt_warns_of_nothing(empty: DbtRun) -> None:
    assert "WARNING" not in empty.output, empty.output
    assert "deprecat" not in empty.output.lower(), empty.output


def test_dbt_tells_nobody_that_it_was_run(project: Path) -> None:
    settings = yaml.safe_load((project / "dbt_project/dbt_project.yml").read_text())

    assert settings["flags"]["send_anonymous_usage_stats"] is False


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_model_keeps_the_rule(manifest: Manifest, rule: Callable[[Manifest], Any]) -> None:
    assert list(rule(manifest)) == []


ACCOUNTS = "model.revhouse.stg_salesforce__accounts"

# For each rule, what a view that keeps them all would have to be changed in to break it.
BREACHES: dict[str, dict[str, Any]] = {
    "each_layer_reads_only_what_is_before_it": {"fqn": ["revhouse", "marts", "core", "dim_accounts"]},
    "a_staging_view_shows_one_loaded_table": {"depends_on": {"nodes": []}},
    "each_loaded_table_is_shown_once": {"depends_on": {"nodes": []}},
    "a_name_tells_the_layer_and_the_folder": {"name": "stg_sf__accounts"},
    "a_description_says_what_a_row_is": {"description": "Accounts."},
    "each_model_has_a_tested_key": {"unique_id": "model.revhouse.untested"},
    "each_model_has_an_owner_and_a_group": {"group": None},
    "what_leaves_the_project_has_a_contract": {"fqn": ["revhouse", "marts", "core", "dim_accounts"]},
    "what_is_hard_or_leaves_the_project_has_a_unit_test": {"fqn": ["revhouse", "marts", "core", "dim_accounts"]},
    "each_mart_has_a_test_of_its_own": {
        "fqn": ["revhouse", "marts", "core", "fct_days"],
        "unique_id": "model.revhouse.untested",
    },
    "no_mart_is_told_what_happened_after_the_day": {
        "fqn": ["revhouse", "marts", "core", "fct_events"],
        "depends_on": {"nodes": ["model.revhouse.stg_segment__tracks"], "macros": []},
    },
    "sql_is_what_both_engines_run": {
        "fqn": ["revhouse", "intermediate", "accounts", "x"],
        "raw_code": "select a::date",
    },
    "every_order_says_where_nulls_go": {
        "fqn": ["revhouse", "intermediate", "accounts", "x"],
        "raw_code": "row_number() over (order by a asc nulls last, b)",
    },
    "nothing_asks_what_time_it_is": {"raw_code": "select current_date as day"},
}


@pytest.fixture
def staging(manifest: Manifest) -> Manifest:
    """Staging alone: nothing reads what a test breaks in it."""
    kept = copy.deepcopy(manifest)
    kept["nodes"] = {
        name: node
        for name, node in kept["nodes"].items()
        if node["resource_type"] == "test" or node["fqn"][1] == "staging"
    }
    return kept


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_catches_a_breach(staging: Manifest, rule: Callable[[Manifest], Any]) -> None:
    before = set(rule(staging))
    staging["nodes"][ACCOUNTS].update(BREACHES[rule.__name__])

    # A breach is a sentence that begins with whom it is about. There can be one for each column, or table that is read.
    assert len({re.split(r"[ .]", breach)[0] for breach in set(rule(staging)) - before}) == 1


@pytest.mark.parametrize(
    ("stored_in", "breaches"),
    [
        ("int_accounts__records_unioned", []),
        ("int_people__users_unioned", ["does not read it"]),
        (None, ["has no test"]),
    ],
)
def test_a_view_can_be_tested_where_its_rows_are_stored_and_nowhere_else(
    manifest: Manifest, stored_in: str | None, breaches: list[str]
) -> None:
    view = copy.deepcopy(manifest["nodes"][ACCOUNTS])
    view["config"]["meta"]["tested_in"] = stored_in
    readers = {name: node for name, node in manifest["nodes"].items() if node["name"].startswith("int_")}
    untested = {"nodes": {ACCOUNTS: view, **readers}, "child_map": manifest["child_map"]}

    found = [
        breach
        for breach in manifest_rules.each_model_has_a_tested_key(untested)
        if "stg_salesforce__accounts" in breach
    ]

    assert [expected in breach for expected, breach in zip(breaches, found, strict=True)] == [True] * len(breaches)


@pytest.mark.parametrize(
    "code",
    ["select now()", "where day < current_date", "{{ run_started_at }}", "{{ modules.datetime.datetime.utcnow() }}"],
)
def test_the_clock_is_found_however_it_is_asked(staging: Manifest, code: str) -> None:
    staging["nodes"][ACCOUNTS]["raw_code"] = code

    assert len(list(manifest_rules.nothing_asks_what_time_it_is(staging))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "cast(amount as varchar)",
        "cast(a as text)",
        "amount::double",
        "date_diff('day', a, b)",
        "strftime(day, '%Y')",
        "epoch(happened_at)",
        "list_contains(names, 'a')",
        "json_extract(fields, '$.a')",
        "fields ->> 'a'",
        "select * exclude (a) from b",
        "select unnest(names)",
        "from a asof join b on true",
        "from a semi join b using (c)",
        "group by all",
        "first_value(a ignore nulls) over b",
        "amount // 2",
    ],
)
def test_what_only_duckdb_runs_is_found(staging: Manifest, code: str) -> None:
    assert _breaches_of(staging, manifest_rules.sql_is_what_both_engines_run, code) >= 1


@pytest.mark.parametrize(
    "code",
    [
        "{{ days_between('a', 'b') }} as days",
        "{{ json_text('fields', 'a.b') }}",
        "replace(name, 'a', 'b') as name",
        "select a as text_length, body_text from b -- a::date is for macros",
        "date_trunc('month', day), last_day(day), count(*) filter (where a)",
        "{# epoch(x) #} select 1",
    ],
)
def test_what_both_engines_run_is_left_alone(staging: Manifest, code: str) -> None:
    assert _breaches_of(staging, manifest_rules.sql_is_what_both_engines_run, code) == 0


@pytest.mark.parametrize(
    ("code", "breaches"),
    [
        ("over (partition by a order by b desc nulls last, c asc nulls first)", 0),
        ("over (order by coalesce(a, b) desc, c nulls last)", 1),
        ("window w as (partition by a order by b asc nulls last rows between unbounded preceding and 1 preceding)", 0),
        ("window w as (partition by a order by b rows between unbounded preceding and current row)", 1),
    ],
)
def test_an_order_that_leaves_nulls_to_the_engine_is_found(staging: Manifest, code: str, breaches: int) -> None:
    assert _breaches_of(staging, manifest_rules.every_order_says_where_nulls_go, code) == breaches


@pytest.mark.parametrize(
    "code",
    [
        "select a, max(b) as b from c group by a",
        "select row_number() over (partition by a) as place from b",
        "select lag(a) over each_b from c window each_b as (partition by b)",
        "select * from a qualify b = 1",
        "select {% if true %}case when a then 1 end{% endif %} from b",
        "select * from a where not exists (select 1 from b where b.c = a.c)",
        "select * from a full outer join b on a.c = b.c",
    ],
)
def test_an_intermediate_that_decides_something_needs_a_unit_test(staging: Manifest, code: str) -> None:
    assert _breaches_of(staging, manifest_rules.what_is_hard_or_leaves_the_project_has_a_unit_test, code) == 1


@pytest.mark.parametrize(
    "code",
    [
        "select a as case_id, b as overdue_days from c left join d on c.e = d.e",
        "select 'case' as subject_type -- a group by is not needed",
        "{# over all days #} select * from a union all select * from b",
    ],
)
def test_an_intermediate_that_only_hands_on_needs_none(staging: Manifest, code: str) -> None:
    assert _breaches_of(staging, manifest_rules.what_is_hard_or_leaves_the_project_has_a_unit_test, code) == 0


@pytest.mark.parametrize(
    ("layer", "proof", "breaches"),
    [
        ("intermediate", "tests/dbt_project/rule_cases", []),
        ("intermediate", "tests/dbt_project/test_policy_findings.py", []),
        ("intermediate", "tests/dbt_project/test_nothing.py", ["is not there"]),
        ("marts", "tests/dbt_project/test_policy_findings.py", ["has no unit test"]),
    ],
)
def test_another_test_can_stand_for_the_unit_test_of_an_intermediate_if_it_is_there(
    staging: Manifest, layer: str, proof: str, breaches: list[str]
) -> None:
    view = staging["nodes"][ACCOUNTS]
    view.update(fqn=["revhouse", layer, "accounts", "x"], raw_code="select a from b group by a")
    view["config"]["meta"]["unit_tested_by"] = proof

    found = list(manifest_rules.what_is_hard_or_leaves_the_project_has_a_unit_test(staging))

    assert [expected in breach for expected, breach in zip(breaches, found, strict=True)] == [True] * len(breaches)


def test_events_that_are_handed_on_uncut_are_followed(staging: Manifest) -> None:
    marts, intermediate = ["revhouse", "marts", "core", "m"], ["revhouse", "intermediate", "usage", "i"]
    staging["nodes"][ACCOUNTS].update(fqn=marts, depends_on={"nodes": ["model.revhouse.passed_on"], "macros": []})
    passed_on = {**staging["nodes"][ACCOUNTS], "unique_id": "model.revhouse.passed_on", "fqn": intermediate}
    passed_on["depends_on"] = {"nodes": ["model.revhouse.stg_segment__tracks"], "macros": []}
    staging["nodes"]["model.revhouse.passed_on"] = passed_on

    (breach,) = manifest_rules.no_mart_is_told_what_happened_after_the_day(staging)
    assert "reads passed_on" in breach
    passed_on["depends_on"]["macros"] = ["macro.revhouse.as_of_end"]
    assert list(manifest_rules.no_mart_is_told_what_happened_after_the_day(staging)) == []


def _breaches_of(staging: Manifest, rule: Callable[[Manifest], Any], code: str) -> int:
    staging["nodes"][ACCOUNTS].update(fqn=["revhouse", "intermediate", "accounts", "x"], raw_code=code)
    return len(list(rule(staging)))
