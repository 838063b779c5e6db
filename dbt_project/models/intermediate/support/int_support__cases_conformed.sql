{# One row per support case of any help desk, as of the day. #}

{{ config(materialized='table') }}

with

desk_cases as (

    select
        support_case_id,
        source_system,
        source_instance,
        source_case_id,
        source_case_number,
        organization_object_type,
        organization_object_id,
        subject,
        description,
        channel,
        case_type,
        requester_id,
        requester_name,
        requester_email,
        tags,
        is_marked_escalated,
        source_rating,
        has_dated_rating,
        rated_at,
        satisfaction_comment,
        first_reply_business_minutes,
        first_resolution_business_minutes,
        full_resolution_business_minutes,
        counted_reopens,
        created_at,
        is_later_version,
        file_id

    from {{ ref('int_support__desk_cases_unioned') }}

),

exports as (

    select
        support_case_id,
        created_at,
        first_reply_at,
        first_reply_calendar_minutes

    from {{ ref('int_support__case_exports_unioned') }}

),

versions as (

    select
        support_case_id,
        valid_from_at,
        valid_to_at,
        status,
        source_status,
        priority,
        source_priority,
        assignee_id,
        reopen_count,
        is_unsolved,
        is_status_change,
        is_solving,
        state_basis,
        created_at

    from {{ ref('int_support__case_versions_reconstructed') }}

),

account_links as (

    select
        source_system,
        source_instance,
        object_type,
        object_id,
        account_id,
        match_rule

    from {{ ref('int_identity__account_links_matched') }}

),

severities as (

    select
        source_system,
        source_priority,
        severity

    from {{ ref('support_priorities') }}

),

ratings as (

    select
        source_system,
        source_rating,
        satisfaction

    from {{ ref('support_ratings') }}

),

escalation_tags as (

    select
        source_system,
        tag

    from {{ ref('support_escalation_tags') }}

),

escalated_cases as (

    select distinct desk_cases.support_case_id

    from desk_cases

    inner join escalation_tags
        on
            desk_cases.source_system = escalation_tags.source_system
            and (
                lower(desk_cases.tags) like '%"' || escalation_tags.tag || '"%'
                or ',' || replace(lower(desk_cases.tags), ', ', ',') || ','
                like '%,' || escalation_tags.tag || ',%'
            )

),

reply_moments as (

    select
        support_case_id,
        coalesce(first_reply_at, {{ add_minutes('created_at', 'first_reply_calendar_minutes') }})
            as first_reply_at

    from exports

),

replies as (

    select
        support_case_id,
        min(case when first_reply_at < {{ as_of_end() }} then first_reply_at end) as first_reply_at

    from reply_moments

    group by support_case_id

),

outcomes as (

    select
        support_case_id,
        min(case when is_solving then valid_from_at end) as first_solved_at,
        max(case when is_solving then valid_from_at end) as last_solved_at,
        max(case when is_status_change and status = 'closed' then valid_from_at end) as last_closed_at,
        max(case when is_status_change and status = 'deleted' then valid_from_at end) as last_deleted_at,
        max(case when is_status_change then valid_from_at end) as status_since_at

    from versions

    group by support_case_id

),

states as (

    select *

    from versions

    where valid_to_at is null

),

conformed_cases as (

    select
        desk_cases.support_case_id,
        desk_cases.source_system,
        desk_cases.source_instance,
        desk_cases.source_case_id,
        desk_cases.source_case_number,
        account_links.account_id,
        account_links.match_rule as account_link_rule,
        case when desk_cases.organization_object_id is not null then desk_cases.organization_object_type end
            as organization_object_type,
        desk_cases.organization_object_id,
        desk_cases.subject,
        desk_cases.description,
        states.status,
        states.source_status,
        outcomes.status_since_at,
        states.priority,
        states.source_priority,
        severities.severity,
        desk_cases.channel,
        desk_cases.case_type,
        desk_cases.requester_id,
        desk_cases.requester_name,
        desk_cases.requester_email,
        states.assignee_id,
        desk_cases.tags,
        desk_cases.created_at,
        {{ business_date('desk_cases.created_at') }} as created_date,
        replies.first_reply_at,
        outcomes.first_solved_at,
        case when states.status in ('solved', 'closed') then outcomes.last_solved_at end as solved_at,
        case when states.status = 'closed' then outcomes.last_closed_at end as closed_at,
        case when states.status = 'deleted' then outcomes.last_deleted_at end as deleted_at,
        -- a desk without a history counts more than its exports show
        greatest(
            states.reopen_count,
            coalesce(case when not desk_cases.is_later_version then desk_cases.counted_reopens end, 0)
        ) as reopen_count,
        cast(
            floor({{ seconds_between('desk_cases.created_at', 'replies.first_reply_at') }} / 60.0) as bigint
        ) as first_reply_calendar_minutes,
        case when not desk_cases.is_later_version then desk_cases.first_reply_business_minutes end
            as first_reply_business_minutes,
        cast(
            floor({{ seconds_between('desk_cases.created_at', 'outcomes.first_solved_at') }} / 60.0) as bigint
        ) as first_resolution_calendar_minutes,
        case when not desk_cases.is_later_version then desk_cases.first_resolution_business_minutes end
            as first_resolution_business_minutes,
        case
            when states.status in ('solved', 'closed')
                then cast(
                    floor({{ seconds_between('desk_cases.created_at', 'outcomes.last_solved_at') }} / 60.0)
                    as bigint
                )
        end as full_resolution_calendar_minutes,
        case
            when states.status in ('solved', 'closed') and not desk_cases.is_later_version
                then desk_cases.full_resolution_business_minutes
        end as full_resolution_business_minutes,
        case
            when desk_cases.rated_at >= {{ as_of_end() }} then null
            when desk_cases.has_dated_rating or not desk_cases.is_later_version then ratings.satisfaction
        end as satisfaction,
        case
            when desk_cases.rated_at >= {{ as_of_end() }} then null
            when desk_cases.has_dated_rating or not desk_cases.is_later_version
                then desk_cases.source_rating
        end as source_rating,
        case when desk_cases.rated_at < {{ as_of_end() }} then desk_cases.rated_at end as rated_at,
        case when desk_cases.rated_at < {{ as_of_end() }} then desk_cases.satisfaction_comment end
            as satisfaction_comment,
        states.is_unsolved,
        case
            -- what only a version from after the day says of tags, ratings and counts may be newer
            when not desk_cases.is_later_version
                then
                    escalated_cases.support_case_id is not null
                    or coalesce(desk_cases.is_marked_escalated, false)
        end as is_escalated,
        coalesce(states.status = 'deleted', false) as is_deleted,
        desk_cases.is_later_version as is_carried_back,
        states.state_basis,
        desk_cases.file_id

    from desk_cases

    inner join states
        on desk_cases.support_case_id = states.support_case_id

    inner join outcomes
        on desk_cases.support_case_id = outcomes.support_case_id

    inner join replies
        on desk_cases.support_case_id = replies.support_case_id

    left join escalated_cases
        on desk_cases.support_case_id = escalated_cases.support_case_id

    left join severities
        on
            desk_cases.source_system = severities.source_system
            and states.source_priority = severities.source_priority

    left join ratings
        on
            desk_cases.source_system = ratings.source_system
            and desk_cases.source_rating = ratings.source_rating

    left join account_links
        on
            desk_cases.source_system = account_links.source_system
            and desk_cases.source_instance = account_links.source_instance
            and desk_cases.organization_object_type = account_links.object_type
            and desk_cases.organization_object_id = account_links.object_id

)

select * from conformed_cases
