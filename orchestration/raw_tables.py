"""One asset per raw table, made from the contracts, and the exports they are loaded from.

An asset's key is ["raw", "<system>__<entities>"], which is also the key of the dbt source of that name.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

import dagster as dg

from ingestion.casting import SQL_TYPES
from ingestion.contract import Contract, TableContract, read_contracts
from ingestion.ledger import FileOutcome
from ingestion.loader import load_landing
from orchestration.ledger import LEDGER_KEY
from orchestration.warehouse import POOL, load_run, writing
from revhouse.settings import read_settings

_REFUSED_SHOWN = 20


def raw_table_assets() -> list[dg.AssetsDefinition | dg.AssetSpec]:
    assets: list[dg.AssetsDefinition | dg.AssetSpec] = []
    for contract in read_contracts().values():
        assets += [_exports(contract), _loading(contract)]
    return assets


def _exports(contract: Contract) -> dg.AssetSpec:
    """The files a system delivers: not made here, but where every lineage begins."""
    return dg.AssetSpec(
        key=["landing", contract.system],
        group_name=contract.system,
        description=f"Exports of {contract.title} in the landing folder. {contract.description}",
        owners=[f"team:{contract.owner}"],
        kinds={"file"},
    )


def _loading(contract: Contract) -> dg.AssetsDefinition:
    tables = {table.raw_name: table for table in contract.tables}

    @dg.multi_asset(
        name=f"load_{contract.system}",
        description=f"Loads new and changed exports of {contract.title}.",
        specs=[_raw_table(table, contract) for table in contract.tables],
        can_subset=True,
        pool=POOL,
    )
    def load(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        settings = read_settings()
        wanted = {key.path[-1] for key in context.selected_asset_keys}
        with writing(settings) as connection:
            report = load_landing(
                connection, settings.landing, {contract.system: contract}, load_run(context), only=wanted
            )
            counts = {
                name: connection.execute(f'select count(*) from raw."{name}"').fetchall()[0][0]
                for name in sorted(wanted)
            }
        for name, count in counts.items():
            outcomes = [file for file in report.files if file.table_name == name]
            for file in outcomes:
                if file.status == "refused":
                    context.log.warning("refused %s: %s", file.path, file.reason)
            yield dg.MaterializeResult(
                asset_key=["raw", name],
                metadata=_what_was_loaded(outcomes, count, tables[name]),
                data_version=dg.DataVersion(_last_file(outcomes)),
            )

    return load


def _raw_table(table: TableContract, contract: Contract) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=["raw", table.raw_name],
        deps=[dg.AssetKey(["landing", contract.system])],
        group_name=contract.system,
        description=table.description,
        owners=[f"team:{contract.owner}"],
        kinds={"duckdb", "table"},
        metadata={
            "dagster/table_name": f"raw.{table.raw_name}",
            "dagster/column_schema": dg.TableSchema(
                columns=[
                    dg.TableColumn(
                        name=column.name,
                        type=SQL_TYPES[column.type],
                        description=column.description,
                        constraints=dg.TableColumnConstraints(nullable=not column.required),
                        tags={"personal": ""} if column.personal else {},
                    )
                    for column in table.columns
                ]
            ),
            "key": ", ".join(table.key),
            "modification_stamp": table.stamp or "none: the latest delivery counts",
            "delivery": table.delivery,
            "contract_version": table.version,
        },
    )


def _what_was_loaded(outcomes: Iterable[FileOutcome], count: int, table: TableContract) -> dict[str, dg.MetadataValue]:
    outcomes = list(outcomes)
    refused = [file for file in outcomes if file.status == "refused"]
    reasons: Counter[str] = Counter()
    for file in outcomes:
        reasons.update(file.quarantine_reasons)
    metadata: dict[str, dg.MetadataValue] = {
        "dagster/row_count": dg.MetadataValue.int(count),
        "files_loaded": dg.MetadataValue.int(sum(file.status == "loaded" for file in outcomes)),
        "files_unchanged": dg.MetadataValue.int(sum(file.status == "unchanged" for file in outcomes)),
        "files_refused": dg.MetadataValue.int(len(refused)),
        "rows_read": dg.MetadataValue.int(sum(file.rows_in for file in outcomes)),
        "rows_loaded": dg.MetadataValue.int(sum(file.rows_loaded for file in outcomes)),
        "rows_quarantined": dg.MetadataValue.int(sum(file.rows_quarantined for file in outcomes)),
        "rows_superseded": dg.MetadataValue.int(sum(file.rows_superseded for file in outcomes)),
        "ledger": dg.MetadataValue.asset(LEDGER_KEY),
        "ledger_query": dg.MetadataValue.text(f"select * from ledger.files where table_name = '{table.raw_name}'"),
    }
    if reasons:
        metadata["quarantine_reasons"] = dg.MetadataValue.md(
            "\n".join(f"- {count:,} × `{code}`" for code, count in reasons.most_common())
        )
    if refused:
        metadata["refused"] = dg.MetadataValue.md(
            "\n".join(f"- `{file.path}` {file.reason} (`{file.reason_code}`)" for file in refused[:_REFUSED_SHOWN])
        )
    drift = [f"- `{file.path}`: {change}" for file in outcomes for change in file.drift]
    if drift:
        metadata["schema_drift"] = dg.MetadataValue.md("\n".join(drift[:_REFUSED_SHOWN]))
    return metadata


def _last_file(outcomes: Iterable[FileOutcome]) -> str:
    """What the table holds follows from the newest file that went into it."""
    return str(max((file.file_id or 0 for file in outcomes if file.status != "refused"), default=0))
