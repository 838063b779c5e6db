{#
    One row per workspace and day on which its stream of events was not exported although the workspace
    was in use before. What the workspace did on such a day is not known, even where late events tell a
    part of it.
#}
{{ config(materialized='table') }}

with

missing_days as (

    select
        source_system,
        source_instance,
        activity_date,
        last_prompt_date

    from {{ ref('int_usage__source_days_observed') }}

    where state_basis = 'missing'

),

gaps as (

    select distinct
        source_system,
        source_instance,
        last_prompt_date

    from missing_days

),

workspace_days as (

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date

    from {{ ref('int_usage__workspace_days_aggregated') }}

    where activity_date <= {{ as_of_date() }}

),

-- Who used the product before the gap counts; what came after it may lie beyond the day asked about.
used_workspaces as (

    select distinct
        gaps.source_system,
        gaps.source_instance,
        gaps.last_prompt_date,
        workspace_days.workspace_object_type,
        workspace_days.workspace_object_id

    from gaps

    inner join workspace_days
        on
            gaps.source_system = workspace_days.source_system
            and gaps.source_instance = workspace_days.source_instance
            and gaps.last_prompt_date >= workspace_days.activity_date

    where
        {{ days_between('workspace_days.activity_date', 'gaps.last_prompt_date') }}
        < {{ usage_threshold('workspace_memory') }}

),

missed_days as (

    select
        missing_days.source_system,
        missing_days.source_instance,
        used_workspaces.workspace_object_type,
        used_workspaces.workspace_object_id,
        missing_days.activity_date,
        missing_days.last_prompt_date

    from missing_days

    inner join used_workspaces
        on
            missing_days.source_system = used_workspaces.source_system
            and missing_days.source_instance = used_workspaces.source_instance
            and missing_days.last_prompt_date = used_workspaces.last_prompt_date

)

select * from missed_days
