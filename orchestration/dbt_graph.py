"""What dbt's manifest says, as Dagster wants it: an asset for each model and seed, a check for each test.

Nothing runs here. One class translates, so that a thing has the same key, group and owner wherever it is mentioned.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings

from revhouse.models import PROJECT, shown_name

Node = Mapping[str, Any]

_LOADED_WITH: dict[str, Callable[[str], list[str]]] = {
    # The loaders write these together with the table that is an asset; as assets of their own they would say nothing more.
    "raw_history": lambda table: ["raw", table],
    "ledger": lambda table: ["raw", "infohub__files"] if table == "infohub_scans" else ["ledger", "files"],
}
_DAYS = {"as_of_date", "activity_date"}


class Translator(DagsterDbtTranslator):
    def __init__(self, days: dg.PartitionsDefinition[str]) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_source_metadata=False))
        self._days = days

    def get_asset_key(self, dbt_resource_props: Node) -> dg.AssetKey:
        """Schema and name, as in SQL. For a source that is the key under which its loader is an asset."""
        if dbt_resource_props["resource_type"] == "source":
            schema, table = dbt_resource_props["source_name"], dbt_resource_props["name"]
            return dg.AssetKey(_LOADED_WITH[schema](table) if schema in _LOADED_WITH else [schema, table])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["alias"]])

    def get_group_name(self, dbt_resource_props: Node) -> str | None:
        # A seed is in no group of dbt's: its folder says what it is.
        return super().get_group_name(dbt_resource_props) or dbt_resource_props["fqn"][-2]

    def get_owners(self, dbt_resource_props: Node) -> list[str] | None:
        meta = dbt_resource_props["config"].get("meta") or {}
        group = dbt_resource_props.get("group")
        owner = meta.get("owner") or (group["owner"].get("name") if isinstance(group, Mapping) else None)
        return [f"team:{owner}"] if owner else None

    def get_description(self, dbt_resource_props: Node) -> str:
        description: str = dbt_resource_props["description"]
        return description

    def get_partitions_def(self, dbt_resource_props: Node) -> dg.PartitionsDefinition[str] | None:
        return self._days if keeps_days(dbt_resource_props) else None

    def get_code_version(self, dbt_resource_props: Node) -> str | None:
        checksum: Mapping[str, str] = dbt_resource_props.get("checksum", {})  # a source has no code
        return checksum.get("checksum")

    def get_metadata(self, dbt_resource_props: Node) -> Mapping[str, Any]:
        if dbt_resource_props["resource_type"] == "source":
            return {}
        return {
            "dagster/table_name": f"{dbt_resource_props['schema']}.{dbt_resource_props['alias']}",
            "dagster/column_schema": column_schema(dbt_resource_props, {}),
            "materialized": dbt_resource_props["config"]["materialized"],
            "file": f"{PROJECT.name}/{dbt_resource_props['original_file_path']}",
            # Not in the description, where it would push the columns off the page.
            "sql": dg.MetadataValue.md(f"```sql\n{dbt_resource_props['raw_code'].strip()}\n```"),
        }


class DbtGraph:
    """The models, seeds and tests of a manifest, each with its asset or check."""

    def __init__(self, manifest: Node, days: dg.PartitionsDefinition[str]) -> None:
        self._manifest = manifest
        self._translator = Translator(days)

    @cached_property
    def assets(self) -> dict[str, dg.AssetSpec]:
        return {name: self._asset(name) for name, node in self._nodes("model", "seed", "snapshot") if _is_stored(node)}

    @cached_property
    def checks(self) -> dict[str, dg.AssetCheckSpec]:
        return {name: self._check(node) for name, node in self._nodes("test")}

    def node(self, unique_id: str) -> Node:
        node: Node = self._manifest["nodes"][unique_id]
        return node

    def key(self, unique_id: str) -> dg.AssetKey:
        """The key of a model, seed or source."""
        known = self._manifest["nodes"].get(unique_id) or self._manifest["sources"][unique_id]
        return self._translator.get_asset_key(known)

    def parents(self, unique_id: str) -> list[str]:
        """The models, seeds and sources that a node reads."""
        return self._stored(self.node(unique_id)["depends_on"]["nodes"])

    def place(self, unique_id: str) -> str:
        """Where the warehouse has a model, seed or source."""
        known = self._manifest["nodes"].get(unique_id) or self._manifest["sources"][unique_id]
        return f"{known['schema']}.{known.get('alias') or known['identifier']}"

    def _nodes(self, *kinds: str) -> Iterator[tuple[str, Node]]:
        for name, node in self._manifest["nodes"].items():
            if node["resource_type"] in kinds:
                yield name, node

    def _asset(self, unique_id: str) -> dg.AssetSpec:
        node = self.node(unique_id)
        spec = self._translator.get_asset_spec(self._manifest, unique_id, None)
        form = "view" if node["config"]["materialized"] == "view" else "table"
        return spec.replace_attributes(kinds={"dbt", "duckdb", "csv" if node["resource_type"] == "seed" else form})

    def _check(self, test: Node) -> dg.AssetCheckSpec:
        home, *others = self._tested(test)
        return dg.AssetCheckSpec(
            name=shown_name(test["name"], test.get("test_metadata", {}).get("name"), test.get("attached_node")),
            asset=self.key(home),
            additional_deps=[self.key(other) for other in others if self.key(other) != self.key(home)],
            description=test["description"] or _what_is_tested(test),
            blocking=test["config"]["severity"].lower() == "error",
            metadata={"file": f"{PROJECT.name}/{test['original_file_path']}"},
        )

    def _tested(self, test: Node) -> list[str]:
        """What a test reads, first that of which it is a check: for a query of its own, the last that was made."""
        attached = test.get("attached_node")
        read = self._stored(test["depends_on"]["nodes"])
        home = max(self._stored([attached]) if attached else read, key=lambda name: (len(self._upstream(name)), name))
        return [home, *(name for name in read if name != home)]

    def _stored(self, unique_ids: Iterable[str]) -> list[str]:
        """These nodes, but in place of one that is only written into others' SQL what it reads itself."""
        found: dict[str, None] = {}
        for name in unique_ids:
            node = self._manifest["nodes"].get(name)
            stored = [name] if node is None or _is_stored(node) else self._stored(node["depends_on"]["nodes"])
            found.update(dict.fromkeys(stored))
        return list(found)

    def _upstream(self, unique_id: str) -> set[str]:
        found: set[str] = set()
        to_visit = [unique_id]
        while to_visit:
            for parent in self._manifest["parent_map"].get(to_visit.pop(), ()):
                if parent not in found:
                    found.add(parent)
                    to_visit.append(parent)
        return found


