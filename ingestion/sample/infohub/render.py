"""Turns the catalogue's fields into the text of one asset: fills in what stands in braces, merges levels, events and items.

What a node's files hold is decided in plan.py; the fields that need more than a template are built in documents.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import blake2b
from typing import Any

from ingestion.sample import words
from ingestion.sample.infohub.catalogue import LEVELS, Asset, Catalogue, Fields, Item, leaf_paths
from ingestion.sample.infohub.yaml_writing import Verbatim, to_yaml

Document = dict[str, Any]
Fill = Callable[["Scene"], Any]

# How many days apart the entries of a list are when its rhythm is the cadence's.
INTERVAL_DAYS = {
    "daily": 1,
    "twice_weekly": 4,
    "weekly": 7,
    "bi_weekly": 14,
    "monthly": 28,
    "quarterly": 89,
    "semi_annual": 180,
}
DEFAULT_INTERVAL_DAYS = 14

# Days a file knows by itself: they are dated with care, so nothing about them is held back.
_OWN_DAYS = frozenset({"as_of", "content", "event", "at", "done_on"})

_ONE_BRACE = re.compile(r"\{([^{}]+)\}")
_DAY = re.compile(r"(?P<base>\w+?)(?P<shift>[+-]\d+)?(?P<ahead>!)?(?:@(?P<clock>\d\d:\d\d)(?:\+(?P<hours>\d+)h)?)?")


class Dice:
    """Whole numbers drawn from the hash of a name: the same name draws the same numbers."""

    __slots__ = ("_left", "_name", "_refills")

    def __init__(self, name: str) -> None:
        self._name = name
        self._refills = 0
        self._left = self._refill()

    def below(self, sides: int) -> int:
        if self._left < 1 << 64:
            self._left = self._refill()
        self._left, drawn = divmod(self._left, sides)
        return drawn

    def pick(self, choices: Any) -> Any:
        return choices[self.below(len(choices))]

    def _refill(self) -> int:
        self._refills += 1
        # The high bit keeps a digest of many leading zeros from looking used up.
        return 1 << 512 | int.from_bytes(
            blake2b(f"{self._refills}|{self._name}".encode(), digest_size=64).digest(), "big"
        )


@dataclass
class Scene:
    """Everything that is known while one file is written."""

    node: Mapping[str, Any]
    dice: Dice
    content_on: date
    event_on: date | None = None
    done_on: date | None = None
    interval: int = DEFAULT_INTERVAL_DAYS
    since: date | None = None
    variant: str = "pass"
    is_overdue: bool = False
    contradicts_itself: bool = False
    at: date | None = None
    contradictions: list[dict[str, Any]] = field(default_factory=list)

    def day(self, base: str) -> Any:
        if base == "content":
            return self.content_on
        if base == "event":
            return self.event_on
        if base == "at":
            return self.at
        if base == "done_on":
            return self.done_on
        return self.node[base]

    def contradict(self, path: str, declared: Any, recomputed: Any) -> Any:
        """Notes that the file will say `declared` where its own numbers say `recomputed`."""
        self.contradictions.append({"field": path, "declared": str(declared), "recomputed": str(recomputed)})
        return declared


class Person:
    """Names of the people at a customer: the same role at the same node is the same person in every file."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def named(self, node_id: str, role: str) -> str:
        dice = Dice(f"{self._seed}|person|{node_id}|{role}")
        return f"{dice.pick(words.FIRST_NAMES)} {dice.pick(words.LAST_NAMES)}"


# --- from the catalogue's values to functions ---------------------------------------------------------------------------------


def compile_fields(fields: Any, builders: Mapping[str, Fill]) -> Fill:
    """A function that writes the value for one file. Mappings are built anew each time, so that they can be merged into."""
    if isinstance(fields, dict):
        if "$build" in fields:
            return builders[fields["$build"]]
        if "$series" in fields:
            return _compile_series(fields["$series"], builders)
        entries = [(name, compile_fields(value, builders)) for name, value in fields.items()]
        return lambda scene: {name: fill(scene) for name, fill in entries}
    if isinstance(fields, list):
        fills = [compile_fields(value, builders) for value in fields]
        return lambda scene: [fill(scene) for fill in fills]
    if isinstance(fields, str) and "{" in fields:
        return _compile_text(fields)
    return lambda scene: fields


