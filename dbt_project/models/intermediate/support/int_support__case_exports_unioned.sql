{#
    One row per version of a support case that an export held by the day, with the moments that the version tells.

    A case whose oldest version was written after the day is here with that version: it existed, and nothing else tells of it.
#}

{{ config(materialized='table') }}

with

zendesk_tickets as (

    select
        source_system,
        source_instance,
        ticket_id as source_case_id,
        cast(null as string) as source_case_number,
        lower(trim(ticket_status)) as source_status,
        cast(null as string) as source_status_category,
        lower(trim(priority)) as source_priority,
        assignee_id,
        false as is_deleted,
        cast(null as timestamp) as first_reply_at,
        first_reply_calendar_minutes,
        cast(null as timestamp) as pending_since_at,
        cast(null as timestamp) as reopened_at,
        cast(null as timestamp) as first_closed_at,
        solved_at,
        cast(null as timestamp) as closed_at,
        coalesce(created_at, updated_at) as created_at,
        coalesce(updated_at, created_at) as updated_at,
        cast(null as timestamp) as status_updated_at,
        file_id,
        true as has_state

    from {{ ref('stg_versions__zendesk_tickets') }}

),

zendesk_metrics as (

    -- metrics say when, and leave the state to the ticket
    select
        source_system,
        source_instance,
        ticket_id as source_case_id,
        cast(null as string) as source_case_number,
        cast(null as string) as source_status,
        cast(null as string) as source_status_category,
        cast(null as string) as source_priority,
        cast(null as string) as assignee_id,
        false as is_deleted,
        cast(null as timestamp) as first_reply_at,
        first_reply_calendar_minutes,
        cast(null as timestamp) as pending_since_at,
        cast(null as timestamp) as reopened_at,
        cast(null as timestamp) as first_closed_at,
        solved_at,
        cast(null as timestamp) as closed_at,
        coalesce(created_at, updated_at) as created_at,
        coalesce(updated_at, created_at) as updated_at,
        cast(null as timestamp) as status_updated_at,
        file_id,
        false as has_state

    from {{ ref('stg_versions__zendesk_ticket_metrics') }}

),

jira_issues as (

    select
        source_system,
        source_instance,
        issue_id as source_case_id,
        issue_key as source_case_number,
        lower(trim(issue_status)) as source_status,
        lower(trim(status_category)) as source_status_category,
        lower(trim(priority)) as source_priority,
        assignee_id,
        false as is_deleted,
        cast(null as timestamp) as first_reply_at,
        cast(null as bigint) as first_reply_calendar_minutes,
        cast(null as timestamp) as pending_since_at,
        cast(null as timestamp) as reopened_at,
        cast(null as timestamp) as first_closed_at,
        resolved_at as solved_at,
        cast(null as timestamp) as closed_at,
        coalesce(created_at, updated_at) as created_at,
        coalesce(updated_at, created_at) as updated_at,
        cast(null as timestamp) as status_updated_at,
        file_id,
        true as has_state

    from {{ ref('stg_versions__jira_service_management_issues') }}

),

freshdesk_tickets as (

    select
        source_system,
        source_instance,
        ticket_id as source_case_id,
        cast(null as string) as source_case_number,
        lower(trim(ticket_status)) as source_status,
        cast(null as string) as source_status_category,
        lower(trim(priority)) as source_priority,
        assignee_id,
        coalesce(is_deleted, false) as is_deleted,
        first_responded_at as first_reply_at,
        cast(null as bigint) as first_reply_calendar_minutes,
        pending_since_at,
        reopened_at,
        cast(null as timestamp) as first_closed_at,
        resolved_at as solved_at,
        closed_at,
        coalesce(created_at, updated_at) as created_at,
        coalesce(updated_at, created_at) as updated_at,
        status_updated_at,
        file_id,
        true as has_state

    from {{ ref('stg_versions__freshdesk_tickets') }}

),

intercom_conversations as (

    select
        source_system,
        source_instance,
        conversation_id as source_case_id,
        cast(null as string) as source_case_number,
        lower(trim(conversation_status)) as source_status,
        cast(null as string) as source_status_category,
        lower(trim(priority)) as source_priority,
        -- the vendor writes 0 for nobody
        nullif(assignee_id, '0') as assignee_id,
        false as is_deleted,
        first_admin_reply_at as first_reply_at,
        cast(null as bigint) as first_reply_calendar_minutes,
        cast(null as timestamp) as pending_since_at,
        cast(null as timestamp) as reopened_at,
        first_close_at as first_closed_at,
        cast(null as timestamp) as solved_at,
        last_close_at as closed_at,
        coalesce(created_at, updated_at) as created_at,
        coalesce(updated_at, created_at) as updated_at,
        cast(null as timestamp) as status_updated_at,
        file_id,
        true as has_state

    from {{ ref('stg_versions__intercom_conversations') }}

),

unioned_exports as (

    select * from zendesk_tickets
    union all
    select * from zendesk_metrics
    union all
    select * from jira_issues
    union all
    select * from freshdesk_tickets
    union all
    select * from intercom_conversations

),

numbered_exports as (

    select
        *,
        row_number() over (
            partition by source_system, source_instance, source_case_id
            order by updated_at asc nulls first, file_id asc nulls last, has_state asc nulls last
        ) as version_number,
        row_number() over (
            partition by source_system, source_instance, source_case_id, has_state
            order by updated_at asc nulls first, file_id asc nulls last
        ) as number_of_its_kind

    from unioned_exports

),

exports_of_the_day as (

    select
        {{ conformed_id('source_system', 'source_instance', 'source_case_id') }} as support_case_id,
        *

    from numbered_exports

    where
        created_at < {{ as_of_end() }}
        and (
            updated_at < {{ as_of_end() }}
            or (has_state and number_of_its_kind = 1)
        )

)

select * from exports_of_the_day