def _is_stored(node: Node) -> bool:
    return bool(node["config"].get("materialized") != "ephemeral")


def _what_is_tested(test: Node) -> str | None:
    """A generic test as it is written in YAML: dbt's name for it runs everything together."""
    generic = test.get("test_metadata")
    if not generic:
        return None
    arguments = {name: value for name, value in generic["kwargs"].items() if name != "model"}
    if generic["name"] == "sound_rows":
        return _what_rows_keep(arguments)
    return f"{generic['name']}: " + "; ".join(
        f"{name} {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in arguments.items()
    )


def _what_rows_keep(arguments: Mapping[str, Any]) -> str:
    """As a list in Markdown: a wide table is held to a lot."""
    lines = [f"Key: {', '.join(arguments['key'])}"]
    if filled := arguments.get("filled"):
        lines.append(f"Never null: {', '.join(filled)}")
    lines += [f"`{column}`: {', '.join(map(str, words))}" for column, words in arguments.get("values", {}).items()]
    for column, referred in arguments.get("references", {}).items():
        relation = referred["to"].removeprefix("ref('").removesuffix("')")
        lines.append(f"`{column}`: in `{relation}.{referred['field']}`")
    return "\n".join(f"- {line}" for line in lines)


def keeps_days(node: Node) -> bool:
    """Whether a table goes on from day to day. Every other one shows a single day, the one it was last built for."""
    config = node["config"]
    return config.get("materialized") == "incremental" and not _DAYS.isdisjoint(config.get("unique_key") or ())


def column_schema(node: Node, types: Mapping[str, str]) -> dg.TableSchema:
    """The columns, described as in YAML, with the types they have in the warehouse where it was asked."""
    described = node["columns"]
    columns = []
    for name in types or described:
        known = described.get(name, {})
        personal = known.get("config", {}).get("meta", {}).get("personal")
        columns.append(
            dg.TableColumn(
                name=name,
                type=types.get(name) or known.get("data_type") or "unknown",
                description=known.get("description"),
                tags={"personal": ""} if personal else {},
            )
        )
    return dg.TableSchema(columns=columns)