def _compile_series(series: Mapping[str, Any], builders: Mapping[str, Fill]) -> Fill:
    every, count = series["every"], series["count"]
    fills = [compile_fields(entry, builders) for entry in series["of"]]

    def fill(scene: Scene) -> list[Any]:
        if scene.event_on is None:
            return []
        step = timedelta(days=scene.interval if every == "interval" else every)
        entries = []
        for place in range(count):
            scene.at = scene.event_on - place * step
            if place and scene.since is not None and scene.at < scene.since:
                break
            entries.append(fills[place % len(fills)](scene))
        scene.at = None
        return entries[::-1]

    return fill


def _compile_text(text: str) -> Fill:
    whole = _ONE_BRACE.fullmatch(text)
    if whole:
        return _compile_brace(whole[1])
    pieces = [_compile_brace(piece) if place % 2 else piece for place, piece in enumerate(_ONE_BRACE.split(text))]
    return lambda scene: "".join(piece if isinstance(piece, str) else str(piece(scene)) for piece in pieces)


def _compile_brace(brace: str) -> Fill:
    kind, colon, rest = brace.partition(":")
    if colon and kind == "pick":
        choices = [int(choice) if choice.isdigit() else choice for choice in rest.split("|")]
        return lambda scene: scene.dice.pick(choices)
    if colon and kind == "int":
        low, high = (int(bound) for bound in rest.split(".."))
        return lambda scene: low + scene.dice.below(high - low + 1)
    if colon and kind == "person":
        return lambda scene: scene.node["people"](rest)
    return _compile_day(brace)


def _compile_day(brace: str) -> Fill:
    found = _DAY.fullmatch(brace)
    if not found:
        raise ValueError(f"{{{brace}}} in the asset catalogue is neither a name nor a day such as {{signed_on+3}}.")
    base, ahead = found["base"], bool(found["ahead"]) or found["base"] in _OWN_DAYS
    shift = timedelta(days=int(found["shift"] or 0))
    clock = time.fromisoformat(found["clock"]) if found["clock"] else None
    hours = timedelta(hours=int(found["hours"] or 0))

    def fill(scene: Scene) -> Any:
        value = scene.day(base)
        if not isinstance(value, date):
            return value
        value = value + shift
        if not ahead and value > scene.content_on:
            value = scene.content_on
        return value if clock is None else datetime.combine(value, clock) + hours

    return fill


# --- assets ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CompiledItem:
    fields: Fill
    cases: tuple[Fill, ...]
    passes: tuple[Fill, ...]
    fails: tuple[Fill, ...]

    def write(self, scene: Scene, variant: str, number: int) -> Document:
        scene.variant = variant
        chosen = {"case": self.cases, "fail": self.fails, "pass": self.passes}[variant]
        document: Document = self.fields(scene)
        if chosen:
            merge(document, chosen[number](scene))
        return document


@dataclass(frozen=True)
class CompiledAsset:
    asset: Asset
    levels: tuple[Fill, ...]
    leaves: tuple[tuple[str, ...], ...]
    """Per level the paths of its fields."""
    premium_sla: Fill
    event: Fill | None
    items: Mapping[str, CompiledItem]


def compile_catalogue(catalogue: Catalogue, builders: Mapping[str, Fill]) -> dict[str, CompiledAsset]:
    return {path: _compile_asset(asset, builders) for path, asset in catalogue.assets.items()}


def _compile_asset(asset: Asset, builders: Mapping[str, Fill]) -> CompiledAsset:
    return CompiledAsset(
        asset=asset,
        levels=tuple(compile_fields(dict(asset.level_fields[level]), builders) for level in LEVELS),
        leaves=tuple(tuple(leaf_paths(asset.level_fields[level])) for level in LEVELS),
        premium_sla=compile_fields(dict(asset.premium_sla), builders),
        event=compile_fields(dict(asset.event.fields), builders) if asset.event else None,
        items={item.item: _compile_item(item, builders) for item in asset.items},
    )


def _compile_item(item: Item, builders: Mapping[str, Fill]) -> CompiledItem:
    def compiled(fields: Fields) -> Fill:
        return compile_fields(dict(fields), builders)

    return CompiledItem(
        fields=compiled(item.fields),
        cases=tuple(compiled(case.fields) for case in item.cases),
        passes=tuple(compiled(variant.fields) for variant in item.passes),
        fails=tuple(compiled(variant.fields) for variant in item.fails),
    )


