{#
    One row per support case and day: each day at whose end it was unsolved, and the days on which it was solved, closed or
    deleted.
#}

{{ config(
    materialized='incremental' if target.type == 'duckdb' else 'table',
    incremental_strategy='delete+insert',
    unique_key=['support_case_id', 'as_of_date'],
    on_schema_change='fail',
    pre_hook="{{ delete_rewritten_support_case_days() }}",
) }}

-- depends_on: {{ ref('int_support__case_days_restated') }}

{%- set plan = support_case_days_plan() %}

with

case_days as (

    select
        support_case_id,
        as_of_date,
        status,
        source_status,
        priority,
        assignee_id,
        is_unsolved,
        reopen_count,
        age_days,
        is_created_on_day,
        is_solved_on_day,
        is_reopened_on_day,
        is_closed_on_day,
        is_deleted_on_day,
        state_basis

    from {{ ref('int_support__case_days_expanded') }}

),

changes as (

    select
        support_case_id,
        changed_at,
        told_at,
        file_id

    from {{ ref('int_support__case_changes_unioned') }}

),

files as (

    select file_id

    from {{ ref('stg_ledger__files') }}

),

known_files as (

    select cast(max(file_id) as bigint) as known_file_id

    from files

),

rewritten_cases as (

    select distinct support_case_id

    from changes

    where {{ is_news_of_written_days(plan) }}

),

written_days as (

    select *

    from case_days

    where as_of_date >= {{ plan.first_new_day }}

    union all

    select case_days.*

    from case_days

    inner join rewritten_cases
        on case_days.support_case_id = rewritten_cases.support_case_id

    where case_days.as_of_date < {{ plan.first_new_day }}

),

typed_days as (

    select
        written_days.support_case_id,
        written_days.as_of_date,
        written_days.status,
        written_days.source_status,
        written_days.priority,
        written_days.assignee_id,
        written_days.is_unsolved,
        cast(written_days.reopen_count as integer) as reopen_count,
        written_days.age_days,
        written_days.is_created_on_day,
        written_days.is_solved_on_day,
        written_days.is_reopened_on_day,
        written_days.is_closed_on_day,
        written_days.is_deleted_on_day,
        written_days.state_basis,
        known_files.known_file_id

    from written_days

    cross join known_files

)

select * from typed_days
