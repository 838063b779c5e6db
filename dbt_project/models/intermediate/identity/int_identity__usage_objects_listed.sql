{{ config(materialized='table') }}
{# One row per group, or domain of users without a group, that a usage stream has events of, up to the day. #}

with

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

listed_objects as (

    -- The days have the same workspaces as the events, and are far fewer.
    select distinct
        source_system,
        source_instance,
        workspace_object_type as object_type,
        workspace_object_id as object_id

    from workspace_days

    where workspace_object_type <> 'unattributed'

)

select * from listed_objects