def write_asset(
    compiled: CompiledAsset,
    scene: Scene,
    *,
    level: int,
    has_premium_sla: bool,
    variants: Mapping[str, tuple[str, int]],
) -> Document:
    """The fields of one asset at a level (1 template … 4 comprehensive), its date apart."""
    document: Document = {"title": compiled.asset.title, "owner_role": compiled.asset.owner}
    if level == 1:
        basics = compiled.levels[1](scene)
        _blank(basics, compiled.leaves[1])
        merge(document, basics)
        return document
    for number in range(2, level + 1):
        merge(document, compiled.levels[number - 1](scene))
    if level < len(LEVELS):
        merge(document, _almost(compiled, level, scene))
    if has_premium_sla:
        merge(document, compiled.premium_sla(scene))
    if compiled.event is not None:
        merge(document, compiled.event(scene))
    for item, compiled_item in compiled.items.items():
        if item in variants:
            merge(document, compiled_item.write(scene, *variants[item]))
    _write_summary(compiled.asset, document, scene)
    return document


def merge(document: Document, more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        standing = document.get(name)
        if isinstance(value, dict) and isinstance(standing, dict):
            merge(standing, value)
        else:
            document[name] = value


def _almost(compiled: CompiledAsset, level: int, scene: Scene) -> Document:
    """What the file already holds of the next level: nothing, blanks, or all but one field."""
    manner = scene.dice.below(3)
    if manner == 0:
        return {}
    fields: Document = compiled.levels[level](scene)
    leaves = compiled.leaves[level]
    _blank(fields, leaves if manner == 1 else leaves[:1])
    return fields


def _blank(document: Document, paths: Sequence[str]) -> None:
    for path in paths:
        *parents, name = path.split(".")
        place = document
        for parent in parents:
            place = place[parent]
        value = place[name]
        if isinstance(value, list | dict):
            place[name] = type(value)()
        else:
            place[name] = "TBD" if isinstance(value, str) and len(value) % 2 else None


def _write_summary(asset: Asset, document: Document, scene: Scene) -> None:
    for place, declared in enumerate(asset.declares):
        entries = document.get(declared.counts)
        if not isinstance(entries, list):
            continue
        count = sum(all(entry.get(key) == value for key, value in declared.where.items()) for entry in entries)
        if place == 0 and scene.contradicts_itself:
            count = scene.contradict(declared.field, count + 1 + scene.dice.below(4), count)
        section, name = declared.field.split(".")
        document.setdefault(section, {})[name] = count


# --- the file's date and form ---------------------------------------------------------------------------------------------


# Local times and offsets that are the same day in UTC, and in every zone from San Francisco to Delhi.
_MOMENTS = ("10:15:00Z", "12:40:00+02:00", "11:05:00-05:00", "15:30:00+05:30", "09:00:00+00:00")


def write_text(document: Document, scene: Scene, *, date_key: str | None, is_canvas: bool) -> str:
    """The document with its content date under a key (or none) and in one of the forms that people use."""
    dice = scene.dice
    dated: Document = {"title": document.pop("title")}
    if date_key is not None:
        written = Verbatim(_written_date(scene.content_on, dice))
        if date_key.startswith("metadata."):
            dated["metadata"] = {"version": f"1.{dice.below(9)}", date_key.partition(".")[2]: written}
        else:
            dated[date_key] = written
        if date_key in ("updated_at", "last_updated", "metadata.last_updated") and dice.below(3) == 0:
            # An older date under a weaker key, which must not win.
            dated["created_at"] = Verbatim((scene.content_on - timedelta(days=20 + dice.below(200))).isoformat())
    merge(dated, document)
    quote_dates = dice.below(4) == 0
    text = to_yaml(dated, quote_dates=quote_dates)
    if is_canvas:
        text = f"---\n{text}---\n{_canvas_body(dated)}"
    return text


def _written_date(day: date, dice: Dice) -> str:
    form = dice.below(12)
    if form < 5:
        return day.isoformat()
    if form == 5:
        return f'"{day.isoformat()}"'
    if form == 6:
        return f"'{day.isoformat()}'"
    if form == 7:
        return f"{day.isoformat()} 10:15:00"
    moment = f"{day.isoformat()}T{dice.pick(_MOMENTS)}"
    return f'"{moment}"' if form == 11 else moment


def _canvas_body(document: Mapping[str, Any]) -> str:
    title = document["title"]
    return f"# {title}\n\n```mermaid\nflowchart LR\n  today[Today] --> change[Change] --> goal[Goal]\n```\n\n| Topic | Note |\n|---|---|\n| Status | see above |\n"
