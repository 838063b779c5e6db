"""Pieces of SQL text that the plan of the sample InfoHub is put together from. No statement stands here by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ingestion.sample.infohub.catalogue import Item


def case_by_rank(rank: str, counts: Mapping[str, int]) -> str:
    branches, last = [], 0
    for name, count in counts.items():
        last += count
        branches.append(f"when {rank} <= {last} then '{name}'")
    return f"case {' '.join(branches)} end"


def case_of(subject: str, branches: Mapping[str, str | None], otherwise: str) -> str:
    written = " ".join(f"when '{value}' then {result}" for value, result in branches.items() if result is not None)
    return f"case {subject} {written} else {otherwise} end" if written else otherwise


def texts(values: Iterable[str]) -> str:
    return ", ".join(text(value) for value in values)


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def or_null(value: object) -> str:
    if value is None:
        return "null"
    return text(value) if isinstance(value, str) else str(value)


def item_id(item: Item) -> str:
    """The same item name occurs in two blueprints with two meanings."""
    return f"{item.blueprint}/{item.item}"


def first_case(item: Item, known_from: str) -> str:
    """The number of the first of the item's cases that holds, as SQL."""
    branches = " ".join(
        f"when {case.when} then {number}" for number, case in enumerate(item.cases) if case.known_from == known_from
    )
    return f"case {branches} end" if branches else "null"


def no_node_case(item: Item) -> str:
    conditions = [f"({case.when})" for case in item.cases if case.known_from == "node"]
    return f"not ({' or '.join(conditions)})" if conditions else "true"
