{#
    One row per change of a case's status, priority or assignee that a desk's history tells of, later ones too.

    Histories come as tables of their own, and inside the exported cases. A case's export is read if it counts on the day;
    what happened after the day is left to whoever reads this: its old value says what there was before.
#}

{{ config(materialized='table') }}

with

exports as (

    select
        support_case_id,
        source_system,
        source_instance,
        source_case_id,
        source_case_number,
        created_at,
        updated_at,
        file_id

    from {{ ref('int_support__case_exports_unioned') }}

    where has_state

),

zendesk_events as (

    select
        source_instance,
        ticket_event_id,
        ticket_id,
        field_name,
        new_value,
        old_value,
        child_events,
        changed_at,
        file_id

    from {{ ref('stg_zendesk__ticket_events') }}

),

jira_changes as (

    select
        source_instance,
        issue_change_id,
        issue_id,
        issue_key,
        items,
        changed_at,
        file_id

    from {{ ref('stg_jira_service_management__issue_changes') }}

),

jira_issues as (

    select
        source_system,
        source_instance,
        issue_id,
        changelog,
        coalesce(updated_at, created_at) as updated_at,
        file_id

    from {{ ref('stg_versions__jira_service_management_issues') }}

    where changelog is not null

),

intercom_conversations as (

    select
        source_system,
        source_instance,
        conversation_id,
        conversation_parts,
        coalesce(updated_at, created_at) as updated_at,
        file_id

    from {{ ref('stg_versions__intercom_conversations') }}

    where conversation_parts is not null

),

entry_kinds as (

    select
        source_system,
        entry_kind,
        source_status,
        is_assignment

    from {{ ref('support_entry_kinds') }}

),

cases as (

    select
        support_case_id,
        source_system,
        source_instance,
        source_case_id,
        max(source_case_number) as source_case_number,
        min(created_at) as created_at

    from exports

    group by support_case_id, source_system, source_instance, source_case_id

),

unpacked_zendesk_events as (

    {{ json_array_items(
        'zendesk_events',
        'child_events',
        ['source_instance', 'ticket_event_id', 'ticket_id', 'changed_at', 'file_id'],
    ) }}

),

zendesk_logged as (

    select
        'zendesk' as source_system,
        source_instance,
        ticket_id as source_case_id,
        ticket_event_id as source_change_id,
        item_index as change_index,
        {{ json_text('item', 'field_name') }} as source_field,
        {{ json_text('item', 'previous_value') }} as old_source_value,
        {{ json_text('item', 'value') }} as new_source_value,
        changed_at,
        changed_at as told_at,
        file_id

    from unpacked_zendesk_events

    union all

    select
        'zendesk' as source_system,
        source_instance,
        ticket_id as source_case_id,
        ticket_event_id as source_change_id,
        0 as change_index,
        field_name as source_field,
        old_value as old_source_value,
        new_value as new_source_value,
        changed_at,
        changed_at as told_at,
        file_id

    from zendesk_events

    where child_events is null

),

jira_keys as (

    -- a key can be given anew after an issue has moved: the one that was made last has it
    select
        source_instance,
        source_case_number,
        source_case_id

    from cases

    where source_system = 'jira_service_management' and source_case_number is not null

    qualify row_number() over (
        partition by source_instance, source_case_number
        order by created_at desc nulls last, source_case_id asc nulls last
    ) = 1

),

exported_jira_histories as (

    select
        exports.source_instance,
        exports.source_case_id,
        {{ json_part('jira_issues.changelog', 'histories') }} as histories,
        exports.updated_at,
        exports.file_id

    from jira_issues

    inner join exports
        on
            jira_issues.source_system = exports.source_system
            and jira_issues.source_instance = exports.source_instance
            and jira_issues.issue_id = exports.source_case_id
            and jira_issues.updated_at = exports.updated_at
            and jira_issues.file_id = exports.file_id

),

unpacked_jira_histories as (

    {{ json_array_items(
        'exported_jira_histories',
        'histories',
        ['source_instance', 'source_case_id', 'updated_at', 'file_id'],
    ) }}

),

jira_entries as (

    select
        jira_changes.source_instance,
        coalesce(jira_changes.issue_id, jira_keys.source_case_id) as source_case_id,
        jira_changes.issue_change_id as source_change_id,
        0 as entry_index,
        cast(jira_changes.items as string) as items,
        jira_changes.changed_at,
        jira_changes.changed_at as told_at,
        jira_changes.file_id

    from jira_changes

    left join jira_keys
        on
            jira_changes.source_instance = jira_keys.source_instance
            and jira_changes.issue_key = jira_keys.source_case_number

    union all

    select
        source_instance,
        source_case_id,
        -- an entry without an id is told from others by its moment
        coalesce({{ json_text('item', 'id') }}, {{ json_text('item', 'created') }}) as source_change_id,
        item_index as entry_index,
        {{ json_part('item', 'items') }} as items,
        {{ written_moment(json_text('item', 'created')) }} as changed_at,
        updated_at as told_at,
        file_id

    from unpacked_jira_histories

),

jira_entries_once as (

    -- the same entry comes by itself and in each version of its issue: whichever told it first counts
    select
        source_instance,
        source_case_id,
        source_change_id,
        items,
        changed_at,
        told_at,
        file_id

    from jira_entries

    where source_case_id is not null and items is not null and changed_at is not null

    qualify row_number() over (
        partition by source_instance, source_case_id, source_change_id
        order by told_at asc nulls last, file_id asc nulls last, entry_index asc nulls last
    ) = 1

),

unpacked_jira_entries as (

    {{ json_array_items(
        'jira_entries_once',
        'items',
        ['source_instance', 'source_case_id', 'source_change_id', 'changed_at', 'told_at', 'file_id'],
    ) }}

),

jira_logged as (

    select
        'jira_service_management' as source_system,
        source_instance,
        source_case_id,
        source_change_id,
        item_index as change_index,
        lower({{ json_text('item', 'field') }}) as source_field,
        -- people are told apart by their ids, statuses and priorities are known by their names
        case
            when lower({{ json_text('item', 'field') }}) = 'assignee' then {{ json_text('item', 'from') }}
            else {{ json_text('item', 'fromString') }}
        end as old_source_value,
        case
            when lower({{ json_text('item', 'field') }}) = 'assignee' then {{ json_text('item', 'to') }}
            else {{ json_text('item', 'toString') }}
        end as new_source_value,
        changed_at,
        told_at,
        file_id

    from unpacked_jira_entries

),

exported_intercom_parts as (

    select
        exports.source_instance,
        exports.source_case_id,
        {{ json_part('intercom_conversations.conversation_parts', 'conversation_parts') }} as parts,
        exports.updated_at,
        exports.file_id

    from intercom_conversations

    inner join exports
        on
            intercom_conversations.source_system = exports.source_system
            and intercom_conversations.source_instance = exports.source_instance
            and intercom_conversations.conversation_id = exports.source_case_id
            and intercom_conversations.updated_at = exports.updated_at
            and intercom_conversations.file_id = exports.file_id

),

unpacked_intercom_parts as (

    {{ json_array_items(
        'exported_intercom_parts',
        'parts',
        ['source_instance', 'source_case_id', 'updated_at', 'file_id'],
    ) }}

),

intercom_parts as (

    select
        source_instance,
        source_case_id,
        coalesce({{ json_text('item', 'id') }}, {{ json_text('item', 'created_at') }}) as source_change_id,
        item_index as entry_index,
        {{ json_text('item', 'part_type') }} as entry_kind,
        lower({{ json_text('item', 'assigned_to.type') }}) as assigned_type,
        {{ json_text('item', 'assigned_to.id') }} as assigned_id,
        {{ moment_of_epoch(json_text('item', 'created_at')) }} as changed_at,
        updated_at as told_at,
        file_id

    from unpacked_intercom_parts

),

intercom_parts_once as (

    -- each version of a conversation has its parts up to then: whichever told one first counts
    select
        intercom_parts.source_instance,
        intercom_parts.source_case_id,
        intercom_parts.source_change_id,
        entry_kinds.source_status,
        entry_kinds.is_assignment,
        intercom_parts.assigned_type,
        intercom_parts.assigned_id,
        intercom_parts.changed_at,
        intercom_parts.told_at,
        intercom_parts.file_id

    from intercom_parts

    inner join entry_kinds
        on
            entry_kinds.source_system = 'intercom'
            and intercom_parts.entry_kind = entry_kinds.entry_kind

    where intercom_parts.changed_at is not null

    qualify row_number() over (
        partition by
            intercom_parts.source_instance, intercom_parts.source_case_id, intercom_parts.source_change_id
        order by
            intercom_parts.told_at asc nulls last,
            intercom_parts.file_id asc nulls last,
            intercom_parts.entry_index asc nulls last
    ) = 1

),

intercom_logged as (

    -- what was there before is not told
    select
        'intercom' as source_system,
        source_instance,
        source_case_id,
        source_change_id,
        1 as change_index,
        'status' as source_field,
        cast(null as string) as old_source_value,
        source_status as new_source_value,
        changed_at,
        told_at,
        file_id

    from intercom_parts_once

    where source_status is not null

    union all

    -- handed to nobody, it has no id; handed to a team, it still is the teammate's who had it
    select
        'intercom' as source_system,
        source_instance,
        source_case_id,
        source_change_id,
        1 as change_index,
        'assignee' as source_field,
        cast(null as string) as old_source_value,
        nullif(assigned_id, '0') as new_source_value,
        changed_at,
        told_at,
        file_id

    from intercom_parts_once

    where is_assignment and assigned_type not in ('team', 'nobody_team')

),

all_logged as (

    select * from zendesk_logged
    union all
    select * from jira_logged
    union all
    select * from intercom_logged

),

logged_changes as (

    -- a change of a ticket that no export holds is no case's
    select
        cases.support_case_id,
        cases.source_system,
        case
            when all_logged.source_field = 'assignee_id' then 'assignee'
            else all_logged.source_field
        end as field_name,
        all_logged.changed_at,
        all_logged.told_at,
        case
            when all_logged.source_field in ('status', 'priority')
                then lower(trim(all_logged.old_source_value))
            else nullif(all_logged.old_source_value, '')
        end as old_source_value,
        case
            when all_logged.source_field in ('status', 'priority')
                then lower(trim(all_logged.new_source_value))
            else nullif(all_logged.new_source_value, '')
        end as new_source_value,
        all_logged.source_change_id,
        all_logged.change_index,
        all_logged.file_id

    from all_logged

    inner join cases
        on
            all_logged.source_system = cases.source_system
            and all_logged.source_instance = cases.source_instance
            and all_logged.source_case_id = cases.source_case_id

    where all_logged.source_field in ('status', 'priority', 'assignee', 'assignee_id')

)

select * from logged_changes
