"""What every model keeps to, read from dbt's manifest. Each rule answers with the breaches it finds, a sentence each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Manifest = dict[str, Any]

PROJECT = Path(__file__).parents[2]

NAMES = {
    "staging": re.compile(r"stg_(?P<folder>[a-z0-9]+(?:_[a-z0-9]+)*)__[a-z0-9]+(?:_[a-z0-9]+)*"),
    "intermediate": re.compile(r"int_(?P<folder>[a-z0-9]+(?:_[a-z0-9]+)*)__[a-z0-9]+(?:_[a-z0-9]+)*_[a-z]+"),
    "marts": re.compile(r"(?:dim|fct|rpt)_[a-z0-9]+(?:_[a-z0-9]+)*"),
}
READS = {
    "staging": {"source"},
    "intermediate": {"staging", "intermediate", "seed", "snapshot"},
    "marts": {"intermediate", "marts", "seed", "snapshot"},
}
# How many rows staging leaves out can be counted only behind it.
READS_BEHIND_STAGING = {"int_control__rows_left_out_counted"}
# The control totals count what was delivered, whenever it happened, and a correction is kept whatever day it is of.
KEEPS_EVERY_DAY = {
    "int_control__restated_values_unioned",
}
CUTS = {"macro.revhouse.as_of_end", "macro.revhouse.as_of_date"}
CONTRACT_TYPES = {"string", "bigint", "integer", "double", "decimal(18,2)", "boolean", "date", "timestamp"}
STRUCTURAL_TESTS = {"sound_rows", "accepted_values", "relationships", "not_null", "unique"}
# What DuckDB understands and Spark does not, or not alike. In macros it is dispatched.
DUCKDB_ONLY = re.compile(
    r"::"
    r"|->"
    r"|//"
    r"|\b(?:epoch|epoch_ms|strftime|strptime|date_diff|datediff|datesub|date_sub|generate_series|unnest|regexp_\w+|string_split"
    r"|str_split|json_\w+|list_\w+|list|array_\w+|arg_max|arg_min|isodow|dayofweek|len|ifnull|struct_pack|to_days|make_timestamp"
    r"|starts_with|startswith|epoch_us|read_\w+|printf|age|today)\s*\("
    r"|\*\s*(?:exclude|replace)\s*\(|\bcolumns\s*\(\s*\*"
    r"|\b(?:varchar|text|int4|int8|hugeint|timestamptz|float8|bool)\s*\)"
    r"|\bvarchar\b"
    r"|\basof\s+(?:left\s+)?join\b"
    r"|\b(?:semi|anti|positional)\s+join\b"
    r"|\b(?:group|order)\s+by\s+all\b"
    r"|\bignore\s+nulls\b"
    r"|\b(?:pivot|unpivot|using\s+sample|distinct\s+on)\b",
    re.IGNORECASE,
)
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
CLOCK = re.compile(
    r"\b(?:now|today|getdate|sysdate|(?:get_)?current_(?:date|time|timestamp|localtime|localtimestamp)|localtime|localtimestamp"
    r"|transaction_timestamp|unix_timestamp|run_started_at|utcnow)\b",
    re.IGNORECASE,
)
COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
TEXT = re.compile(r"'[^'\n]*'")
DECIDES = re.compile(r"\b(?:group\s+by|over|qualify|case|exists|full\s+(?:outer\s+)?join)\b", re.IGNORECASE)


def models(manifest: Manifest) -> Iterator[dict[str, Any]]:
    return (node for node in manifest["nodes"].values() if node["resource_type"] == "model")


def layer(node: dict[str, Any]) -> str:
    return str(node["fqn"][1])


def loaded_tables(manifest: Manifest) -> dict[str, dict[str, Any]]:
    """Everything staging has to show. A history is read together with its table and shown by no view of its own."""
    return {name: node for name, node in manifest["sources"].items() if node["source_name"] != "raw_history"}


def each_layer_reads_only_what_is_before_it(manifest: Manifest) -> Iterator[str]:
    for model in models(manifest):
        for name in model["depends_on"]["nodes"]:
            node = manifest["nodes"].get(name) or manifest["sources"][name]
            kind = layer(node) if node["resource_type"] == "model" else node["resource_type"]
            if kind == "source" and model["name"] in READS_BEHIND_STAGING:
                continue
            # The ledger of deliveries is conformed as it is: it says nothing about the company.
            if layer(model) == "marts" and node["name"].startswith("stg_ledger__"):
                continue
            if kind not in READS.get(layer(model), ()):
                yield f"{model['name']} is {layer(model)} and reads {node['name']}, which is {kind}"


def a_staging_view_shows_one_loaded_table(manifest: Manifest) -> Iterator[str]:
    for model in models(manifest):
        if layer(model) == "staging":
            shown = _shown_tables(manifest, model)
            if len(shown) != 1:
                yield f"{model['name']} shows {len(shown)} loaded tables: {', '.join(shown) or 'none'}"
            for name in shown:
                table = _table_name(name)
                view = f"stg_versions__{table.replace('__', '_')}" if _shows_versions(model) else f"stg_{table}"
                if model["name"] != view:
                    yield f"{model['name']} shows {table}: it would be named {view}"


def _table_name(unique_id: str) -> str:
    """Tables of raw are named after their system already."""
    return unique_id.removeprefix("source.revhouse.").removeprefix("raw.").replace(".", "__")


def _shown_tables(manifest: Manifest, model: dict[str, Any]) -> list[str]:
    loaded = [name for name in model["depends_on"]["nodes"] if name in loaded_tables(manifest)]
    if model["fqn"][2] == "infohub":
        # Which version of a file a day shows follows from all its documents and the scans.
        return [name for name in loaded if model["name"] == f"stg_{_table_name(name)}"] or loaded
    return loaded


def _shows_versions(model: dict[str, Any]) -> bool:
    """Of some tables a second view shows all versions, for those who rebuild what was between two exports."""
    return layer(model) == "staging" and model["fqn"][2] == "versions"


def each_loaded_table_is_shown_once(manifest: Manifest) -> Iterator[str]:
    views = [model for model in models(manifest) if layer(model) == "staging" and not _shows_versions(model)]
    shown = [name for model in views for name in _shown_tables(manifest, model)]
    for name, source in loaded_tables(manifest).items():
        if shown.count(name) != 1:
            yield f"{source['source_name']}.{source['name']} is shown by {shown.count(name)} staging views"


def a_name_tells_the_layer_and_the_folder(manifest: Manifest) -> Iterator[str]:
    for model in models(manifest):
        pattern = NAMES.get(layer(model))
        named = pattern.fullmatch(model["name"]) if pattern else None
        if named is None:
            yield f"{model['name']} is in {layer(model)}: see docs/naming.md for what it would be named"
        elif "folder" in named.groupdict() and named["folder"] != model["fqn"][2]:
            yield f"{model['name']} is in the folder {model['fqn'][2]}, and its name says {named['folder']}"


def a_description_says_what_a_row_is(manifest: Manifest) -> Iterator[str]:
    for model in models(manifest):
        if not model["description"].startswith("One row per "):
            yield f"{model['name']} is described as {model['description']!r}: begin with 'One row per'"
        for column in model["columns"].values():
            if not column["description"].strip():
                yield f"{model['name']}.{column['name']} has no description"


def each_model_has_a_tested_key(manifest: Manifest) -> Iterator[str]:
    tested = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and (node.get("test_metadata") or {}).get("name") == "sound_rows"
    }
    names = {model["unique_id"]: model["name"] for model in models(manifest)}
    for model in models(manifest):
        # The rows of a view can be tested where they are stored.
        stored_in = model["config"]["meta"].get("tested_in")
        readers = {names.get(reader) for reader in manifest["child_map"].get(model["unique_id"], ())}
        if stored_in and stored_in not in readers:
            yield f"{model['name']} is said to be tested in {stored_in}, which does not read it"
        if model["unique_id"] not in tested and not stored_in:
            yield f"{model['name']} has no test of its rows"


def each_model_has_an_owner_and_a_group(manifest: Manifest) -> Iterator[str]:
    for model in models(manifest):
        if not model["config"]["meta"].get("owner"):
            yield f"{model['name']} has no owner in config.meta"
        if not model["group"]:
            yield f"{model['name']} is in no group"
        elif layer(model) != "marts" and model["group"] != model["fqn"][2]:
            yield f"{model['name']} is in the folder {model['fqn'][2]}, and its group is {model['group']}"


def what_leaves_the_project_has_a_contract(manifest: Manifest) -> Iterator[str]:
    for model in models(manifest):
        if layer(model) == "marts" and not model["config"]["contract"]["enforced"]:
            yield f"{model['name']} is a mart without an enforced contract"
        for column in model["columns"].values() if layer(model) == "marts" else ():
            if (column["data_type"] or "").replace(" ", "") not in CONTRACT_TYPES:
                yield f"{model['name']}.{column['name']} is {column['data_type']}: use one of {', '.join(sorted(CONTRACT_TYPES))}"


def what_is_hard_or_leaves_the_project_has_a_unit_test(manifest: Manifest) -> Iterator[str]:
    """An intermediate is hard when its SQL groups, numbers, chooses or tells cases apart, or asks whether a row is there."""
    tested = {name for test in manifest["unit_tests"].values() for name in test["depends_on"]["nodes"]}
    for model in models(manifest):
        proof = model["config"]["meta"].get("unit_tested_by")
        if proof and not (PROJECT / proof).exists():
            yield f"{model['name']} is said to be unit-tested by {proof}, which is not there"
        is_proved = model["unique_id"] in tested or (proof and layer(model) != "marts")
        is_asked = layer(model) == "marts" or is_hard(model)
        if is_asked and not is_proved:
            yield f"{model['name']} has no unit test"


def is_hard(model: dict[str, Any]) -> bool:
    code = TEXT.sub(" ", COMMENT.sub(" ", model["raw_code"]))
    return layer(model) == "intermediate" and DECIDES.search(code) is not None


def each_mart_has_a_test_of_its_own(manifest: Manifest) -> Iterator[str]:
    """Keys and closed sets are not enough: something has to say that no row is lost, or that the figures agree."""
    tested = {
        name
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and (node.get("test_metadata") or {}).get("name") not in STRUCTURAL_TESTS
        for name in node["depends_on"]["nodes"]
    }
    for model in models(manifest):
        if layer(model) == "marts" and model["unique_id"] not in tested:
            yield f"{model['name']} has no test beyond those of its key and its columns"


def no_mart_is_told_what_happened_after_the_day(manifest: Manifest) -> Iterator[str]:
    """Events are not cut in staging. Whoever reads them cuts at the day's end, or hands them on to models that do."""
    uncut = {
        f"model.revhouse.stg_{source['name']}"
        for source in loaded_tables(manifest).values()
        # Only rows that change have a stamp. The InfoHub's files do not happen.
        if source["source_name"] == "raw"
        and "stamp" not in source["config"]["meta"]
        and "infohub" not in source["name"]
    }
    waiting = {
        model["unique_id"]: model
        for model in models(manifest)
        if layer(model) != "staging" and not CUTS & _macros_of(manifest, model) and model["name"] not in KEEPS_EVERY_DAY
    }
    while told := [model for model in waiting.values() if uncut & set(model["depends_on"]["nodes"])]:
        for model in told:
            del waiting[model["unique_id"]]
            if layer(model) != "marts":
                uncut.add(model["unique_id"])
            else:
                origins = sorted(name.split(".")[-1] for name in uncut & set(model["depends_on"]["nodes"]))
                yield f"{model['name']} reads {', '.join(origins)} and calls neither as_of_end() nor as_of_date()"


