"""Which day the built tables show, and which days have to be built to show another.

Most tables show one day only: the one they were last built for. It is noted beside the warehouse, where dbt's state lies.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class Standing:
    """The day that the tables show. `whole` says that all of them do: no build was broken off, none was of a part."""

    day: date
    whole: bool


@dataclass(frozen=True)
class Plan:
    """Which days are built, in which order, and whether what the selected models are made from must be built too."""

    days: list[date]
    with_upstream: bool


def plan(days: list[date], standing: Standing | None, *, in_part: bool, put_back: bool) -> Plan:
    """The days that are asked for, and after them, to put the tables back, the day they stood at."""
    days = sorted(set(days))
    with_upstream = in_part and days != [standing.day if standing and standing.whole else None]
    if put_back and standing and (standing.day > days[-1] or (in_part and standing.day != days[-1])):
        days.append(standing.day)
    return Plan(days, with_upstream)


def read_standing(state: Path) -> Standing | None:
    try:
        content = json.loads(_place(state).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Standing(date.fromisoformat(content["day"]), content["whole"])


def write_standing(state: Path, standing: Standing) -> None:
    state.mkdir(parents=True, exist_ok=True)
    written = _place(state).with_suffix(".new")
    written.write_text(json.dumps({"day": standing.day.isoformat(), "whole": standing.whole}), encoding="utf-8")
    written.replace(_place(state))


def _place(state: Path) -> Path:
    return state / "standing.json"
