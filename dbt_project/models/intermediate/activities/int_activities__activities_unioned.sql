{# One row per task or calendar event of the CRM that existed on the day, in one shape. #}

with

tasks as (

    select
        source_system,
        source_instance,
        task_id,
        who_id,
        what_id,
        account_id,
        owner_id,
        subject,
        task_type,
        task_subtype,
        call_type,
        call_duration_seconds,
        task_status,
        priority,
        is_closed,
        is_archived,
        is_deleted,
        due_date,
        completed_at,
        created_at,
        is_later_version,
        file_id

    from {{ ref('stg_salesforce__tasks') }}

),

events as (

    select
        source_system,
        source_instance,
        event_id,
        who_id,
        what_id,
        account_id,
        owner_id,
        subject,
        event_type,
        event_subtype,
        duration_minutes,
        is_archived,
        is_deleted,
        activity_date,
        activity_at,
        starts_at,
        created_at,
        is_later_version,
        file_id

    from {{ ref('stg_salesforce__events') }}

),

shaped_tasks as (

    select
        source_system,
        source_instance,
        'task' as source_object,
        task_id as source_activity_id,
        who_id,
        what_id,
        account_id,
        owner_id,
        subject,
        -- the subtype of whatever is logged by hand is Task: then the type says more
        case
            when lower(task_subtype) = 'task' then lower(coalesce(task_type, task_subtype))
            else lower(coalesce(task_subtype, task_type, 'other'))
        end as source_kind,
        case when lower(call_type) in ('inbound', 'outbound', 'internal') then lower(call_type) end
            as direction,
        cast(call_duration_seconds as bigint) as duration_seconds,
        task_status as source_status,
        lower(priority) as priority,
        due_date,
        case
            when completed_at < {{ as_of_end() }} then true
            when completed_at is not null then false
            -- what only a later version says may have happened later
            when not is_later_version then coalesce(is_closed, false)
        end as is_completed,
        case when completed_at < {{ as_of_end() }} then completed_at end as activity_at,
        case
            when completed_at < {{ as_of_end() }} then {{ business_date('completed_at') }}
            when completed_at is null and not is_later_version and coalesce(is_closed, false) then due_date
        end as activity_date,
        case
            when completed_at < {{ as_of_end() }} then 'completed'
            when completed_at is null and not is_later_version and coalesce(is_closed, false) then 'due'
            else 'open'
        end as moment_rule,
        coalesce(is_archived, false) as is_archived,
        coalesce(is_deleted and not is_later_version, false) as is_deleted,
        is_later_version as is_carried_back,
        created_at,
        file_id

    from tasks

),

shaped_events as (

    select
        source_system,
        source_instance,
        'event' as source_object,
        event_id as source_activity_id,
        who_id,
        what_id,
        account_id,
        owner_id,
        subject,
        case
            when lower(event_subtype) = 'event' then lower(coalesce(event_type, event_subtype))
            else lower(coalesce(event_subtype, event_type, 'other'))
        end as source_kind,
        cast(null as string) as direction,
        cast(duration_minutes as bigint) * 60 as duration_seconds,
        cast(null as string) as source_status,
        cast(null as string) as priority,
        cast(null as date) as due_date,
        coalesce(
            coalesce(starts_at, activity_at) < {{ as_of_end() }}, activity_date <= {{ as_of_date() }}
        ) as is_completed,
        coalesce(starts_at, activity_at) as activity_at,
        -- an event of a whole day has a day and no moment
        coalesce({{ business_date('coalesce(starts_at, activity_at)') }}, activity_date) as activity_date,
        case when coalesce(starts_at, activity_at) is null then 'whole_day' else 'started' end as moment_rule,
        coalesce(is_archived, false) as is_archived,
        coalesce(is_deleted and not is_later_version, false) as is_deleted,
        is_later_version as is_carried_back,
        created_at,
        file_id

    from events

),

unioned_activities as (

    select * from shaped_tasks
    union all
    select * from shaped_events

),

existing_activities as (

    select
        {{ conformed_id('source_system', 'source_instance', 'source_activity_id') }} as activity_id,
        *

    from unioned_activities

    where coalesce(created_at < {{ as_of_end() }}, true)

)

select * from existing_activities
