"""YAML bytes to JSON-ready values, in one pass and safely whoever wrote the file.

Which files are read, what their dates mean and where the values go is decided elsewhere.

The events of libyaml are read directly, not through CSafeLoader and its constructors. libyaml's parser keeps
its state on the heap, but the composer that CSafeLoader adds recurses in C: a file of 1 MiB of "[" overflows
the stack and kills the process. Reading events also lets nesting, aliases and duplicate keys be judged while
the text is read, builds nothing but plain values whatever a tag asks for, and takes half of the time.

Keys are kept as written (`on`, `2026`); what other unquoted texts stand for is decided in scalars.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.scanner import Scanner

from ingestion.infohub.scalars import TIMESTAMP, WORDS, ImpossibleDate, RememberedValues, plain_value

JsonValue: TypeAlias = "dict[str, JsonValue] | list[JsonValue] | str | int | float | bool | None"

MAX_NESTING = 200
# A file of the largest size allowed, four times over: room for honest reuse of anchors, none for bombs.
MAX_EXPANDED_CHARACTERS = 4 * 1024 * 1024

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_TAG_PREFIX = "tag:yaml.org,2002:"
_TEXT_TAGS = frozenset(_TAG_PREFIX + name for name in ("str", "binary"))
_VALUE_TAGS = frozenset(_TAG_PREFIX + name for name in ("null", "bool", "int", "float", "timestamp"))
_MAPPING_TAGS = frozenset(_TAG_PREFIX + name for name in ("map", "set"))
_SEQUENCE_TAGS = frozenset(_TAG_PREFIX + name for name in ("seq", "omap", "pairs"))


class Unreadable(Exception):
    """A file that cannot be taken as data, or whose content we refuse to build."""

    def __init__(self, reason_code: str, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason_code = reason_code
        self.reason = reason
        self.line = line


@dataclass(frozen=True)
class Remark:
    """Something in a readable file that its author should know."""

    line: int | None
    reason_code: str
    reason: str


@dataclass
class YamlContent:
    """The documents of a file by their position in it; empty documents are left out."""

    documents: list[tuple[int, JsonValue]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


class _PythonParser(Reader, Scanner, Parser):
    """The same events without libyaml, about ten times slower."""

    def __init__(self, data: bytes) -> None:
        Reader.__init__(self, data)
        Scanner.__init__(self)
        Parser.__init__(self)


try:
    from yaml._yaml import CParser

    parser_class: Callable[[bytes], Any] = CParser
    has_libyaml = True
except ImportError:  # PyYAML was built without libyaml: slow beats nothing, and the scan's report says so
    parser_class = _PythonParser
    has_libyaml = False


class _MergeKey(str):
    """The key `<<` of one mapping, distinct from any text a file can hold as a key."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


@dataclass
class _Anchor:
    value: JsonValue
    characters: int = 0
    height: int = 0
    is_complete: bool = False
    key: str | None = None


_values = RememberedValues()


def decoded(data: bytes) -> str:
    """The text of a file, or Unreadable."""
    if data.startswith(_UTF16_MARKS):
        raise Unreadable("not_utf8", "this is UTF-16: save it as UTF-8", 1)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        line = error.object.count(b"\n", 0, error.start) + 1
        raise Unreadable("not_utf8", f"the byte 0x{byte:02x} is not UTF-8: save the file as UTF-8", line) from None


def read_yaml(data: bytes) -> YamlContent:
    """Read every document of a file, or raise Unreadable with the line and the reason."""
    # libyaml would take UTF-16 too, and says less about bytes that are neither.
    decoded(data)
    try:
        return _read_events(data)
    except MarkedYAMLError as error:
        raise _as_unreadable(error, data) from None
    except ReaderError as error:
        character = error.character if isinstance(error.character, str) else chr(error.character)
        raise Unreadable(
            "control_character",
            f"the character {character!r} may not occur in YAML: is this a binary file?",
            data.decode("utf-8").partition(character)[0].count("\n") + 1,
        ) from None
    except YAMLError as error:
        raise Unreadable("not_yaml", f"not YAML: {error}") from None


