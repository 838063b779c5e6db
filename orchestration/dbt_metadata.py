"""What is shown of a table that was built: its columns, where each comes from, and how many rows it has."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from orchestration.dbt_graph import DbtGraph, column_schema
from revhouse.column_lineage import LineageUnknown, column_origins
from revhouse.models import Relation, state_folder
from revhouse.settings import Settings

Relations = Mapping[str, Relation]
Deps = Mapping[str, Sequence[dg.TableColumnDep]]


def table_metadata(graph: DbtGraph, settings: Settings, unique_id: str, relations: Relations) -> dict[str, Any]:
    """Nothing where dbt broke off before the warehouse could be asked."""
    relation = relations.get(graph.place(unique_id))
    if relation is None:
        return {}
    metadata: dict[str, Any] = {}
    if relation.row_count is not None:
        metadata["dagster/row_count"] = relation.row_count
    if graph.node(unique_id)["resource_type"] == "model":
        try:
            deps = _column_deps(graph, settings, unique_id, relations)
            metadata["dagster/column_lineage"] = dg.TableColumnLineage(deps)
            metadata["columns_come_from"] = dg.MetadataValue.md(_as_markdown(deps))
        except (LineageUnknown, FileNotFoundError) as error:
            metadata["column_lineage_unknown"] = str(error)
    return {**metadata, "dagster/column_schema": column_schema(graph.node(unique_id), relation.columns)}


def _column_deps(graph: DbtGraph, settings: Settings, unique_id: str, relations: Relations) -> Deps:
    node = graph.node(unique_id)
    compiled = state_folder(settings) / "compiled" / node["package_name"] / node["original_file_path"]
    keys = {graph.place(parent): graph.key(parent) for parent in graph.parents(unique_id)}
    parents = {place: relations[place].columns for place in keys if place in relations}
    return {
        # Two relations can be one asset: a raw table and its history.
        column: [dg.TableColumnDep(key, name) for key, name in sorted({(keys[place], name) for place, name in found})]
        for column, found in column_origins(compiled.read_text(encoding="utf-8"), parents).items()
    }


def _as_markdown(deps: Deps) -> str:
    """The web page of the free Dagster draws no lineage of columns, so it is written down as well."""
    lines = ["| column | comes from |", "|---|---|"]
    for column, found in deps.items():
        origins = [f"`{dep.asset_key.path[-1]}.{dep.column_name}`" for dep in found]
        lines.append(f"| `{column}` | {', '.join(origins)} |")
    return "\n".join(lines)
