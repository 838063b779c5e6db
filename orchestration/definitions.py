"""What Dagster loads: the parts put together. What each part is lives in the module it comes from."""

import dagster as dg

from orchestration.days import business_days
from orchestration.dbt_models import model_assets
from orchestration.expectations import expectation_checks
from orchestration.infohub import infohub_assets, infohub_folder
from orchestration.jobs import daily, load_everything
from orchestration.ledger import ledger_asset
from orchestration.raw_tables import raw_table_assets
from orchestration.schedules import morning_schedule
from orchestration.sensors import new_files
from orchestration.warehouse import live_settings


@dg.definitions
def defs() -> dg.Definitions:
    settings = live_settings()
    models = model_assets(settings, business_days(settings))
    return dg.Definitions(
        assets=[
            *raw_table_assets(),
            infohub_folder,
            infohub_assets,
            ledger_asset(),
            models,
        ],
        asset_checks=expectation_checks(models),
        jobs=[load_everything, daily],
        schedules=[morning_schedule(settings)],
        sensors=[new_files],
    )
