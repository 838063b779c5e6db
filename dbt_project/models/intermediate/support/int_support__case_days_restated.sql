{#
    One row per value of a support case and day that was reported before and is reported differently now.

    Compares what is about to be written with what the daily table holds. It reads that table without naming it as its source:
    it has to see the rows before they are replaced, and so is built first. What is in here stays.
#}

{{ config(
    materialized='incremental' if target.type == 'duckdb' else 'table',
    incremental_strategy='delete+insert',
    unique_key=['subject_id', 'subject_date', 'column_name', 'corrected_by_file_id'],
    on_schema_change='fail',
    full_refresh=false,
) }}

{%- set plan = support_case_days_plan() %}
{#- On the first build there is nothing to compare with: no case is written again. -#}
{%- set daily_table = plan.table if plan.is_addition else 'case_days' %}

with

changes as (

    select
        support_case_id,
        changed_at,
        told_at,
        file_id

    from {{ ref('int_support__case_changes_unioned') }}

),

case_days as (

    select
        support_case_id,
        as_of_date,
        status,
        priority,
        assignee_id

    from {{ ref('int_support__case_days_expanded') }}

),

rewritten_cases as (

    select
        support_case_id,
        max(file_id) as corrected_by_file_id

    from changes

    where {{ is_news_of_written_days(plan) }}

    group by support_case_id

),

new_rows as (

    select case_days.*

    from case_days

    inner join rewritten_cases
        on case_days.support_case_id = rewritten_cases.support_case_id

    where case_days.as_of_date <= {{ plan.last_written_day }}

),

old_rows as (

    select
        case_days.support_case_id,
        case_days.as_of_date,
        case_days.status,
        case_days.priority,
        case_days.assignee_id

    from {{ daily_table }} as case_days

    inner join rewritten_cases
        on case_days.support_case_id = rewritten_cases.support_case_id

    where case_days.as_of_date <= {{ plan.last_written_day }}

),

paired_rows as (

    select
        old_rows.status as old_status,
        new_rows.status as new_status,
        old_rows.priority as old_priority,
        new_rows.priority as new_priority,
        old_rows.assignee_id as old_assignee_id,
        new_rows.assignee_id as new_assignee_id,
        coalesce(new_rows.support_case_id, old_rows.support_case_id) as support_case_id,
        coalesce(new_rows.as_of_date, old_rows.as_of_date) as as_of_date

    from new_rows

    full outer join old_rows
        on
            new_rows.support_case_id = old_rows.support_case_id
            and new_rows.as_of_date = old_rows.as_of_date

),

paired_values as (

    select
        support_case_id,
        as_of_date,
        'status' as column_name,
        old_status as old_value,
        new_status as new_value

    from paired_rows

    union all

    select
        support_case_id,
        as_of_date,
        'priority' as column_name,
        old_priority as old_value,
        new_priority as new_value

    from paired_rows

    union all

    select
        support_case_id,
        as_of_date,
        'assignee_id' as column_name,
        old_assignee_id as old_value,
        new_assignee_id as new_value

    from paired_rows

),

restated_values as (

    select
        'support_case' as subject_type,
        paired_values.support_case_id as subject_id,
        paired_values.as_of_date as subject_date,
        paired_values.column_name,
        paired_values.old_value,
        paired_values.new_value,
        cast(rewritten_cases.corrected_by_file_id as integer) as corrected_by_file_id,
        {{ as_of_date() }} as detected_as_of

    from paired_values

    inner join rewritten_cases
        on paired_values.support_case_id = rewritten_cases.support_case_id

    where paired_values.old_value is distinct from paired_values.new_value

)

select * from restated_values
