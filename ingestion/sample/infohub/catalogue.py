"""Reads assets.yml: which assets, checklist items, rhythms and stories the sample InfoHub is made of.

Only the catalogue's shape lives here. What happens to a node is decided in plan.py; text is made in render.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

CATALOGUE = Path(__file__).with_name("assets.yml")

LEVELS = ("template", "basic", "standard", "comprehensive")
TRACKS = ("poc", "economy", "premium", "fast_track")
PRE_SALES = "pre_sales_governance"
POST_SALES = "post_sales_governance"

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """A situation that settles an item's status before pass or fail comes up."""

    when: str
    status: str
    known_from: str
    why: str
    fields: Fields


@dataclass(frozen=True)
class Variant:
    why: str | None
    fields: Fields


@dataclass(frozen=True)
class Deadline:
    after: str
    days: int
    no_anchor: str
    no_anchor_why: str


@dataclass(frozen=True)
class Item:
    blueprint: str
    item: str
    asset: str
    asks: str
    passes_when: str
    cases: tuple[Case, ...]
    deadline: Deadline | None
    recent: Mapping[str, str]
    """The rhythm per track; empty unless the item is about how recent the asset's event is."""
    fields: Fields
    """What a deadline item writes, whatever its status."""
    passes: tuple[Variant, ...]
    fails: tuple[Variant, ...]
    fails_when_overdue: bool

    @property
    def kind(self) -> str:
        if self.deadline is not None:
            return "deadline"
        return "recent" if self.recent else "choice"


@dataclass(frozen=True)
class Event:
    """Something that recurs: its dates are a list in the asset, the asset's content date, or the last touch."""

    source: str
    cadence: str | None
    since: str | None
    active_when: str | None
    otherwise_on: str | None
    may_be_empty: bool
    fields: Fields


@dataclass(frozen=True)
class Declared:
    """A summary field that repeats what can be counted in the same file."""

    field: str
    counts: str
    where: Mapping[str, str]


@dataclass(frozen=True)
class Asset:
    path: str
    blueprint: str
    owner: str
    demands: Mapping[str, str]
    aliases: tuple[str, ...]
    droppable: bool
    never_missing: bool
    not_before: str | None
    can_contradict_itself: str | None
    level_fields: Mapping[str, Fields]
    premium_sla: Fields
    event: Event | None
    declares: tuple[Declared, ...]
    items: tuple[Item, ...]

    @property
    def stem(self) -> str:
        return PurePosixPath(self.path).stem

    @property
    def title(self) -> str:
        return self.stem.replace("_", " ").capitalize()

    @property
    def is_canvas(self) -> bool:
        return self.path.endswith(".md")

    def demanded_level(self, track: str) -> str:
        return self.demands.get(track, "basic")

    def required_fields(self, level: str) -> list[str]:
        """The dotted paths of all the fields that have to be filled for a level."""
        reached = LEVELS[: LEVELS.index(level) + 1]
        return ["title", *(path for name in reached for path in leaf_paths(self.level_fields.get(name, {})))]


@dataclass(frozen=True)
class Blueprint:
    blueprint: str
    name: str
    archetype: str
    asked: Mapping[str, str]
    selected_when: str | None
    dropped_when: str | None
    dropped_because: str | None
    playbooks: tuple[str, ...]

    @property
    def full_name(self) -> str:
        return f"{self.blueprint}_{self.name}"


@dataclass(frozen=True)
class Catalogue:
    stories: Mapping[str, Mapping[str, float]]
    odd_nodes: Mapping[str, float]
    staleness_days: Mapping[str, Mapping[str, int | None]]
    specialist_sla_hours: Mapping[str, int]
    rhythms: Mapping[str, tuple[int, int]]
    cadences: Mapping[str, Mapping[str, str]]
    blueprints: Mapping[str, Blueprint]
    assets: Mapping[str, Asset]

    @cached_property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for asset in self.assets.values() for item in asset.items)

    @cached_property
    def shared_stems(self) -> frozenset[str]:
        """File stems that occur more than once: an asset of that name cannot be found by its stem."""
        stems = [asset.stem for asset in self.assets.values()]
        return frozenset(stem for stem in stems if stems.count(stem) > 1)

    def archetype_of(self, asset: Asset) -> str:
        return self.blueprints[asset.blueprint].archetype


