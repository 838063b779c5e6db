{#
    One row per account, feature and day on which it was used, up to the day asked about. Whether a day
    without a row was observed is told by fct_usage_account_days: a feature's export is the account's.
#}
{{ config(materialized='view') }}

with

workspace_feature_days as (

    select
        source_system,
        source_instance,
        workspace_object_type,
        workspace_object_id,
        activity_date,
        feature_name,
        event_count,
        active_user_count,
        late_event_count,
        first_event_at,
        last_event_at

    from {{ ref('int_usage__workspace_feature_days_aggregated') }}

    where activity_date <= {{ as_of_date() }}

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

combined_days as (

    select
        account_links.account_id,
        workspace_feature_days.activity_date,
        workspace_feature_days.feature_name,
        cast(sum(workspace_feature_days.event_count) as bigint) as event_count,
        cast(sum(workspace_feature_days.active_user_count) as bigint) as active_user_count,
        cast(sum(workspace_feature_days.late_event_count) as bigint) as late_event_count,
        min(workspace_feature_days.first_event_at) as first_event_at,
        max(workspace_feature_days.last_event_at) as last_event_at

    from workspace_feature_days

    -- Only what belongs to an account; a workspace has one link, so nothing is doubled.
    inner join account_links
        on
            workspace_feature_days.source_system = account_links.source_system
            and workspace_feature_days.source_instance = account_links.source_instance
            and workspace_feature_days.workspace_object_type = account_links.object_type
            and workspace_feature_days.workspace_object_id = account_links.object_id

    group by
        account_links.account_id,
        workspace_feature_days.activity_date,
        workspace_feature_days.feature_name

)

select * from combined_days
