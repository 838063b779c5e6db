{#
    One row per interval in which a support case's status, priority and assignee stayed as they were, up to the day.

    From valid_from_at on, until before valid_to_at. Changes within one second leave one interval: what was true after the
    last of them; whether it was opened again among them is counted all the same.
#}

{{ config(materialized='table') }}

with

changes as (

    select
        support_case_id,
        field_name,
        changed_at,
        change_number,
        change_basis,
        source_change_id,
        new_source_value,
        new_value

    from {{ ref('int_support__case_changes_unioned') }}

),

exports as (

    select
        support_case_id,
        created_at,
        has_state

    from {{ ref('int_support__case_exports_unioned') }}

),

cases as (

    select
        support_case_id,
        min(created_at) as created_at

    from exports

    where has_state

    group by support_case_id

),

preceded_changes as (

    select
        *,
        lag(new_value) over (
            partition by support_case_id, field_name order by change_number asc nulls last
        ) as previous_value

    from changes

),

counted_changes as (

    select
        *,
        sum(
            case
                -- the desk says so, also where it no longer tells when the case was solved before
                when field_name = 'status' and change_basis = 'stamped' and source_change_id = 'reopened'
                    then 1
                when
                    field_name = 'status'
                    and previous_value in ('solved', 'closed')
                    and coalesce(new_value not in ('solved', 'closed', 'deleted'), true)
                    then 1
                else 0
            end
        ) over (
            partition by support_case_id, field_name order by change_number asc nulls last
        ) as reopen_count

    from preceded_changes

),

last_changes as (

    select *

    from counted_changes

    qualify row_number() over (
        partition by support_case_id, field_name, changed_at order by change_number desc nulls last
    ) = 1

),

moments as (

    select
        support_case_id,
        changed_at,
        max(case when field_name = 'status' then 1 else 0 end) as status_changes,
        max(case when field_name = 'status' then new_value end) as status,
        max(case when field_name = 'status' then new_source_value end) as source_status,
        max(case when field_name = 'status' then change_basis end) as status_basis,
        max(case when field_name = 'status' then reopen_count end) as reopen_count,
        max(case when field_name = 'priority' then 1 else 0 end) as priority_changes,
        max(case when field_name = 'priority' then new_value end) as priority,
        max(case when field_name = 'priority' then new_source_value end) as source_priority,
        max(case when field_name = 'assignee' then 1 else 0 end) as assignee_changes,
        max(case when field_name = 'assignee' then new_value end) as assignee_id

    from last_changes

    group by support_case_id, changed_at

),

numbered_moments as (

    select
        *,
        sum(status_changes) over moments_in_order as status_spell,
        sum(priority_changes) over moments_in_order as priority_spell,
        sum(assignee_changes) over moments_in_order as assignee_spell

    from moments

    window moments_in_order as (partition by support_case_id order by changed_at asc nulls last)

),

filled_moments as (

    -- within a spell one row has the value, and the others take it from there
    select
        support_case_id,
        changed_at,
        max(status) over (partition by support_case_id, status_spell) as status,
        max(source_status) over (partition by support_case_id, status_spell) as source_status,
        max(status_basis) over (partition by support_case_id, status_spell) as status_basis,
        max(reopen_count) over (partition by support_case_id, status_spell) as reopen_count,
        max(priority) over (partition by support_case_id, priority_spell) as priority,
        max(source_priority) over (partition by support_case_id, priority_spell) as source_priority,
        max(assignee_id) over (partition by support_case_id, assignee_spell) as assignee_id

    from numbered_moments

),

compared_moments as (

    select
        *,
        lag(changed_at) over moments_in_order as previous_changed_at,
        lag(status) over moments_in_order as previous_status,
        lag(reopen_count) over moments_in_order as previous_reopen_count,
        lag(priority) over moments_in_order as previous_priority,
        lag(assignee_id) over moments_in_order as previous_assignee_id

    from filled_moments

    window moments_in_order as (partition by support_case_id order by changed_at asc nulls last)

),

real_changes as (

    -- an export that only confirms what is known changes nothing
    select *

    from compared_moments

    where
        previous_changed_at is null
        or status is distinct from previous_status
        or reopen_count is distinct from previous_reopen_count
        or priority is distinct from previous_priority
        or assignee_id is distinct from previous_assignee_id

),

intervals as (

    select
        real_changes.support_case_id,
        real_changes.changed_at as valid_from_at,
        real_changes.status,
        real_changes.source_status,
        real_changes.priority,
        real_changes.source_priority,
        real_changes.assignee_id,
        cases.created_at,
        cast(real_changes.reopen_count as bigint) as reopen_count,
        cast(
            row_number() over (
                partition by real_changes.support_case_id order by real_changes.changed_at asc nulls last
            ) as bigint
        ) as version_number,
        lead(real_changes.changed_at) over (
            partition by real_changes.support_case_id order by real_changes.changed_at asc nulls last
        ) as valid_to_at,
        -- a word that the policy does not know is taken for work that is still to be done
        coalesce(real_changes.status not in ('solved', 'closed', 'deleted'), true) as is_unsolved,
        coalesce(
            real_changes.previous_changed_at is null
            or real_changes.status is distinct from real_changes.previous_status,
            true
        ) as is_status_change,
        coalesce(
            real_changes.status in ('solved', 'closed')
            and coalesce(real_changes.previous_status not in ('solved', 'closed', 'deleted'), true),
            false
        ) as is_solving,
        real_changes.reopen_count > coalesce(real_changes.previous_reopen_count, 0) as is_reopening,
        case
            when real_changes.status_basis in ('logged', 'exported') then 'observed'
            when real_changes.status_basis = 'stamped' then 'reconstructed'
            else 'carried'
        end as state_basis

    from real_changes

    inner join cases
        on real_changes.support_case_id = cases.support_case_id

)

select * from intervals
