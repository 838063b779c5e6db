"""The jobs that a person, a schedule or a sensor starts."""

import dagster as dg

load_everything = dg.define_asset_job(
    "load_everything",
    selection=dg.AssetSelection.key_prefixes(["raw"], ["ledger"]),
    description="Load every new and changed export and InfoHub file. Harmless to repeat: what is known is not read again.",
    # The steps share one file and mostly wait for it: a process for each would only cost its start.
    executor_def=dg.in_process_executor,
)
