"""Schema drift: how an export's columns differ from those of the delivery before it, by name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from ingestion.contract import fold_name
from ingestion.inspection import Shape


@dataclass(frozen=True)
class ColumnDrift:
    verdict: str
    column: str
    detail: str


def summarise_shape(shape: Shape) -> dict[str, object]:
    """What the ledger keeps of a file's columns, for comparing the next one with."""
    return {
        "mapped": {name: column.name for name, column in shape.mapped.items()},
        "unknown": [column.name for column in shape.unknown],
    }


def compare_shapes(shape: Shape, before: Mapping[str, object] | None) -> list[ColumnDrift]:
    mapped = {name: column.name for name, column in shape.mapped.items()}
    unknown = [column.name for column in shape.unknown]
    if not mapped:
        return []
    if before is None:
        return [ColumnDrift("new", name, "not in the contract; kept in _extra") for name in unknown]
    mapped_before, unknown_before = before["mapped"], before["unknown"]
    assert isinstance(mapped_before, dict)
    assert isinstance(unknown_before, list)
    drift = []
    arrived = [name for name in unknown if name not in unknown_before and name not in mapped_before.values()]
    for name, spelling in mapped_before.items():
        if name in mapped and fold_name(mapped[name]) != fold_name(spelling):
            drift.append(ColumnDrift("renamed", name, f"was {spelling!r}, is {mapped[name]!r}"))
        elif name not in mapped:
            close = difflib.get_close_matches(spelling, arrived, n=1, cutoff=0.6)
            if close:
                arrived.remove(close[0])
                detail = f"was {spelling!r}, perhaps now {close[0]!r}: add that spelling to the contract if so"
                drift.append(ColumnDrift("renamed", name, detail))
            else:
                drift.append(ColumnDrift("missing", name, f"the last delivery had it as {spelling!r}; now null"))
    drift += [
        ColumnDrift("new", name, f"first seen as {spelling!r}")
        for name, spelling in mapped.items()
        if name not in mapped_before
    ]
    drift += [ColumnDrift("new", name, "not in the contract; kept in _extra") for name in arrived]
    drift += [
        ColumnDrift("missing", name, "not in the contract, no longer delivered")
        for name in unknown_before
        if name not in unknown and name not in mapped.values()
    ]
    return drift
