"""The InfoHub as two assets: its files, and the YAML documents in them."""

from collections import Counter
from collections.abc import Iterator

import dagster as dg

from ingestion.infohub.scan import load_infohub
from orchestration.warehouse import POOL, load_run, writing
from revhouse.settings import read_settings

_GROUP = "infohub"
_FOLDER_KEY = dg.AssetKey(["landing", "infohub"])
_OWNERS = ["team:revenue_operations"]
_PROBLEMS_SHOWN = 20

infohub_folder = dg.AssetSpec(
    key=_FOLDER_KEY,
    group_name=_GROUP,
    description="The folder tree of governance YAML: a folder for each customer, and in it one for each engagement.",
    owners=_OWNERS,
    kinds={"yaml"},
)


@dg.multi_asset(
    name="load_infohub",
    description="Reads new and changed files of the InfoHub.",
    specs=[
        dg.AssetSpec(
            key=["raw", "infohub__files"],
            group_name=_GROUP,
            description="One row per file of the InfoHub as it is now, with what came of reading it.",
            owners=_OWNERS,
            deps=[_FOLDER_KEY],
            kinds={"duckdb", "table"},
            metadata={"dagster/table_name": "raw.infohub__files"},
        ),
        dg.AssetSpec(
            key=["raw", "infohub__documents"],
            group_name=_GROUP,
            description="One row per YAML document or canvas of the InfoHub, its fields as JSON.",
            owners=_OWNERS,
            deps=[_FOLDER_KEY],
            kinds={"duckdb", "table"},
            metadata={"dagster/table_name": "raw.infohub__documents"},
        ),
    ],
    pool=POOL,
)
def infohub_assets(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    settings = read_settings()
    with writing(settings) as connection:
        report = load_infohub(connection, settings.infohub, load_run(context))
        counts = {
            name: connection.execute(f"select count(*) from raw.{name}").fetchall()[0][0]
            for name in ("infohub__files", "infohub__documents")
        }
    codes = Counter(problem.reason_code for problem in report.problems)
    shared = {
        "files_seen": dg.MetadataValue.int(report.files_seen),
        "files_parsed": dg.MetadataValue.int(report.files_parsed),
        "files_unchanged": dg.MetadataValue.int(report.files_unchanged),
        "files_removed": dg.MetadataValue.int(report.files_removed),
        "files_unreadable": dg.MetadataValue.int(report.files_unreadable),
        "realms": dg.MetadataValue.int(report.realms),
        "nodes": dg.MetadataValue.int(report.nodes),
        "problem_codes": dg.MetadataValue.json(dict(codes)),
        "problems": dg.MetadataValue.md(
            "\n".join(
                f"- `{problem.path}` {problem.reason} (`{problem.reason_code}`)"
                for problem in report.problems[:_PROBLEMS_SHOWN]
            )
            or "none"
        ),
    }
    for name, count in counts.items():
        yield dg.MaterializeResult(asset_key=["raw", name], metadata={"dagster/row_count": count, **shared})
