"""YAML from anybody: what its texts mean, and that nothing it holds can do harm or get lost unsaid."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ingestion.infohub import yaml_reading as infohub_yaml
from ingestion.infohub.yaml_reading import MAX_NESTING, Unreadable, YamlContent, line_of_key, read_yaml, to_json

MIB = 1024 * 1024


@pytest.fixture(params=["libyaml", "pure Python"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Everything here holds for both parsers."""
    if request.param == "pure Python":
        monkeypatch.setattr(infohub_yaml, "parser_class", infohub_yaml._PythonParser)
    elif not infohub_yaml.has_libyaml:
        pytest.skip("PyYAML was built without libyaml")
    return str(request.param)


def read(text: str | bytes) -> YamlContent:
    return read_yaml(text.encode() if isinstance(text, str) else text)


def fields_of(text: str | bytes) -> Any:
    ((_, fields),) = read(text).documents
    return fields


def refusal_of(text: str | bytes) -> tuple[str, int | None]:
    with pytest.raises(Unreadable) as caught:
        read(text)
    assert caught.value.reason
    return caught.value.reason_code, caught.value.line


class TestValues:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("85", 85),
            ("+7", 7),
            ('"+7"', "+7"),
            ("1_000", 1000),
            ("0x1F", 31),
            ("0b101", 5),
            ("4.50", 4.5),
            (".5", 0.5),
            ("1.5e+3", 1500.0),
            ("yes", True),
            ("Off", False),
            ("'no'", "no"),
            ("~", None),
            ("in_progress", "in_progress"),
            ("2026-02-03", "2026-02-03"),
            ("2026-02-03T09:00:00Z", "2026-02-03T09:00:00+00:00"),
            ("2026-02-03 09:00:00.5 -5", "2026-02-03T09:00:00.500000-05:00"),
            ("2026-02-03t9:00:00+05:30", "2026-02-03T09:00:00+05:30"),
            ("2026-02-03 09:00:00", "2026-02-03T09:00:00"),
            ("!!str 85", "85"),
            ("!!int 85", 85),
            ("!!float 1", 1),
            ("!!binary aGVsbG8=", "aGVsbG8="),
            ("! 85", 85),
        ],
    )
    def test_texts_mean_what_a_safe_loader_makes_of_them(self, text: str, value: object) -> None:
        fields = fields_of(f"value: {text}\n")
        assert fields == {"value": value}
        assert type(fields["value"]) is type(value)

    @pytest.mark.parametrize(
        "text",
        [
            "10:30",  # 630 to YAML 1.1
            "0123",  # 83 to YAML 1.1
            ".nan",
            "-.inf",
            "1.0e+999",
            "9223372036854775808",
            "9" * 5000,
            "0x" + "f" * 5000,
            "1.2.3",
            "2026-2-3",
            "=",
        ],
    )
    def test_what_would_be_lost_as_a_number_stays_text(self, text: str) -> None:
        assert fields_of(f"value: {text}\n") == {"value": text}

    def test_keys_stay_as_written(self) -> None:
        text = "on: 1\n2026: 2\n2026-02-03: 3\n~: 4\n1.0: 5\n"
        assert fields_of(text) == {"on": 1, "2026": 2, "2026-02-03": 3, "~": 4, "1.0": 5}

    def test_sets_and_ordered_maps_are_mappings_and_lists(self) -> None:
        assert fields_of("!!set {a, b}") == {"a": None, "b": None}
        assert fields_of("!!omap [a: 1, b: 2]") == [{"a": 1}, {"b": 2}]

    def test_documents_keep_their_position_and_empty_ones_are_left_out(self) -> None:
        content = read("a: 1\n---\n---\nb: 2\n...\n---\n")
        assert content.documents == [(0, {"a": 1}), (2, {"b": 2})]

    @pytest.mark.parametrize("text", ["", "\n\n", "# nothing yet\n", "---\n", "---\n---\n"])
    def test_a_file_may_hold_no_document(self, text: str) -> None:
        assert read(text).documents == []

    def test_a_document_may_be_a_list_or_a_text(self) -> None:
        assert fields_of("- 1\n- two\n") == [1, "two"]
        assert fields_of("just words\n") == "just words"

    @pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
    def test_marks_and_line_ends_of_other_systems_are_no_content(self, line_end: str) -> None:
        text = line_end.join(["a: Müller", "b:", "  - c: 1", ""])
        assert fields_of("\ufeff" + text) == fields_of(text) == {"a": "Müller", "b": [{"c": 1}]}


