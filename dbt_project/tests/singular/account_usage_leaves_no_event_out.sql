{#
    Each event of a workspace counts for its account, or for none if the workspace has none, by day and by
    feature and day alike: of what is stored on all days, of the views for accounts in the last five weeks.
    A failing row is a day on which the counts differ.
#}
{%- set views_from = as_of_date() ~ ' - interval 35 day' %}

with

workspace_days as (

    select
        workspace_days.activity_date,
        sum(workspace_days.event_count) as event_count,
        sum(case when account_links.account_id is not null then workspace_days.event_count else 0 end)
            as linked_event_count

    from {{ ref('int_usage__workspace_days_aggregated') }} as workspace_days

    left join {{ ref('int_identity__account_links_matched') }} as account_links
        on
            workspace_days.source_system = account_links.source_system
            and workspace_days.source_instance = account_links.source_instance
            and workspace_days.workspace_object_type = account_links.object_type
            and workspace_days.workspace_object_id = account_links.object_id

    where workspace_days.activity_date <= {{ as_of_date() }}

    group by workspace_days.activity_date

),

feature_days as (

    select
        activity_date,
        sum(event_count) as event_count

    from {{ ref('int_usage__workspace_feature_days_aggregated') }}

    where activity_date <= {{ as_of_date() }}

    group by activity_date

),

account_days as (

    select
        activity_date,
        coalesce(sum(event_count), 0) as event_count

    from {{ ref('fct_usage_account_days') }}

    where activity_date >= {{ views_from }}

    group by activity_date

),

account_feature_days as (

    select
        activity_date,
        sum(event_count) as event_count

    from {{ ref('fct_usage_account_feature_days') }}

    where activity_date >= {{ views_from }}

    group by activity_date

),

compared_days as (

    select
        workspace_days.activity_date,
        workspace_days.event_count,
        feature_days.event_count as feature_event_count,
        workspace_days.linked_event_count,
        coalesce(account_days.event_count, 0) as account_event_count,
        coalesce(account_feature_days.event_count, 0) as account_feature_event_count

    from workspace_days

    full outer join feature_days
        on workspace_days.activity_date = feature_days.activity_date

    left join account_days
        on workspace_days.activity_date = account_days.activity_date

    left join account_feature_days
        on workspace_days.activity_date = account_feature_days.activity_date

)

select * from compared_days
where
    event_count is distinct from feature_event_count
    or (
        activity_date >= {{ views_from }}
        and (
            linked_event_count is distinct from account_event_count
            or linked_event_count is distinct from account_feature_event_count
        )
    )
