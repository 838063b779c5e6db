"""What the policy says that expectations are made of, read from its seed files. Nothing of it is written down here again."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_DIGITS = 12  # as many as the macro policy_version has


@dataclass(frozen=True)
class Strictness:
    """How an archetype's track is judged. Without `staleness_days`, nothing of it goes stale."""

    archetype: str
    track: str
    severity: str
    minimum_pass_rate_pct: float
    staleness_days: int | None
    owner_role: str


@dataclass(frozen=True)
class Item:
    blueprint: str
    item: str
    item_name: str
    predicate: str
    applicable_tracks: tuple[str, ...]
    owner_role: str
    playbook: str | None
    asset_path: str
    source: str


@dataclass(frozen=True)
class Blueprint:
    blueprint: str
    blueprint_name: str
    archetype: str
    is_active: bool
    intent: str


@dataclass(frozen=True)
class Asset:
    asset_path: str
    asset_name: str
    blueprint: str
    owner_role: str
    playbook: str | None


@dataclass(frozen=True)
class SourceLimit:
    source_system: str
    measure: str
    maximum_value: float
    unit: str
    severity: str
    is_blocking: bool
    minimum_pass_rate_pct: float
    owner: str
    why: str


@dataclass(frozen=True)
class Policy:
    """`counted` are the status words in the denominator of a pass rate, `passing` those that pass; `statuses` are all."""

    version: str
    statuses: tuple[str, ...]
    counted: tuple[str, ...]
    passing: tuple[str, ...]
    tracks: tuple[str, ...]
    strictness: dict[tuple[str, str], Strictness]
    blueprints: tuple[Blueprint, ...]
    items: tuple[Item, ...]
    assets: tuple[Asset, ...]
    source_limits: tuple[SourceLimit, ...]


def read_policy(folder: Path) -> Policy:
    words = list(_rows(folder, "status_words"))
    blueprints = tuple(
        Blueprint(
            row["blueprint"],
            row["blueprint_name"],
            row["archetype"],
            row["blueprint_status"] == "active",
            row["intent"],
        )
        for row in _rows(folder, "blueprints")
    )
    return Policy(
        version=policy_version(folder),
        statuses=tuple(row["status"] for row in words),
        counted=tuple(row["status"] for row in words if row["counts_in_pass_rate"] == "true"),
        passing=tuple(
            row["status"] for row in words if row["counts_in_pass_rate"] == "true" and row["is_gap"] == "false"
        ),
        tracks=tuple(row["track"] for row in _rows(folder, "tracks")),
        strictness={
            (row["archetype"], row["track"]): Strictness(
                row["archetype"],
                row["track"],
                row["severity"],
                float(row["minimum_pass_rate_pct"]),
                int(row["staleness_days"]) if row["staleness_days"] else None,
                row["owner_role"],
            )
            for row in _rows(folder, "validation_strictness")
        },
        blueprints=blueprints,
        items=tuple(
            Item(
                row["blueprint"],
                row["item"],
                row["item_name"],
                row["predicate"],
                tuple(row["applicable_tracks"].split(";")),
                row["owner_role"],
                row["playbook"] or None,
                row["asset_path"],
                f"{row['source_document']}, {row['source_section']}",
            )
            for row in _rows(folder, "checklist_items")
        ),
        assets=tuple(
            Asset(row["asset_path"], row["asset_name"], row["blueprint"], row["owner_role"], row["playbook"] or None)
            for row in _rows(folder, "assets")
        ),
        source_limits=tuple(
            SourceLimit(
                row["source_system"],
                row["measure"],
                float(row["maximum_value"]),
                row["unit"],
                row["severity"],
                row["is_blocking"] == "true",
                float(row["minimum_pass_rate_pct"]),
                row["owner"],
                row["why"],
            )
            for row in _rows(folder, "source_limits")
        ),
    )


def policy_version(folder: Path) -> str:
    """The name that the models give the policy of these files: another one when any of them changes."""
    lines = sorted(
        f"{path.stem} {hashlib.sha256(path.read_text(encoding='utf-8').strip().encode()).hexdigest()}"
        for path in folder.glob("*.csv")
    )
    return hashlib.md5("\n".join(lines).encode(), usedforsecurity=False).hexdigest()[:_DIGITS]


def _rows(folder: Path, seed: str) -> Iterator[dict[str, str]]:
    with (folder / f"{seed}.csv").open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)
