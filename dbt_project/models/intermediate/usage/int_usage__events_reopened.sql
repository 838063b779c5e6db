{#
    One row per event that this run has to count: the events of reopened workspaces and days, and all of
    the days that were not asked about before, whichever file brought them. Empty where the counts are
    made from the beginning.
#}
{{ config(materialized='table') }}

{% set progress = usage_progress() %}
{% set ranges = usage_reopened_ranges(progress, ref('int_usage__workspace_days_reopened')) %}

with

events as (

    select
        source_system,
        source_instance,
        event_id,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        user_key,
        feature_name,
        occurred_at,
        is_ahead_of_clock,
        is_late,
        file_id

    from {{ ref('int_usage__events_unioned') }}

),

reopened_days as (

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date

    from {{ ref('int_usage__workspace_days_reopened') }}

),

-- The days are written out for the scan: what a join says comes too late for it.
events_of_known_days as (

    select *

    from events

    {% if ranges %}
    where
    {%- for first_day, day_after in ranges %}
        {{ 'or ' if not loop.first }}(
            occurred_at >= {{ first_moment_of(first_day) }}
            and occurred_at < {{ first_moment_of(day_after) }}
        )
        {%- endfor %}
    {% else %}
    where 1 = 0
    {% endif %}

),

events_of_new_days as (

    select *

    from events

    {% if progress %}
    where
        occurred_at >= {{ first_moment_of(usage_day_after(progress.day)) }}
        and occurred_at < {{ first_moment_of(usage_day_after(progress.reach)) }}
    {% else %}
    where 1 = 0
    {% endif %}

),

reopened_events as (

    select events_of_known_days.*

    from events_of_known_days

    -- Drops what nobody asked to count again; a day is reopened once, so nothing is doubled.
    inner join reopened_days
        on
            events_of_known_days.source_system = reopened_days.source_system
            and events_of_known_days.source_instance = reopened_days.source_instance
            and events_of_known_days.workspace_object_type = reopened_days.workspace_object_type
            and events_of_known_days.workspace_object_id = reopened_days.workspace_object_id
            and events_of_known_days.activity_date = reopened_days.activity_date

    union all

    select * from events_of_new_days

)

select * from reopened_events
