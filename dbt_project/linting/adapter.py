"""What `adapter` is to sqlfluff, which runs no dbt: each dispatched macro as something of the same kind, a value or a query."""

from collections.abc import Callable, Sequence

# Macros that stand for a query: where the names of the columns that it keeps are among the arguments, if at all.
_QUERIES = {
    "generate_days": None,
    "json_array_items": 2,
    "json_object_items": 2,
    "split_to_rows": 3,
    "spread_over_days": 3,
}


def dispatch(name: str) -> Callable[..., str]:
    def written(*arguments: object, **named: object) -> str:
        if name in ("joined_text", "json_part", "json_text"):
            # A path can be a word that SQL has taken: it is text, as it is for the engines.
            return f"{name}({arguments[0]}, '{arguments[1]}')"
        if name not in _QUERIES:
            return f"{name}({', '.join(str(argument) for argument in arguments)})"
        place = _QUERIES[name]
        kept = arguments[place] if place is not None and len(arguments) > place else ["day"]
        columns = ", ".join(kept) if isinstance(kept, Sequence) and not isinstance(kept, str) else "day"
        return f"select {columns} from {arguments[0] if place is not None else name}"

    return written
