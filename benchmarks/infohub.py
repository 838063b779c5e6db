"""Reading an InfoHub: our loader against a loop that does nothing but parse its files with CSafeLoader on one core.

Usage: python -m benchmarks.infohub floor|ours|one_process|rescan FOLDER
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import yaml

from benchmarks.measuring import Comparison, Side
from ingestion.infohub.scan import load_infohub
from ingestion.runs import LoadRun
from ingestion.warehouse import open_warehouse

FILES = 20_000

_PROFILE = """\
opportunity_profile:
  name: Renewal of the {number} platform
  stage: discovery
  amount: {amount}
  currency: EUR
  close_date: 2026-09-30
  next_step: "Agree the evaluation plan with the {number} team"
  decision_criteria: [security, time to value, price]
  economic_buyer:
    name: Person {number}
    email: person.{number}@example.com
    confirmed: yes
owner: person-{owner}
last_updated: 2026-0{month}-{day:02d}
"""
_HEALTH = """\
health_score:
  current: {score}
  previous: 61
  change: "+7"
  trend: improving
  status: at_risk
  thresholds: {{healthy: 80, at_risk: 60}}
components:
  adoption: {{score: 70, weight: 0.3, weighted_contribution: 21.0, status: ok}}
  support:
    score: {score}
    weight: 0.2
    metrics: {{tickets_open: 3, csat: 4.5}}
    notes: "Tickets fell after release {number}"
calculation: {{total: 72.4, rounded: 72}}
history:
  - date: 2026-01-05
    score: 64
  - date: 2026-01-12
    score: 66
  - date: 2026-01-19
    score: {score}
review:
  frequency: weekly
  next_calculation: 2026-02-10
metadata:
  owner: person-{owner}
  last_updated: 2026-0{month}-{day:02d}T09:00:00Z
"""
_RISKS_HEAD = """\
# Reviewed every week with the account team
summary:
  total_risks: {count}
  critical: 1
risks:
"""
_RISK = """\
  - risk_id: RISK-{number}-{index}
    title: The {index}. thing that could go wrong
    severity: high
    status: open
    owner: person-{owner}
    review_date: 2026-0{month}-{day:02d}
    mitigation: >
      Talk to the people who can change it, agree on a date, and write down
      what was agreed so that it can be checked.
"""


def prepare(folder: Path, files: int) -> None:
    """The files to read, written once and kept."""
    if not folder.exists():
        half_done = folder.with_name(folder.name + ".part")
        make_tree(half_done, files)
        half_done.rename(folder)


def comparisons(folder: Path) -> list[Comparison]:
    def side(what: str) -> Side:
        return Side("benchmarks.infohub", (what, str(folder)))

    return [
        Comparison("infohub_first_parse", side("ours"), side("floor"), 1.3),
        Comparison("infohub_first_parse_in_one_process", side("one_process"), side("floor"), 1.3),
        Comparison("infohub_unchanged_rescan", side("rescan"), side("floor"), 0.1),
    ]


def make_tree(folder: Path, files: int = FILES) -> None:
    """Assets as they occur: two thirds of about 0.5 to 1 kB, a third with lists of three to eight entries."""
    for number in range(files):
        values = {
            "number": number,
            "amount": number * 37 % 90_000,
            "owner": number % 41,
            "score": number % 101,
            "month": number % 6 + 1,
            "day": number % 28 + 1,
        }
        node = folder / f"REALM_{number // 1000:03d}" / f"NODE_{number // 40 % 25:02d}"
        if number % 3 == 0:
            path, text = node / "sales" / f"opportunity_profile_{number % 40}.yaml", _PROFILE.format(**values)
        elif number % 3 == 1:
            path, text = (
                node / "internal-infohub" / f"health_score_{number % 40}.yaml",
                _HEALTH.format(**values),
            )
        else:
            count = 3 + number % 6
            path = node / "internal-infohub" / "risks" / f"risk_register_{number % 40}.yaml"
            text = _RISKS_HEAD.format(count=count)
            text += "".join(_RISK.format(index=index, **values) for index in range(count))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _floor(folder: Path) -> float:
    started = time.perf_counter()
    for parent, _, names in os.walk(folder):
        for name in names:
            yaml.load(Path(parent, name).read_bytes(), Loader=yaml.CSafeLoader)
    return time.perf_counter() - started


def _load(folder: Path, warehouse: Path, workers: int | None = None) -> float:
    started = time.perf_counter()
    with open_warehouse(warehouse) as connection:
        load_infohub(connection, folder, LoadRun("benchmark", datetime(2026, 7, 1)), workers=workers)
    return time.perf_counter() - started


def main(what: str, folder_name: str) -> None:
    folder = Path(folder_name)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        warehouse = Path(scratch) / "warehouse.duckdb"
        match what:
            case "floor":
                seconds = _floor(folder)
            case "ours":
                seconds = _load(folder, warehouse)
            case "one_process":
                seconds = _load(folder, warehouse, workers=1)
            case "rescan":
                _load(folder, warehouse)
                seconds = _load(folder, warehouse)
            case _:
                raise SystemExit(__doc__)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
