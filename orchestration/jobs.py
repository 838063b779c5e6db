"""The jobs that a person, a schedule or a sensor starts."""

import dagster as dg

# The steps share one file and mostly wait for it: a process for each would only cost its start.
load_everything = dg.define_asset_job(
    "load_everything",
    selection=dg.AssetSelection.key_prefixes(["raw"], ["ledger"]),
    description="Load every new and changed export and InfoHub file. Harmless to repeat: what is known is not read again.",
    executor_def=dg.in_process_executor,
)

# Its partitions are those of the models that keep days.
daily = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all(),
    description=(
        "Load what is new, then build and test every model as of the partition's day. Several days are one run, which "
        "builds them in order. A run for past days ends by building again the day that the warehouse stood at."
    ),
    executor_def=dg.in_process_executor,
)
