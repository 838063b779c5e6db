"""What every model keeps to, read from dbt's manifest. Each rule answers with the breaches it finds, a sentence each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

Manifest = dict[str, Any]

NAMES = {
    "staging": re.compile(r"stg_(?P<folder>[a-z0-9]+(?:_[a-z0-9]+)*)__[a-z0-9]+(?:_[a-z0-9]+)*"),
    "intermediate": re.compile(r"int_(?P<folder>[a-z0-9]+(?:_[a-z0-9]+)*)__[a-z0-9]+(?:_[a-z0-9]+)*_[a-z]+"),
    "marts": re.compile(r"(?:dim|fct|rpt)_[a-z0-9]+(?:_[a-z0-9]+)*"),
}
READS = {
    "staging": {"source"},
    "intermediate": {"staging", "intermediate", "seed", "snapshot"},
    "marts": {"staging", "intermediate", "marts", "seed", "snapshot"},
}
CLOCK = re.compile(
    r"\b(?:now|today|getdate|sysdate|(?:get_)?current_(?:date|time|timestamp|localtime|localtimestamp)|localtime|localtimestamp"
    r"|transaction_timestamp|unix_timestamp|run_started_at|utcnow)\b",
    re.IGNORECASE,
)
COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)


def models(manifest: Manifest) -> Iterator[dict[str, Any]]:
    return (node for node in manifest["nodes"].values() if node["resource_type"] == "model")


def layer(node: dict[str, Any]) -> str:
    return str(node["fqn"][1])


def loaded_tables(manifest: Manifest) -> dict[str, dict[str, Any]]:
    """Everything staging has to show. A history is read together with its table and shown by no view of its own."""
    return {name: node for name, node in manifest["sources"].items() if node["source_name"] != "raw_history"}


def shows_versions(node: dict[str, Any]) -> bool:
    """Whether a staging view shows every version of a table's rows, beside the view that shows the rows of the day."""
    return layer(node) == "staging" and node["fqn"][2] == "versions"


def each_layer_reads_only_what_is_before_it(manifest: Manifest) -> Iterator[str]:
    for model in models(manifest):
        for name in model["depends_on"]["nodes"]:
            node = manifest["nodes"].get(name) or manifest["sources"][name]
            kind = layer(node) if node["resource_type"] == "model" else node["resource_type"]
            if kind not in READS.get(layer(model), ()):
                yield f"{model['name']} is {layer(model)} and reads {node['name']}, which is {kind}"


def a_staging_view_shows_one_loaded_table(manifest: Manifest) -> Iterator[str]:
    for model in models(manifest):
        if layer(model) == "staging" and not shows_versions(model):
            shown = [name for name in model["depends_on"]["nodes"] if name in loaded_tables(manifest)]
            if len(shown) != 1:
                yield f"{model['name']} shows {len(shown)} loaded tables: {', '.join(shown) or 'none'}"
            for name in shown:
                # Tables of raw are named after their system already.
                table = name.removeprefix("source.revhouse.").removeprefix("raw.").replace(".", "__")
                if model["name"] != f"stg_{table}":
                    yield f"{model['name']} shows {table}: it would be named stg_{table}"


def each_loaded_table_is_shown_once(manifest: Manifest) -> Iterator[str]:
    views = [model for model in models(manifest) if layer(model) == "staging" and not shows_versions(model)]
    shown = [name for view in views for name in view["depends_on"]["nodes"]]
    for name, source in loaded_tables(manifest).items():
        if shown.count(name) != 1:
            yield f"{source['source_name']}.{source['name']} is shown by {shown.count(name)} staging views"


def a_view_of_versions_shows_one_table_and_its_history(manifest: Manifest) -> Iterator[str]:
    for model in models(manifest):
        if shows_versions(model):
            table = model["name"].removeprefix("stg_versions__")
            read = {name.removeprefix("source.revhouse.") for name in model["depends_on"]["nodes"]}
            shown = {name.partition(".")[2].replace("__", "_") for name in read if not name.startswith("ledger.")}
            if shown != {table} or not {name.partition(".")[0] for name in read} >= {"raw", "raw_history"}:
                yield f"{model['name']} would show {table} and its history, and shows {', '.join(sorted(read)) or 'nothing'}"


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
        if node["resource_type"] == "test" and (node["test_metadata"] or {}).get("name") == "unique_key"
    }
    for model in models(manifest):
        if model["unique_id"] not in tested:
            yield f"{model['name']} has no unique_key test"


def each_model_has_an_owner_and_a_group(manifest: Manifest) -> Iterator[str]:
    for model in models(manifest):
        if not model["config"]["meta"].get("owner"):
            yield f"{model['name']} has no owner in config.meta"
        if not model["group"]:
            yield f"{model['name']} is in no group"


def what_leaves_the_project_has_a_contract(manifest: Manifest) -> Iterator[str]:
    for model in models(manifest):
        if layer(model) == "marts" and not model["config"]["contract"]["enforced"]:
            yield f"{model['name']} is a mart without an enforced contract"


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
    a_view_of_versions_shows_one_table_and_its_history,
    a_name_tells_the_layer_and_the_folder,
    a_description_says_what_a_row_is,
    each_model_has_a_tested_key,
    each_model_has_an_owner_and_a_group,
    what_leaves_the_project_has_a_contract,
    nothing_asks_what_time_it_is,
)
