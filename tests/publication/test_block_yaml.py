"""Blocks of YAML are what PyYAML writes, byte by byte."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from publication.block_yaml import block_yaml


class Reference(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    def ignore_aliases(self, data: Any) -> bool:
        return True


def by_pyyaml(mapping: dict[Any, Any], dumper: Any = Reference) -> str:
    text: str = yaml.dump(mapping, Dumper=dumper, sort_keys=False, allow_unicode=True, width=120)
    return text


AWKWARD = (
    "",
    " ",
    "yes",
    "No",
    "off",
    "true",
    "null",
    "~",
    "=",
    "<<",
    "2026-01-01",
    "2026-01-01 12:00:00",
    "1e3",
    "1.5e+3",
    "007",
    "0x1F",
    "1_000",
    "12:30:45",
    ".5",
    ".inf",
    "-1",
    "-",
    "- a",
    "--- a",
    "...",
    "? a",
    "a:",
    "a: b",
    "a:b",
    "a :b",
    "a #b",
    "a#b",
    "#a",
    "a\nb",
    "a\n",
    "\na",
    "a\r\nb",
    "a\tb",
    " a",
    "a ",
    "it's",
    "'a'",
    '"a"',
    "a\\b",
    "{a}",
    "[a, b]",
    "a, b",
    "*a",
    "&a",
    "!a",
    "|",
    "> a",
    "%a",
    "@a",
    "`a`",
    "é",
    "Ünïcode",
    "日本",
    "🚀",
    "a🚀 b",
    "a\x00b",
    "a\x07b",
    "a\x7fb",
    "a\x85b",
    "a\xa0b",
    "a\u2028b",
    "a\u2029 b",
    "a\ufeffb",
    "\ufeff",
    "ACME/DEAL|asset_missing|account/plan.yaml",
    "salesforce:main:0015g",
)
# Around the width: of one piece, of words with one blank between them and with two, with what is quoted, and with other breaks.
PIECES = ("x", "word ", "some  words ", "it's: so ", "tab\t or ", "é è ", "line\nand ", "a\u2028 b ", "a\x85b c ")


def long_text(piece: str, length: int) -> str:
    return (piece * length)[:length]


texts = st.one_of(
    st.sampled_from(AWKWARD),
    st.builds(long_text, st.sampled_from(PIECES), st.integers(95, 260)),
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.text("aZ09_ |/.,;()%+-:#'\"\n\t&é", max_size=20),
    st.lists(st.sampled_from((*AWKWARD, "word", "another")), max_size=30).map(" ".join),
)
scalars = st.one_of(
    texts,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from((0.0, -0.0, 0, False, 1.0, 1, True, 1e17, 1e-7, 33.33)),
    st.dates(),
)
rare = st.one_of(st.datetimes(), st.binary(max_size=80), st.tuples(texts, texts), st.sets(st.integers(), max_size=3))
keys = st.one_of(st.sampled_from(("reason", "gap_id", "b", "first_seen_date", "x" * 100)), texts)
values = st.recursive(
    st.one_of(scalars, scalars, scalars, rare),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(keys, inner, max_size=5)),
    max_leaves=20,
)


@given(st.dictionaries(keys, values, max_size=6))
@example({})
def test_any_mapping_is_what_pyyaml_writes(mapping: dict[str, Any]) -> None:
    assert block_yaml(mapping) == by_pyyaml(mapping)


@pytest.mark.parametrize(
    "text", [*AWKWARD, *(long_text(piece, length) for piece in PIECES for length in (*range(98, 126), 240))]
)
def test_a_text_is_what_pyyaml_writes_wherever_it_stands(text: str) -> None:
    mapping = {
        "reason": text,
        "below": {"reason": text, "further": {"a_key_of_some_length": text, "texts": [text, text]}},
        "texts": [text, [text, [text]], {"reason": text, "texts": [text]}],
        "key": {text: text, "below": {text: [{text: {}}]}},
    }

    assert block_yaml(mapping) == by_pyyaml(mapping)


@pytest.mark.parametrize(
    "key", [1, None, True, 1.5, date(2026, 6, 30), "k" * 100, "k" * 101, "k" * 129, "two words " * 13]
)
def test_any_key_is_what_pyyaml_writes(key: Any) -> None:
    mapping = {key: 1, "below": {key: "text"}, "items": [{"reason": "text", key: {"reason": ["text"]}}]}

    assert block_yaml(mapping) == by_pyyaml(mapping)


def test_what_is_empty_stands_behind_its_key() -> None:
    mapping = {"new": [], "below": {"old": [], "counts": {}}, "items": [[], {}, [[]], [{}], {"new": []}]}

    assert block_yaml(mapping) == by_pyyaml(mapping)


@pytest.mark.parametrize(
    "alike",
    [
        [0.0, -0.0, 0, False],
        [1, True, 1.0],
        [True, 1.0, 1],
        ["1", 1, "1.0", 1.0, "true", True, "null", None, "2026-06-30", date(2026, 6, 30)],
        [date(2026, 6, 30), datetime(2026, 6, 30)],
        [datetime(2026, 6, 30, tzinfo=UTC), datetime(2026, 6, 30, 2, tzinfo=timezone(timedelta(hours=2)))],
        [float("inf"), float("-inf"), float("nan"), 1e17, 1e300],
    ],
)
def test_values_that_are_equal_are_told_apart(alike: list[Any]) -> None:
    mapping = {"entries": [{"value": value} for value in alike], "items": alike}

    assert block_yaml(mapping) == by_pyyaml(mapping)


def test_what_stands_in_two_places_is_written_out_in_both() -> None:
    day, subjects = date(2026, 6, 30), ["a.yaml"]

    assert block_yaml({"as_of": day, "new": subjects, "since": day, "old": subjects}) == (
        "as_of: 2026-06-30\nnew:\n- a.yaml\nsince: 2026-06-30\nold:\n- a.yaml\n"
    )


def test_what_pyyaml_refuses_is_refused() -> None:
    with pytest.raises(yaml.representer.RepresenterError):
        block_yaml({"score": object()})