def _read_events(data: bytes) -> YamlContent:
    """The loop that all parsing time is spent in: one function and local names on purpose."""
    content = YamlContent()
    next_event = parser_class(data).get_event
    values = _values
    anchors: dict[str, _Anchor] = {}
    repeated_characters = 0  # what aliases would add if they were written out
    document_index = 0
    has_merge_keys = False
    # The collection being filled, its pending key, and how many levels it has inside so far.
    roots: list[JsonValue] = []
    collection: Any = roots
    is_mapping = False
    key: str | None = None
    height = 0
    outer: list[tuple[Any, bool, int, _Anchor | None, int]] = []

    while (event := next_event()) is not None:
        kind = event.__class__

        if kind is ScalarEvent:
            value: JsonValue
            text = event.value
            if is_mapping and key is None and event.tag is None and event.anchor is None:
                value = None  # a key is its text, whatever that would stand for
            elif event.implicit[0]:
                try:
                    value = values[text]
                except ImpossibleDate:
                    value = text
                    content.remarks.append(
                        Remark(_line(event), "invalid_date", f"the calendar has no {text}; it is kept as text")
                    )
            elif event.tag is None or event.tag == "!":
                value = text
            else:
                value = _tagged_value(event)
            if event.anchor is not None:
                anchors[event.anchor] = _Anchor(value, len(text), is_complete=True, key=text)
            if not is_mapping:
                collection.append(value)
            elif key is not None:
                collection[key] = value
                key = None
            else:
                key = text
                if text == "<<" and event.implicit[0]:
                    key = _MergeKey(text)
                    has_merge_keys = True
                elif text in collection:
                    content.remarks.append(_duplicate_key(text, event))

        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            starts_mapping = kind is MappingStartEvent
            if event.tag is not None:
                _check_collection_tag(event, starts_mapping)
            started: Any = {} if starts_mapping else []
            if not is_mapping:
                collection.append(started)
            elif key is None:
                raise _collection_as_key(event)
            else:
                collection[key] = started
                key = None
            anchor = None
            if event.anchor is not None:
                anchor = anchors[event.anchor] = _Anchor(started)
            started_at = event.start_mark.index + repeated_characters
            outer.append((collection, is_mapping, height, anchor, started_at))
            if len(outer) > MAX_NESTING:
                raise _too_deep(event)
            collection, is_mapping, height = started, starts_mapping, 0

        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            if has_merge_keys and is_mapping and any(name.__class__ is _MergeKey for name in collection):
                _merge_into(collection, event)
            ended_height = height + 1
            collection, is_mapping, height, anchor, started_at = outer.pop()
            if ended_height > height:
                height = ended_height
            if anchor is not None:
                anchor.is_complete = True
                anchor.height = ended_height
                anchor.characters = event.end_mark.index + repeated_characters - started_at

        elif kind is AliasEvent:
            target = _target_of(event, anchors)
            if len(outer) + target.height > MAX_NESTING:
                raise _too_deep(event)
            repeated_characters += target.characters + 1
            if repeated_characters > MAX_EXPANDED_CHARACTERS:
                raise Unreadable(
                    "alias_bomb",
                    f"written out, its aliases would take more than {MAX_EXPANDED_CHARACTERS:,} characters",
                    _line(event),
                )
            if target.height > height:
                height = target.height
            if not is_mapping:
                collection.append(target.value)
            elif key is not None:
                collection[key] = target.value
                key = None
            elif target.key is None:
                raise _collection_as_key(event)
            else:
                key = target.key
                if key in collection:
                    content.remarks.append(_duplicate_key(key, event))

        elif kind is DocumentEndEvent:
            if roots[0] is not None:
                content.documents.append((document_index, roots[0]))
            document_index += 1
            anchors = {}
            roots = collection = []
            height = 0

    return content


def _tagged_value(event: ScalarEvent) -> JsonValue:
    if event.tag in _TEXT_TAGS:
        return str(event.value)
    if event.tag not in _VALUE_TAGS:
        raise _unknown_tag(event)
    name = event.tag.removeprefix(_TAG_PREFIX)
    try:
        value = plain_value(event.value)
    except ImpossibleDate:
        value = None
    fits = {
        "null": event.value in WORDS and value is None,
        "bool": isinstance(value, bool),
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, int | float) and not isinstance(value, bool),
        "timestamp": isinstance(value, str) and TIMESTAMP.fullmatch(event.value) is not None,
    }
    if not fits[name]:
        raise Unreadable("invalid_value", f"{event.value[:80]!r} is not what its tag !!{name} says", _line(event))
    return value


