{#
    One row per piece of evidence of what a support case's status, priority or assignee became, and when, up to the day.

    Four kinds: created (how it began), stamped (a moment that the case itself carries), logged (an entry of the desk's
    history) and exported (what an export held at the moment it was last changed). What happened after the day is left out,
    but for the old value of a case's first logged change: it says how the case began.
#}

{{ config(materialized='table') }}

with

exports as (

    select
        support_case_id,
        source_system,
        source_status,
        source_status_category,
        source_priority,
        assignee_id,
        is_deleted,
        first_reply_at,
        first_reply_calendar_minutes,
        pending_since_at,
        reopened_at,
        first_closed_at,
        solved_at,
        closed_at,
        created_at,
        updated_at,
        status_updated_at,
        file_id,
        has_state,
        version_number

    from {{ ref('int_support__case_exports_unioned') }}

),

logged_changes as (

    select
        support_case_id,
        source_system,
        field_name,
        changed_at,
        told_at,
        old_source_value,
        new_source_value,
        source_change_id,
        change_index,
        file_id

    from {{ ref('int_support__logged_changes_unioned') }}

),

status_map as (

    select
        source_system,
        source_field,
        source_status,
        support_status,
        is_initial

    from {{ ref('support_statuses') }}

),

priority_map as (

    select
        source_system,
        source_priority,
        support_priority

    from {{ ref('support_priorities') }}

),

cases as (

    select
        support_case_id,
        source_system,
        min(created_at) as created_at

    from exports

    where has_state

    group by support_case_id, source_system

),

logged as (

    select
        support_case_id,
        source_system,
        changed_at,
        told_at,
        field_name,
        'logged' as change_basis,
        2 as basis_rank,
        old_source_value,
        new_source_value,
        cast(null as string) as new_source_category,
        source_change_id,
        change_index,
        file_id

    from logged_changes

),

first_logged as (

    select
        support_case_id,
        field_name,
        changed_at,
        old_source_value

    from logged

    qualify row_number() over (
        partition by support_case_id, field_name
        order by
            changed_at asc nulls last,
            length(source_change_id) asc nulls last,
            source_change_id asc nulls last,
            change_index asc nulls last
    ) = 1

),

first_exported as (

    select
        support_case_id,
        source_priority,
        assignee_id

    from exports

    where has_state

    qualify row_number() over (partition by support_case_id order by version_number asc nulls last) = 1

),

initial_statuses as (

    select
        source_system,
        min(source_status) as source_status

    from status_map

    where is_initial

    group by source_system

),

created as (

    -- what was there before the first change; where none was logged, what the desk begins with or the oldest
    -- export held
    select
        cases.support_case_id,
        cases.source_system,
        cases.created_at as changed_at,
        cast(null as timestamp) as told_at,
        'status' as field_name,
        'created' as change_basis,
        0 as basis_rank,
        cast(null as string) as old_source_value,
        coalesce(first_logged.old_source_value, initial_statuses.source_status) as new_source_value,
        cast(null as string) as new_source_category,
        '' as source_change_id,
        0 as change_index,
        cast(null as bigint) as file_id

    from cases

    left join first_logged
        on
            cases.support_case_id = first_logged.support_case_id
            and first_logged.field_name = 'status'

    left join initial_statuses
        on cases.source_system = initial_statuses.source_system

    union all

    select
        cases.support_case_id,
        cases.source_system,
        cases.created_at as changed_at,
        cast(null as timestamp) as told_at,
        'priority' as field_name,
        'created' as change_basis,
        0 as basis_rank,
        cast(null as string) as old_source_value,
        case
            when first_logged.support_case_id is null then first_exported.source_priority
            else first_logged.old_source_value
        end as new_source_value,
        cast(null as string) as new_source_category,
        '' as source_change_id,
        0 as change_index,
        cast(null as bigint) as file_id

    from cases

    left join first_logged
        on
            cases.support_case_id = first_logged.support_case_id
            and first_logged.field_name = 'priority'

    left join first_exported
        on cases.support_case_id = first_exported.support_case_id

    union all

    select
        cases.support_case_id,
        cases.source_system,
        cases.created_at as changed_at,
        cast(null as timestamp) as told_at,
        'assignee' as field_name,
        'created' as change_basis,
        0 as basis_rank,
        cast(null as string) as old_source_value,
        case
            when first_logged.support_case_id is null then first_exported.assignee_id
            else first_logged.old_source_value
        end as new_source_value,
        cast(null as string) as new_source_category,
        '' as source_change_id,
        0 as change_index,
        cast(null as bigint) as file_id

    from cases

    left join first_logged
        on
            cases.support_case_id = first_logged.support_case_id
            and first_logged.field_name = 'assignee'

    left join first_exported
        on cases.support_case_id = first_exported.support_case_id

),

all_stamps as (

    select
        support_case_id,
        source_system,
        'pending' as stamp_name,
        'pending' as new_value,
        pending_since_at as changed_at,
        updated_at as told_at,
        file_id

    from exports

    union all

    select
        support_case_id,
        source_system,
        'reopened' as stamp_name,
        'open' as new_value,
        reopened_at as changed_at,
        updated_at as told_at,
        file_id

    from exports

    union all

    select
        support_case_id,
        source_system,
        'solved' as stamp_name,
        'solved' as new_value,
        solved_at as changed_at,
        updated_at as told_at,
        file_id

    from exports

    union all

    select
        support_case_id,
        source_system,
        'closed' as stamp_name,
        'closed' as new_value,
        first_closed_at as changed_at,
        updated_at as told_at,
        file_id

    from exports

    union all

    select
        support_case_id,
        source_system,
        'closed' as stamp_name,
        'closed' as new_value,
        closed_at as changed_at,
        updated_at as told_at,
        file_id

    from exports

),

stamped as (

    -- versions repeat each other's stamps: the first file that had one counts
    select
        support_case_id,
        source_system,
        stamp_name,
        new_value,
        changed_at,
        min(told_at) as told_at,
        min(file_id) as file_id

    from all_stamps

    where changed_at is not null

    group by support_case_id, source_system, stamp_name, new_value, changed_at

),

exported as (

    select
        support_case_id,
        source_system,
        coalesce(status_updated_at, updated_at) as changed_at,
        updated_at as told_at,
        'status' as field_name,
        'exported' as change_basis,
        3 as basis_rank,
        cast(null as string) as old_source_value,
        source_status as new_source_value,
        source_status_category as new_source_category,
        cast(version_number as string) as source_change_id,
        0 as change_index,
        file_id

    from exports

    where has_state and not is_deleted

    union all

    select
        support_case_id,
        source_system,
        updated_at as changed_at,
        updated_at as told_at,
        'priority' as field_name,
        'exported' as change_basis,
        3 as basis_rank,
        cast(null as string) as old_source_value,
        source_priority as new_source_value,
        cast(null as string) as new_source_category,
        cast(version_number as string) as source_change_id,
        0 as change_index,
        file_id

    from exports

    where has_state

    union all

    select
        support_case_id,
        source_system,
        updated_at as changed_at,
        updated_at as told_at,
        'assignee' as field_name,
        'exported' as change_basis,
        3 as basis_rank,
        cast(null as string) as old_source_value,
        assignee_id as new_source_value,
        cast(null as string) as new_source_category,
        cast(version_number as string) as source_change_id,
        0 as change_index,
        file_id

    from exports

    where has_state

),

worded as (

    select * from created
    union all
    select * from logged
    union all
    select * from exported

),

mapped as (

    select
        worded.support_case_id,
        worded.source_system,
        worded.changed_at,
        worded.told_at,
        worded.field_name,
        worded.change_basis,
        worded.basis_rank,
        worded.old_source_value,
        worded.new_source_value,
        case worded.field_name
            when 'status' then coalesce(statuses.support_status, categories.support_status)
            when 'priority' then priority_map.support_priority
            else worded.new_source_value
        end as new_value,
        worded.source_change_id,
        worded.change_index,
        worded.file_id

    from worded

    left join status_map as statuses
        on
            worded.field_name = 'status'
            and worded.source_system = statuses.source_system
            and statuses.source_field = 'status'
            and worded.new_source_value = statuses.source_status

    left join status_map as categories
        on
            worded.field_name = 'status'
            and worded.source_system = categories.source_system
            and categories.source_field = 'status_category'
            and worded.new_source_category = categories.source_status

    left join priority_map
        on
            worded.field_name = 'priority'
            and worded.source_system = priority_map.source_system
            and worded.new_source_value = priority_map.source_priority

    union all

    select
        support_case_id,
        source_system,
        changed_at,
        told_at,
        'status' as field_name,
        'stamped' as change_basis,
        1 as basis_rank,
        cast(null as string) as old_source_value,
        cast(null as string) as new_source_value,
        new_value,
        stamp_name as source_change_id,
        0 as change_index,
        file_id

    from stamped

    union all

    -- a ticket in the trash keeps its status and is deleted all the same
    select
        support_case_id,
        source_system,
        updated_at as changed_at,
        updated_at as told_at,
        'status' as field_name,
        'exported' as change_basis,
        3 as basis_rank,
        cast(null as string) as old_source_value,
        source_status as new_source_value,
        'deleted' as new_value,
        cast(version_number as string) as source_change_id,
        0 as change_index,
        file_id

    from exports

    where has_state and is_deleted

),

ordered_changes as (

    select
        mapped.support_case_id,
        mapped.source_system,
        mapped.field_name,
        mapped.changed_at,
        mapped.told_at,
        cast(
            row_number() over (
                partition by mapped.support_case_id, mapped.field_name
                order by
                    mapped.changed_at asc nulls last,
                    mapped.basis_rank asc nulls last,
                    length(mapped.source_change_id) asc nulls last,
                    mapped.source_change_id asc nulls last,
                    mapped.change_index asc nulls last
            ) as bigint
        ) as change_number,
        mapped.change_basis,
        mapped.old_source_value,
        mapped.new_source_value,
        mapped.new_value,
        mapped.source_change_id,
        mapped.file_id

    from mapped

    inner join cases
        on mapped.support_case_id = cases.support_case_id

    where
        mapped.changed_at < {{ as_of_end() }}
        and cases.created_at < {{ as_of_end() }}

)

select * from ordered_changes
