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


def build_models(settings: Settings, as_of: date) -> BuildOutcome:
    """Run `dbt build` for one day. Its state lies beside the warehouse, so that two warehouses do not share one."""
    state = settings.warehouse.with_name(settings.warehouse.name + ".dbt")
    results = state / "run_results.json"
    results.unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "dbt.cli.main", "--quiet", "build"),
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(state), "--log-path", str(state)),
        *("--vars", json.dumps({"as_of": as_of.isoformat()})),
    ]
    with writer_lock(settings.warehouse, settings.lock_wait_seconds):
        done = subprocess.run(command, env=settings.as_environment(), capture_output=True, text=True, check=False)
    if not results.exists():
        raise ModelsFailed(
            f"dbt ended with {done.returncode} before it built anything:\n{done.stdout}{done.stderr}".strip()
        )
    return _outcome(json.loads(results.read_text(encoding="utf-8"))["results"])


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