def _macros_of(manifest: Manifest, model: dict[str, Any]) -> set[str]:
    """The macros that a model calls, and those that they call."""
    called: set[str] = set()
    waiting = list(model["depends_on"]["macros"])
    while waiting:
        name = waiting.pop()
        if name not in called:
            called.add(name)
            waiting += manifest["macros"].get(name, {"depends_on": {"macros": []}})["depends_on"]["macros"]
    return called


def sql_is_what_both_engines_run(manifest: Manifest) -> Iterator[str]:
    for node in _our_sql(manifest):
        for found in DUCKDB_ONLY.finditer(JINJA.sub(" ", COMMENT.sub(" ", node["raw_code"]))):
            yield f"{node['name']} has `{found[0].strip()}`: Spark differs there; see macros/engines.sql"


def every_order_says_where_nulls_go(manifest: Manifest) -> Iterator[str]:
    """DuckDB puts them last and Spark first, unless they are told."""
    for node in _our_sql(manifest):
        for term in _order_terms(COMMENT.sub(" ", node["raw_code"])):
            if not re.search(r"\bnulls\s+(?:first|last)$", term, re.IGNORECASE):
                yield f"{node['name']} orders by `{term}`: say nulls first or nulls last"


def _our_sql(manifest: Manifest) -> Iterator[dict[str, Any]]:
    for node in manifest["nodes"].values():
        is_singular = node["resource_type"] == "test" and not node.get("test_metadata")
        if is_singular or (node["resource_type"] == "model" and layer(node) != "staging"):
            yield node


