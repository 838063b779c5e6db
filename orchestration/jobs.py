"""The jobs that a person, a schedule or a sensor starts."""

import dagster as dg

load_everything = dg.define_asset_job(
    "load_everything",
    selection=dg.AssetSelection.key_prefixes(["raw"], ["ledger"]),
    description="Load every new and changed export and InfoHub file. Harmless to repeat: what is known is not read again.",
    # The steps share one file and mostly wait for it: a process for each would only cost its start.
    executor_def=dg.in_process_executor,
)

daily = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all(),
    description=(
        "Load what is new, then build and test every model as of the day of the partition. A range of days is one run "
        "that builds them in order and then returns to the day the warehouse stood at."
    ),
    executor_def=dg.in_process_executor,
)
