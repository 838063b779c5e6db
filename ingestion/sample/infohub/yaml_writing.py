"""Writes YAML text for the sample InfoHub, many times faster than a general emitter. Reads nothing.

It knows mappings, lists and scalars, which is all that the sample writes, and no anchors, tags or folded text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

_SAFE_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9_./]*(?:[ -][A-Za-z0-9_./]+)*")
# What YAML 1.1 readers take for something else than text.
_NOT_TEXT = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
# Allowed in JSON text, but not in YAML, or a line break there.
_UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


class Verbatim(str):
    """A scalar that is already written as it shall stand in the file."""

    __slots__ = ()


def to_yaml(document: Mapping[str, Any], *, quote_dates: bool = False) -> str:
    """The document as block YAML. With `quote_dates` dates are text, as many people write them."""
    lines: list[str] = []
    _write_mapping(document, "", lines, quote_dates)
    return "\n".join(lines) + "\n"


def scalar(value: Any, *, quote_dates: bool = False) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return value if isinstance(value, Verbatim) else text_scalar(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        text = value.isoformat(timespec="seconds") + "Z"
        return f'"{text}"' if quote_dates else text
    if isinstance(value, date):
        text = value.isoformat()
        return f'"{text}"' if quote_dates else text
    return repr(value)


@lru_cache(maxsize=65_536)
def text_scalar(text: str) -> str:
    if _SAFE_TEXT.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _write_mapping(mapping: Mapping[str, Any], indent: str, lines: list[str], quote_dates: bool) -> None:
    for name, value in mapping.items():
        if isinstance(value, dict):
            if value:
                lines.append(f"{indent}{name}:")
                _write_mapping(value, indent + "  ", lines, quote_dates)
            else:
                lines.append(f"{indent}{name}: {{}}")
        elif isinstance(value, list):
            if value:
                lines.append(f"{indent}{name}:")
                _write_list(value, indent + "  ", lines, quote_dates)
            else:
                lines.append(f"{indent}{name}: []")
        else:
            lines.append(f"{indent}{name}: {scalar(value, quote_dates=quote_dates)}")


def _write_list(values: Sequence[Any], indent: str, lines: list[str], quote_dates: bool) -> None:
    for value in values:
        if isinstance(value, dict) and value:
            start = len(lines)
            _write_mapping(value, indent + "  ", lines, quote_dates)
            lines[start] = f"{indent}- {lines[start].lstrip()}"
        else:
            lines.append(f"{indent}- {scalar(value, quote_dates=quote_dates)}")
