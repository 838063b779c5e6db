"""Mappings as YAML in blocks, byte by byte as PyYAML writes them and in a fraction of its time.

The lines are laid out here. How a value is written in its line is for PyYAML to say, and it is asked once for what stands in
many lines. Only texts that nothing has to be done to are taken as they are without asking.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import yaml

_WIDTH = 120
_LONGEST_KEY = 100  # beyond 128 characters PyYAML gives a key a line of its own
_STEP = "  "
# Nothing in such a text has a meaning in YAML. `: `, ` #`, quotes, most signs and what is not ASCII are left to PyYAML.
_PLAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_ |/.,;()%+-]++|:(?=[A-Za-z0-9_]))*+(?<! )")
_OTHER_THAN_TEXT = yaml.SafeDumper.yaml_implicit_resolvers
# Of these kinds and of texts, what is equal is written the same. 0.0 and -0.0 are not, nor are moments in two time zones.
_ALIKE_WHEN_EQUAL = frozenset((int, bool, date, type(None)))


# libyaml is several times as fast, and there nearly everywhere.
class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes a value out wherever it stands, and no anchor for the second place to point to."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def block_yaml(mapping: Mapping[str, Any]) -> str:
    return _mapping(mapping, "") if mapping else "{}\n"


def _mapping(mapping: Mapping[str, Any], margin: str) -> str:
    if not _are_plain_keys(tuple(mapping)):
        return _by_pyyaml(mapping, margin)
    lines = []
    for key, value in mapping.items():
        kind = type(value)
        if kind is str:
            lines.append(_text_entry(key, value, margin))
        elif kind in _ALIKE_WHEN_EQUAL:
            lines.append(_entry(key, value, margin))
        elif kind is float:
            lines.append(_float_entry(key, repr(value), margin))
        elif kind is dict:
            lines.append(f"{margin}{key}:\n{_mapping(value, margin + _STEP)}" if value else f"{margin}{key}: {{}}\n")
        elif kind is list:
            lines.append(f"{margin}{key}:\n{_sequence(value, margin)}" if value else f"{margin}{key}: []\n")
        else:
            lines.append(_by_pyyaml({key: value}, margin))
    return "".join(lines)


def _sequence(sequence: Sequence[Any], margin: str) -> str:
    lines = []
    for value in sequence:
        kind = type(value)
        if kind is str:
            lines.append(_text_item(value, margin))
        elif kind is dict and value:
            lines.append(f"{margin}- {_mapping(value, margin + _STEP).removeprefix(margin + _STEP)}")
        elif kind is list and value:
            lines.append(f"{margin}- {_sequence(value, margin + _STEP).removeprefix(margin + _STEP)}")
        else:
            lines.append(_by_pyyaml([value], margin))
    return "".join(lines)


@lru_cache(maxsize=20_000)
def _text_entry(key: str, text: str, margin: str) -> str:
    head = f"{margin}{key}: "
    return f"{head}{text}\n" if _is_plain(text, _WIDTH - len(head)) else _by_pyyaml({key: text}, margin)


@lru_cache(maxsize=20_000, typed=True)
def _entry(key: str, value: Any, margin: str) -> str:
    return _by_pyyaml({key: value}, margin)


@lru_cache(maxsize=20_000)
def _float_entry(key: str, number: str, margin: str) -> str:
    return _by_pyyaml({key: float(number)}, margin)


def _text_item(text: str, margin: str) -> str:
    head = f"{margin}- "
    return f"{head}{text}\n" if _is_plain(text, _WIDTH - len(head)) else _by_pyyaml([text], margin)


@lru_cache(maxsize=1_000)
def _are_plain_keys(keys: tuple[Any, ...]) -> bool:
    return all(type(key) is str and len(key) <= _LONGEST_KEY and _is_plain(key, _LONGEST_KEY) for key in keys)


def _is_plain(text: str, room: int) -> bool:
    """Whether it stands in its line as it is."""
    if not _PLAIN.fullmatch(text):
        return False
    if len(text) > room and " " in text:  # longer lines are broken, between words only
        return False
    return not any(pattern.match(text) for _, pattern in _OTHER_THAN_TEXT.get(text[0], ()))


def _by_pyyaml(block: Mapping[str, Any] | Sequence[Any], margin: str) -> str:
    """Its lines where they are to stand: quotes and the breaks of long lines depend on that."""
    outer_lines = len(margin) // len(_STEP)
    if not isinstance(block, Mapping):
        outer_lines += 1  # items stand as far left as the key of their list
    document: Any = block
    for _ in range(outer_lines):
        document = {"_": document}
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return text.split("\n", outer_lines)[outer_lines]