class TestAliases:
    def test_an_alias_repeats_what_its_anchor_names(self) -> None:
        assert fields_of("a: &x {k: [1]}\nb: *x\nc: &y text\n*y : d\n") == {
            "a": {"k": [1]},
            "b": {"k": [1]},
            "c": "text",
            "text": "d",
        }

    def test_an_anchor_may_be_set_again(self) -> None:
        assert fields_of("a: &x 1\nb: &x 2\nc: *x\n") == {"a": 1, "b": 2, "c": 2}

    def test_a_merge_key_gives_way_to_what_the_mapping_says_itself(self) -> None:
        text = """
base: &base {sla: 72, owner: team}
urgent: &urgent {sla: 24}
one: {<<: *base, owner: me}
both: {owner: me, <<: [*urgent, *base]}
"""
        fields = fields_of(text)
        assert fields["one"] == {"sla": 72, "owner": "me"}
        assert fields["both"] == {"sla": 24, "owner": "me"}
        assert "<<" not in json.dumps(fields)

    def test_a_quoted_merge_key_is_a_key(self) -> None:
        assert fields_of('"<<": {a: 1}\nb: 2\n') == {"<<": {"a": 1}, "b": 2}

    def test_a_bomb_is_refused_without_being_built(self) -> None:
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
        code, line = refusal_of("\n".join(lines))
        assert code == "alias_bomb"
        assert line is not None
        assert line <= 7

    def test_a_bomb_of_one_large_text_is_refused(self) -> None:
        text = "a: &a " + "x" * 100_000 + "\nb: [" + ", ".join(["*a"] * 1000) + "]\n"
        assert refusal_of(text) == ("alias_bomb", 2)

    def test_a_bomb_of_merge_keys_is_refused(self) -> None:
        wide = ", ".join(f"key{number}: {number}" for number in range(5000))
        lines = [f"base: &base {{{wide}}}", *(f"a{n}: {{<<: *base}}" for n in range(1000))]
        assert refusal_of("\n".join(lines))[0] == "alias_bomb"

    def test_aliases_cannot_nest_deeper_than_brackets(self) -> None:
        lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, MAX_NESTING + 5))]
        assert refusal_of("\n".join(lines)) == ("too_deep", MAX_NESTING)

    def test_honest_reuse_passes(self) -> None:
        lines = ["terms: &terms {sla: 24, days: [mon, tue, wed]}", *(f"c{n}: *terms" for n in range(1000))]
        assert len(fields_of("\n".join(lines))) == 1001

    @pytest.mark.parametrize("text", ["a: &a [*a]\n", "&a {b: {c: *a}}\n", "&a [1, {<<: *a}]\n"])
    def test_an_alias_of_what_contains_it_is_refused(self, text: str) -> None:
        assert refusal_of(text) == ("recursive_alias", 1)

    def test_an_alias_without_an_anchor_is_refused(self) -> None:
        assert refusal_of("a: &x 1\n---\nb: *x\n") == ("unknown_alias", 3)

    @pytest.mark.parametrize("merged", ["text", "[1, 2]", "[[a]]"])
    def test_only_mappings_can_be_merged(self, merged: str) -> None:
        assert refusal_of(f"a: 1\nb: {{<<: {merged}}}\n") == ("bad_merge", 2)


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "code", "line"),
        [
            ("a: 1\nb: [1, 2\nc: 3\n", "not_yaml", 3),
            ("a: 1\nb: c: d\n", "not_yaml", 2),
            ("a: 'open\n", "not_yaml", 2),
            ("a: 1\n\tb: 2\n", "tab_indentation", 2),
            ("a:\n  - b:\n  \t- c\n", "tab_indentation", 3),
            ("a: 1\nb: \x00\n", "control_character", 2),
            (b"a: 1\nb: caf\xe9\n", "not_utf8", 2),
            (b"\xc0", "not_utf8", 1),
            ("a: 1\n".encode("utf-16"), "not_utf8", 1),
            ("a: 1\n".encode("utf-16-le"), "control_character", 1),
            ("a: 1\nb: !!python/object/apply:os.system [echo]\n", "unsafe_tag", 2),
            ("a: 1\nb: !!python/name:os.system ''\n", "unsafe_tag", 2),
            ("a: 1\nb: !secret x\n", "unknown_tag", 2),
            ("a: !custom {b: 1}\n", "unknown_tag", 1),
            ("a: 1\nb: !!int x\n", "invalid_value", 2),
            ("a: 1\nb: !!timestamp 2026-02-30\n", "invalid_value", 2),
            ("a: 1\nb: !!null x\n", "invalid_value", 2),
            ("a: 1\nname: {{ customer }}\n", "collection_as_key", 2),
            ("a: 1\n? [b, c]\n: 2\n", "collection_as_key", 2),
            ("%YAML 2.0\n---\na: 1\n", "not_yaml", 1),
        ],
    )
    def test_each_is_named_with_its_line(self, text: str | bytes, code: str, line: int) -> None:
        assert refusal_of(text) == (code, line)

    def test_a_later_document_that_cannot_be_read_fails_the_file(self) -> None:
        assert refusal_of("a: 1\n---\n# Heading\n- b: [\n")[0] == "not_yaml"

    @pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "&a [", "!!seq ["])
    def test_endless_nesting_is_refused(self, opening: str) -> None:
        code, line = refusal_of(opening * (MIB // len(opening)))
        assert (code, line) in {("too_deep", 1), ("collection_as_key", 1), ("not_yaml", 1)}

    def test_nesting_up_to_the_limit_is_read_and_written(self) -> None:
        text = "[" * MAX_NESTING + "]" * MAX_NESTING
        assert to_json(fields_of(text)) == text
        assert refusal_of("[" + text + "]") == ("too_deep", 1)


class TestRemarks:
    def test_a_duplicate_key_is_remarked_on_and_the_last_one_counts(self) -> None:
        content = read("a: 1\nb: {c: 1, c: 2}\na: 3\n")
        assert content.documents == [(0, {"a": 3, "b": {"c": 2}})]
        assert [(remark.reason_code, remark.line) for remark in content.remarks] == [
            ("duplicate_key", 2),
            ("duplicate_key", 3),
        ]

    @pytest.mark.parametrize("text", ["2026-02-30", "2026-13-01", "2026-02-03T25:00:00Z", "2026-02-03 09:00:00 +99"])
    def test_a_date_that_does_not_exist_stays_text_every_time_it_occurs(self, text: str) -> None:
        content = read(f"a: {text}\nb: '{text}'\nc: {text}\n")
        assert content.documents == [(0, {"a": text, "b": text, "c": text})]
        assert [(remark.reason_code, remark.line) for remark in content.remarks] == [
            ("invalid_date", 1),
            ("invalid_date", 3),
        ]


def test_the_line_of_a_key_is_found_in_its_document() -> None:
    data = b"date: 1\n---\na: {date: 1}\nmetadata:\n  created: x\n  list: [{date: 2}]\ndate: soon\n"
    assert line_of_key(data, 0, ("date",)) == 1
    assert line_of_key(data, 1, ("date",)) == 7
    assert line_of_key(data, 1, ("metadata", "created")) == 5
    assert line_of_key(data, 1, ("metadata", "date")) is None


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
# Whole numbers of PyYAML's dumper come back as they are within 64 bits; dates come back as ISO text.
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value


class TestProperties:
    @given(trees.filter(lambda tree: tree is not None), st.booleans())
    def test_whatever_a_safe_dumper_writes_is_read(self, tree: Any, flow: bool) -> None:
        text = yaml.safe_dump(tree, allow_unicode=True, default_flow_style=flow)
        ((_, fields),) = read(text).documents
        assert fields == as_json(tree)
        assert json.loads(to_json(fields)) == fields

    @given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
    def test_any_bytes_are_read_or_refused(self, data: bytes) -> None:
        try:
            content = read(data)
        except Unreadable:
            return
        json.loads(to_json([fields for _, fields in content.documents]))

    @given(st.text("[]{}-?:,&*!|>'\"#%@ \n\tab01.<", max_size=60))
    def test_punctuation_of_yaml_is_read_as_a_safe_loader_reads_it_or_refused(self, text: str) -> None:
        # The two parsers of PyYAML differ in corners of their own.
        is_c = infohub_yaml.parser_class is not infohub_yaml._PythonParser
        loader = yaml.CSafeLoader if is_c else yaml.SafeLoader
        try:
            content = read(text)
        except Unreadable:
            return
        try:
            expected = [document for document in yaml.load_all(text.encode(), loader) if document is not None]
        except (yaml.YAMLError, ValueError):
            return  # PyYAML refuses more: keys that hash badly, anchors set twice
        assert len(content.documents) == len(expected)
        for (_, fields), document in zip(content.documents, expected, strict=True):
            assert isinstance(fields, dict) == isinstance(document, dict | set)
            if isinstance(document, float) and not math.isnan(document):
                assert fields == document or isinstance(fields, str)
