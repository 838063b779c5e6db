{# One row per workspace and day with events, up to the day asked about. #}
{{
    config(
        materialized=usage_materialization(),
        incremental_strategy='delete+insert',
        unique_key=usage_workspace_key(),
        on_schema_change='fail',
        post_hook="{% if target.type == 'duckdb' %}delete from {{ this }} where event_count = 0{% endif %}",
    )
}}

-- Restated days are found by comparing with what this table held, so that comes first.
-- depends_on: {{ ref('int_usage__workspace_days_restated') }}
-- depends_on: {{ ref('int_usage__events_unioned') }}
-- depends_on: {{ ref('int_usage__events_reopened') }}

{% if is_incremental() and usage_progress() %}
{% set events = ref('int_usage__events_reopened') %}
{% set slices = ['1 = 1'] %}
{% else %}
{% set events = ref('int_usage__events_unioned') %}
{% set slices = usage_slices(events) %}
{% endif %}

with

{% for slice in slices -%}

events_{{ loop.index }} as (

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        user_key,
        occurred_at,
        is_ahead_of_clock,
        is_late,
        file_id

    from {{ events }}

    where {{ slice }}

),

-- Users first, days afterwards: counting distinct users in one step keeps a set of them for every day in
-- memory.
counted_users_{{ loop.index }} as (

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        user_key,
        count(*) as event_count,
        count(case when is_late then 1 end) as late_event_count,
        count(case when is_ahead_of_clock then 1 end) as ahead_of_clock_event_count,
        min(occurred_at) as first_event_at,
        max(occurred_at) as last_event_at,
        max(file_id) as last_file_id

    from events_{{ loop.index }}

    group by
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        user_key

),

counted_days_{{ loop.index }} as (

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        cast(sum(event_count) as bigint) as event_count,
        cast(count(user_key) as bigint) as active_user_count,
        cast(sum(late_event_count) as bigint) as late_event_count,
        cast(sum(ahead_of_clock_event_count) as bigint) as ahead_of_clock_event_count,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at,
        max(last_file_id) as last_file_id

    from counted_users_{{ loop.index }}

    group by
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date

),

{% endfor -%}

counted_days as (

    {% for slice in slices %}
    select * from counted_days_{{ loop.index }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

reopened_days as (

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        changed_by_file_id

    from {{ ref('int_usage__workspace_days_reopened') }}

),

-- A day that lost its last event has to be told so, to be taken out: what is not here is left as
-- it was. Where everything is counted from the beginning, no day is reopened.
emptied_days as (

    select
        reopened_days.source_system,
        reopened_days.source_instance,
        reopened_days.workspace_object_type,
        reopened_days.workspace_object_id,
        reopened_days.activity_date,
        cast(0 as bigint) as event_count,
        cast(0 as bigint) as active_user_count,
        cast(0 as bigint) as late_event_count,
        cast(0 as bigint) as ahead_of_clock_event_count,
        cast(null as timestamp) as first_event_at,
        cast(null as timestamp) as last_event_at,
        reopened_days.changed_by_file_id as last_file_id

    from reopened_days

    left join counted_days
        on
            reopened_days.source_system = counted_days.source_system
            and reopened_days.source_instance = counted_days.source_instance
            and reopened_days.workspace_object_type = counted_days.workspace_object_type
            and reopened_days.workspace_object_id = counted_days.workspace_object_id
            and reopened_days.activity_date = counted_days.activity_date

    where counted_days.activity_date is null

),

all_days as (

    select * from counted_days
    union all
    select * from emptied_days

)

select * from all_days
