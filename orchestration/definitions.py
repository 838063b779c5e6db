"""What Dagster loads: the parts put together. What each part is lives in the module it comes from."""

import dagster as dg

from orchestration.dbt_models import model_assets
from orchestration.infohub import infohub_assets, infohub_folder
from orchestration.jobs import daily, load_everything
from orchestration.ledger import ledger_asset
from orchestration.raw_tables import raw_table_assets
from orchestration.sensors import new_files


@dg.definitions
def defs() -> dg.Definitions:
    return dg.Definitions(
        assets=[*raw_table_assets(), infohub_folder, infohub_assets, ledger_asset(), model_assets()],
        jobs=[load_everything, daily],
        sensors=[new_files],
    )
