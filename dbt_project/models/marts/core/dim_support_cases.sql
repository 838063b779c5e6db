{# One row per support case of any help desk, as of the day, without what says something about a person. #}

with

cases as (

    select
        support_case_id,
        source_system,
        source_instance,
        source_case_id,
        source_case_number,
        account_id,
        account_link_rule,
        status,
        source_status,
        status_since_at,
        is_unsolved,
        priority,
        source_priority,
        severity,
        channel,
        case_type,
        assignee_id,
        created_at,
        created_date,
        first_reply_at,
        first_solved_at,
        solved_at,
        closed_at,
        deleted_at,
        reopen_count,
        first_reply_calendar_minutes,
        first_reply_business_minutes,
        first_resolution_calendar_minutes,
        first_resolution_business_minutes,
        full_resolution_calendar_minutes,
        full_resolution_business_minutes,
        satisfaction,
        rated_at,
        is_escalated,
        is_deleted,
        is_carried_back,
        state_basis

    from {{ ref('int_support__cases_conformed') }}

),

typed_cases as (

    select
        support_case_id,
        source_system,
        source_instance,
        source_case_id,
        source_case_number,
        account_id,
        account_link_rule,
        status,
        source_status,
        status_since_at,
        is_unsolved,
        priority,
        source_priority,
        severity,
        channel,
        case_type,
        assignee_id,
        created_at,
        created_date,
        first_reply_at,
        first_solved_at,
        solved_at,
        closed_at,
        deleted_at,
        cast(reopen_count as integer) as reopen_count,
        cast(first_reply_calendar_minutes as bigint) as first_reply_calendar_minutes,
        cast(first_reply_business_minutes as bigint) as first_reply_business_minutes,
        cast(first_resolution_calendar_minutes as bigint) as first_resolution_calendar_minutes,
        cast(first_resolution_business_minutes as bigint) as first_resolution_business_minutes,
        cast(full_resolution_calendar_minutes as bigint) as full_resolution_calendar_minutes,
        cast(full_resolution_business_minutes as bigint) as full_resolution_business_minutes,
        satisfaction,
        rated_at,
        is_escalated,
        is_deleted,
        is_carried_back,
        state_basis

    from cases

)

select * from typed_cases
