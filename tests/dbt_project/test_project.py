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
    assert "warning" not in empty.output.lower(), empty.output
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
    "nothing_asks_what_time_it_is": {"raw_code": "select current_date as day"},
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_catches_a_breach(manifest: Manifest, rule: Callable[[Manifest], Any]) -> None:
    broken = copy.deepcopy(manifest)
    broken["nodes"][ACCOUNTS].update(BREACHES[rule.__name__])

    # A breach is a sentence that begins with whom it is about; one of layers has a sentence for each table it reads.
    assert len({breach.split()[0] for breach in rule(broken)}) == 1


@pytest.mark.parametrize(
    "code",
    ["select now()", "where day < current_date", "{{ run_started_at }}", "{{ modules.datetime.datetime.utcnow() }}"],
)
def test_the_clock_is_found_however_it_is_asked(manifest: Manifest, code: str) -> None:
    broken = copy.deepcopy(manifest)
    broken["nodes"][ACCOUNTS]["raw_code"] = code

    assert len(list(manifest_rules.nothing_asks_what_time_it_is(broken))) == 1