def _order_terms(code: str) -> Iterator[str]:
    for order in re.finditer(r"\border\s+by\b", code, re.IGNORECASE):
        depth, term = 0, ""
        for char in code[order.end() :]:
            depth += (char == "(") - (char == ")")
            if depth < 0:
                break
            if depth == 0 and (char == "," or re.search(r"\b(?:rows|range)\s+between$", term, re.IGNORECASE)):
                yield _one_term(term)
                term = ""
                if char != ",":
                    break
            else:
                term += char
        if term.strip():
            yield _one_term(term)


def _one_term(text: str) -> str:
    return re.sub(r"\s+(?:rows|range)\s+between$", "", " ".join(text.split()), flags=re.IGNORECASE)


def nothing_asks_what_time_it_is(manifest: Manifest) -> Iterator[str]:
    ours = [node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "test", "snapshot")]
    macros = [macro for macro in manifest["macros"].values() if macro["package_name"] == "revhouse"]
    for node in [*ours, *macros]:
        code = COMMENT.sub(" ", node.get("raw_code") or node.get("macro_sql") or "")
        if asked := CLOCK.search(code):
            yield f"{node['name']} calls {asked[0]}: use as_of_date() or known_at()"


RULES: tuple[Callable[[Manifest], Iterator[str]], ...] = (
    each_layer_reads_only_what_is_before_it,
    a_staging_view_shows_one_loaded_table,
    each_loaded_table_is_shown_once,
    a_name_tells_the_layer_and_the_folder,
    a_description_says_what_a_row_is,
    each_model_has_a_tested_key,
    each_model_has_an_owner_and_a_group,
    what_leaves_the_project_has_a_contract,
    what_is_hard_or_leaves_the_project_has_a_unit_test,
    each_mart_has_a_test_of_its_own,
    no_mart_is_told_what_happened_after_the_day,
    sql_is_what_both_engines_run,
    every_order_says_where_nulls_go,
    nothing_asks_what_time_it_is,
)
