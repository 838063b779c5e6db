"""What starts a run because time has passed: a day of the business that is over is built."""

from datetime import timedelta

import dagster as dg

from orchestration.jobs import daily
from orchestration.sensors import fingerprint
from revhouse.settings import Settings, read_settings


def morning_schedule(settings: Settings) -> dg.ScheduleDefinition:
    @dg.schedule(
        job=daily,
        cron_schedule="0 6 * * *",
        execution_timezone=settings.timezone,
        # On unless somebody switches it off: a warehouse that stands still because nobody switched it on looks like one
        # in which nothing happens.
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Builds yesterday, in the business's time zone. Rests where the day that counts as today is a fixed one.",
    )
    def every_morning(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        settings = read_settings()
        now = context.scheduled_execution_time
        today = settings.today(now)
        if (fixed := settings.effective_as_of(now)) != today:
            return dg.SkipReason(
                f"the day that counts as today is {fixed}, as REVHOUSE_AS_OF or the sample company says, whatever the "
                "calendar does: start the job `daily` for the day you want to see"
            )
        if fingerprint([settings.landing, settings.infohub]) is None:
            return dg.SkipReason(f"nothing has landed in {settings.landing} or {settings.infohub} yet")
        yesterday = (today - timedelta(days=1)).isoformat()
        return dg.RunRequest(run_key=yesterday, partition_key=yesterday)

    return every_morning
