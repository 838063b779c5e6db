"""The load ledger as an asset: what became of every file that was ever delivered."""

import dagster as dg

from ingestion.contract import read_contracts
from ingestion.loader import load_landing
from orchestration.warehouse import POOL, load_run, writing
from revhouse.settings import read_settings

LEDGER_KEY = dg.AssetKey(["ledger", "files"])

_BY_TABLE = """
select
    source_system, source_instance, coalesce(table_name, 'not recognised') as table_name,
    count(*) filter (where status = 'loaded') as files_loaded,
    count(*) filter (where status = 'refused') as files_refused,
    coalesce(sum(rows_in), 0)::bigint as rows_read,
    coalesce(sum(rows_loaded), 0)::bigint as rows_loaded,
    coalesce(sum(rows_quarantined), 0)::bigint as rows_quarantined,
    coalesce(sum(rows_superseded), 0)::bigint as rows_superseded
from ledger.files
group by all
order by all
"""


def ledger_asset() -> dg.AssetsDefinition:
    contracts = read_contracts()

    @dg.asset(
        key=LEDGER_KEY,
        group_name="ledger",
        description=(
            "One row per file that was examined: its hash, what it was recognised as, and its rows in = loaded + "
            "quarantined + superseded. Beside it: ledger.quarantine with the rows set aside, ledger.schema_drift with "
            "changed columns."
        ),
        owners=["team:revenue_operations"],
        kinds={"duckdb", "table"},
        metadata={"dagster/table_name": "ledger.files"},
        deps=[dg.AssetKey(["raw", table.raw_name]) for contract in contracts.values() for table in contract.tables],
        pool=POOL,
    )
    def account_for_files(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        settings = read_settings()
        with writing(settings) as connection:
            # By now every recognised file is known; this pass notes what belongs to no system we know.
            load_landing(connection, settings.landing, contracts, load_run(context))
            query = connection.execute(_BY_TABLE)
            names = [column[0] for column in query.description or []]
            rows = query.fetchall()
        totals = {name: sum(row[place] for row in rows) for place, name in enumerate(names) if place > 2}
        return dg.MaterializeResult(
            metadata={
                **totals,
                "by_table": dg.MetadataValue.md(_as_markdown(names, rows)),
                "dagster/row_count": totals["files_loaded"] + totals["files_refused"],
            }
        )

    return account_for_files


def _as_markdown(names: list[str], rows: list[tuple[object, ...]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