def read_catalogue(path: Path = CATALOGUE) -> Catalogue:
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    blueprints = {name: _blueprint(name, entry) for name, entry in document["blueprints"].items()}
    assets = {asset: _asset(asset, entry) for asset, entry in document["assets"].items()}
    return Catalogue(
        stories=document["stories"],
        odd_nodes=document["odd_nodes"],
        staleness_days=document["staleness_days"],
        specialist_sla_hours=document["specialist_sla_hours"],
        rhythms={name: (good, bad) for name, (good, bad) in document["rhythms"].items()},
        cadences=document["cadences"],
        blueprints=blueprints,
        assets=assets,
    )


def leaf_paths(fields: Fields, prefix: str = "") -> Iterator[str]:
    """The dotted paths of the fields a mapping fills. Lists, and what a function builds, count as one field."""
    for name, value in fields.items():
        if isinstance(value, dict) and not any(str(key).startswith("$") for key in value):
            yield from leaf_paths(value, f"{prefix}{name}.")
        else:
            yield prefix + name


def _blueprint(name: str, entry: Mapping[str, Any]) -> Blueprint:
    return Blueprint(
        blueprint=name,
        name=entry["name"],
        archetype=entry["archetype"],
        asked=entry["asked"],
        selected_when=entry.get("selected_when"),
        dropped_when=entry.get("dropped_when"),
        dropped_because=entry.get("dropped_because"),
        playbooks=tuple(entry["playbooks"]),
    )


def _asset(path: str, entry: Mapping[str, Any]) -> Asset:
    event = entry.get("event")
    return Asset(
        path=path,
        blueprint=entry["blueprint"],
        owner=entry["owner"],
        demands=entry.get("demands", {}),
        aliases=tuple(entry.get("aliases", ())),
        droppable=entry.get("droppable", False),
        never_missing=entry.get("never_missing", False),
        not_before=entry.get("not_before"),
        can_contradict_itself="basic" if entry.get("declares") else entry.get("can_contradict_itself"),
        level_fields={level: entry.get(level, {}) for level in LEVELS},
        premium_sla=entry.get("premium_sla", {}),
        event=None if event is None else _event(event),
        declares=tuple(
            Declared(declared["field"], declared["counts"], declared.get("where", {}))
            for declared in entry.get("declares", ())
        ),
        items=tuple(_item(entry["blueprint"], path, name, item) for name, item in entry.get("items", {}).items()),
    )


def _event(entry: Mapping[str, Any]) -> Event:
    return Event(
        source=entry.get("from", "list"),
        cadence=entry.get("cadence"),
        since=entry.get("since"),
        active_when=entry.get("active_when"),
        otherwise_on=entry.get("otherwise_on"),
        may_be_empty=entry.get("may_be_empty", False),
        fields=entry.get("set", {}),
    )


def _item(blueprint: str, asset: str, name: str, entry: Mapping[str, Any]) -> Item:
    deadline = entry.get("deadline")
    recent = entry.get("recent", {})
    return Item(
        blueprint=blueprint,
        item=name,
        asset=asset,
        asks=entry["asks"],
        passes_when=entry["passes_when"],
        cases=tuple(
            Case(str(case["when"]), case["status"], case["known_from"], case["why"], case.get("set", {}))
            for case in entry.get("cases", ())
        ),
        deadline=None if deadline is None else Deadline(**deadline),
        recent=dict.fromkeys(TRACKS, recent) if isinstance(recent, str) else recent,
        fields=entry.get("set", {}),
        passes=_variants(entry.get("pass", ())),
        fails=_variants(entry.get("fail", ())),
        fails_when_overdue=entry.get("fails_when_overdue", False),
    )


def _variants(entry: Any) -> tuple[Variant, ...]:
    """`pass` is a plain set of fields when there is only one way to pass."""
    if isinstance(entry, dict):
        return (Variant(None, entry),)
    return tuple(Variant(variant.get("why"), variant["set"]) for variant in entry)