def _check_collection_tag(event: Any, is_mapping: bool) -> None:
    if event.tag != "!" and event.tag not in (_MAPPING_TAGS if is_mapping else _SEQUENCE_TAGS):
        raise _unknown_tag(event)


def _unknown_tag(event: Any) -> Unreadable:
    if event.tag.startswith(_TAG_PREFIX + "python/"):
        return Unreadable(
            "unsafe_tag",
            f"the tag {event.tag} asks to build Python objects, which is never done",
            _line(event),
        )
    return Unreadable(
        "unknown_tag", f"the tag {event.tag} has no meaning here: write the value without it", _line(event)
    )


def _target_of(event: AliasEvent, anchors: dict[str, _Anchor]) -> _Anchor:
    name = event.anchor or ""
    target = anchors.get(name)
    if target is None:
        raise Unreadable("unknown_alias", f"*{name} refers to an anchor that no earlier line sets", _line(event))
    if not target.is_complete:
        raise Unreadable("recursive_alias", f"*{name} refers to something that contains it", _line(event))
    return target


def _merge_into(mapping: dict[str, JsonValue], event: Event) -> None:
    """Resolve merge keys in place: what the mapping says itself wins, then what it merges first."""
    own = {}
    merged: list[JsonValue] = []
    for name, value in mapping.items():
        if name.__class__ is not _MergeKey:
            own[name] = value
        elif isinstance(value, list):
            merged.extend(value)
        else:
            merged.append(value)
    mapping.clear()
    for source in reversed(merged):
        if not isinstance(source, dict):
            raise Unreadable("bad_merge", "the merge key << takes a mapping or a list of them", _line(event))
        mapping.update(source)
    mapping.update(own)


def _duplicate_key(key: str, event: Event) -> Remark:
    return Remark(
        _line(event),
        "duplicate_key",
        f"the key {key[:80]!r} occurs twice in one mapping; the last one counts",
    )


def _collection_as_key(event: Event) -> Unreadable:
    return Unreadable("collection_as_key", "a list or mapping is used as a key: quote a {{placeholder}}", _line(event))


def _too_deep(event: Event) -> Unreadable:
    return Unreadable("too_deep", f"nested deeper than {MAX_NESTING} levels", _line(event))


def _line(event: Event) -> int:
    assert event.start_mark is not None
    return int(event.start_mark.line) + 1


def _as_unreadable(error: MarkedYAMLError, data: bytes) -> Unreadable:
    mark = error.problem_mark or error.context_mark
    line = None if mark is None else mark.line + 1
    if line is not None and mark is not None:
        lines = data.decode("utf-8", "replace").splitlines()
        text = lines[line - 1] if line <= len(lines) else ""
        if "\t" in text[: mark.column + 1] and not text[: mark.column].strip():
            return Unreadable("tab_indentation", "indented with a tab, and YAML allows spaces only", line)
    context = f" {error.context}" if error.context else ""
    started = ""
    if error.context_mark is not None and mark is not None and error.context_mark.line != mark.line:
        started = f" that starts on line {error.context_mark.line + 1}"
    return Unreadable("not_yaml", f"not YAML: {error.problem}{context}{started}", line)


def line_of_key(data: bytes, document_index: int, path: tuple[str, ...]) -> int | None:
    """The line of a mapping key, found by reading again: keeping the line of each would slow every file."""
    next_event = parser_class(data).get_event
    document = 0
    # For every open collection: the keys that lead to it, or None inside a list.
    trail: list[tuple[str, ...] | None] = []
    key: str | None = None
    found = None
    while (event := next_event()) is not None and document <= document_index:
        here = trail[-1] if trail else None
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            is_mapping = isinstance(event, MappingStartEvent)
            below = () if not trail else None if here is None or key is None else (*here, key)
            trail.append(below if is_mapping else None)
            key = None
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            trail.pop()
            key = None
        elif isinstance(event, DocumentEndEvent):
            document += 1
        elif isinstance(event, ScalarEvent | AliasEvent) and here is not None:
            if key is not None:
                key = None
            else:
                key = event.value if isinstance(event, ScalarEvent) else f"*{event.anchor}"
                if document == document_index and (*here, key) == path:
                    found = _line(event)  # of duplicates the last one counts
    return found


def to_json(value: Any) -> str:
    # Values built here hold no cycle and no NaN, so looking for cycles would be wasted time.
    return _ENCODE(value)


_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")).encode
