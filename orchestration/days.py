"""Which days there are to build, and which of them a run is asked for."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import dagster as dg

from revhouse.models import state_folder
from revhouse.settings import Settings
from revhouse.standing import read_standing


def business_days(settings: Settings) -> dg.DailyPartitionsDefinition:
    """A partition for each day of the business, up to today; up to the company's own day where that is set and later."""
    today = settings.today(datetime.now(UTC))
    ahead = max(0, (settings.effective_as_of(datetime.now(UTC)) - today).days)
    return dg.DailyPartitionsDefinition(
        start_date=settings.first_day.isoformat(), timezone=settings.timezone, end_offset=ahead + 1
    )


def asked_days(context: dg.AssetExecutionContext, settings: Settings) -> Sequence[date]:
    """The days of the run's partitions. A run without any repairs the day that the warehouse stands at."""
    if context.has_partition_key or context.has_partition_key_range:
        return [date.fromisoformat(key) for key in context.partition_keys]
    standing = read_standing(state_folder(settings))
    if standing:
        return [standing.day]
    return [settings.effective_as_of(datetime.now(UTC))]
