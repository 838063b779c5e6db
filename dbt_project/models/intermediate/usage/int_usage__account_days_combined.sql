{#
    One row per account and day with events, or with events that were lost, up to the day asked about.
    Workspaces of no account are left out; int_usage__workspace_days_aggregated has them.

    A view: which account a workspace belongs to changes for all its past when accounts are merged or
    linked, so that a table would have to be written anew each day.
#}

with

workspace_days as (

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        event_count,
        active_user_count,
        late_event_count,
        first_event_at,
        last_event_at,
        last_file_id

    from {{ ref('int_usage__workspace_days_aggregated') }}

    where activity_date <= {{ as_of_date() }}

),

missed_days as (

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date

    from {{ ref('int_usage__workspace_days_missed') }}

),

account_links as (

    select
        source_system,
        source_instance,
        object_type,
        object_id,
        account_id

    from {{ ref('int_identity__account_links_matched') }}

    where account_id is not null

),

all_days as (

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        event_count,
        active_user_count,
        late_event_count,
        first_event_at,
        last_event_at,
        last_file_id,
        0 as is_missed

    from workspace_days

    union all

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        cast(null as bigint) as event_count,
        cast(null as bigint) as active_user_count,
        cast(null as bigint) as late_event_count,
        cast(null as timestamp) as first_event_at,
        cast(null as timestamp) as last_event_at,
        cast(null as integer) as last_file_id,
        1 as is_missed

    from missed_days

),

combined_days as (

    select
        account_links.account_id,
        all_days.activity_date,
        cast(count(all_days.event_count) as bigint) as workspace_count,
        cast(sum(all_days.is_missed) as bigint) as missed_workspace_count,
        cast(sum(all_days.event_count) as bigint) as event_count,
        cast(sum(all_days.active_user_count) as bigint) as active_user_count,
        cast(sum(all_days.late_event_count) as bigint) as late_event_count,
        min(all_days.first_event_at) as first_event_at,
        max(all_days.last_event_at) as last_event_at,
        max(all_days.last_file_id) as last_file_id

    from all_days

    -- Only what belongs to an account; a workspace has one link, so nothing is doubled.
    inner join account_links
        on
            all_days.source_system = account_links.source_system
            and all_days.source_instance = account_links.source_instance
            and all_days.workspace_object_type = account_links.object_type
            and all_days.workspace_object_id = account_links.object_id

    group by account_links.account_id, all_days.activity_date

)

select * from combined_days
