"""Building the dbt project on the warehouse: one dbt process, while nobody else may write.

What the models are is SQL in dbt_project/. Loading happens before this, and is none of its business.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ingestion.warehouse import writer_lock
from revhouse.control import Control, last_correction, read_control
from revhouse.settings import Settings

PROJECT = Path(__file__).parent.parent / "dbt_project"
_FAULTS = {"error", "fail", "runtime error"}


class ModelsFailed(Exception):
    """dbt could not even begin: the message is what it said."""


@dataclass
class BuildOutcome:
    """What dbt built and tested; `faults` says for each model or test that failed what dbt said of it."""

    models: int = 0
    tests: int = 0
    faults: list[str] = field(default_factory=list)
    control: Control = field(default_factory=Control)


def build_models(settings: Settings, as_of: date) -> BuildOutcome:
    """Run `dbt build` for one day. Its state lies beside the file it builds, so that two of them do not share one.

    With `known_at`, it builds a file of its own from nothing: days of another moment in it would be compared with these.
    """
    state = settings.built.with_name(settings.built.name + ".dbt")
    results = state / "run_results.json"
    results.unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "dbt.cli.main", "--quiet", "build"),
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(state), "--log-path", str(state)),
        # Unit tests try the models on rows of their own: that says nothing about these data.
        *("--exclude-resource-type", "unit_test"),
        *("--vars", json.dumps(dbt_variables(settings, as_of))),
    ]
    # Of the warehouse, even if it is only read: DuckDB lets nobody read what somebody else writes.
    with writer_lock(settings.warehouse, settings.lock_wait_seconds):
        if settings.built != settings.warehouse:
            settings.built.unlink(missing_ok=True)
        corrected_before = last_correction(settings.built)
        done = subprocess.run(command, env=settings.as_environment(), capture_output=True, text=True, check=False)
        if not results.exists():
            raise ModelsFailed(
                f"dbt ended with {done.returncode} before it built anything:\n{done.stdout}{done.stderr}".strip()
            )
        outcome = _outcome(json.loads(results.read_text(encoding="utf-8"))["results"])
        outcome.control = read_control(settings.built, as_of, corrected_after=corrected_before)
    return outcome


def dbt_variables(settings: Settings, as_of: date) -> dict[str, str]:
    """All that the models are told by --vars."""
    variables = {"as_of": as_of.isoformat(), "timezone": settings.timezone}
    if settings.known_at:
        variables["known_at"] = settings.known_at.replace(tzinfo=None).isoformat()
        variables["loaded_in"] = str(settings.warehouse)
    return variables


def _outcome(results: list[dict[str, Any]]) -> BuildOutcome:
    outcome = BuildOutcome()
    for result in results:
        kind, name = result["unique_id"].split(".")[0], result["unique_id"].split(".")[2]
        if kind == "test":
            outcome.tests += 1
        elif kind != "operation":
            outcome.models += 1
        if result["status"] in _FAULTS:
            outcome.faults.append(f"{kind} {name}: {' '.join(str(result['message']).split())}")
    return outcome
