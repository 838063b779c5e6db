{#
    One row per support case and day, from the first day known up to the day: each day at whose end the case was unsolved, and
    the days on which it was solved, closed or deleted.

    What is said of a day depends on a later day that is asked about only where exports written in between tell of it.
#}

with

versions as (

    select
        support_case_id,
        valid_from_at,
        valid_to_at,
        status,
        source_status,
        priority,
        assignee_id,
        reopen_count,
        is_unsolved,
        is_status_change,
        is_solving,
        is_reopening,
        state_basis,
        created_at

    from {{ ref('int_support__case_versions_reconstructed') }}

),

dated_versions as (

    select
        *,
        {{ business_date('valid_from_at') }} as first_day,
        case
            when valid_to_at is null then {{ as_of_date() }}
            else {{ add_days(business_date('valid_to_at'), -1) }}
        end as last_day,
        {{ business_date('created_at') }} as created_date

    from versions

),

day_ends as (

    -- what was true at the end of at least one day; the rest of a day's changes are in its flags
    select *

    from dated_versions

    where last_day >= first_day

),

day_flags as (

    select
        support_case_id,
        first_day as as_of_date,
        bool_or(is_solving) as is_solved_on_day,
        bool_or(is_reopening) as is_reopened_on_day,
        bool_or(is_status_change and coalesce(status = 'closed', false)) as is_closed_on_day,
        bool_or(is_status_change and coalesce(status = 'deleted', false)) as is_deleted_on_day

    from dated_versions

    group by support_case_id, first_day

),

days as (

    {{ generate_days(
        '(select min(first_day) from (select ' ~ business_date('min(valid_from_at)') ~ ' as first_day from '
        ~ ref('int_support__case_versions_reconstructed') ~ ') as first_days)',
        as_of_date(),
    ) }}

),

unsolved_days as (

    select
        day_ends.*,
        days.day as as_of_date

    from day_ends

    inner join days
        on days.day between day_ends.first_day and day_ends.last_day

    where day_ends.is_unsolved

),

outcome_days as (

    select
        day_ends.*,
        day_flags.as_of_date

    from day_ends

    inner join day_flags
        on
            day_ends.support_case_id = day_flags.support_case_id
            and day_flags.as_of_date between day_ends.first_day and day_ends.last_day
            and (day_flags.is_solved_on_day or day_flags.is_closed_on_day or day_flags.is_deleted_on_day)

    where not day_ends.is_unsolved

),

all_days as (

    select * from unsolved_days
    union all
    select * from outcome_days

),

flagged_days as (

    select
        all_days.support_case_id,
        all_days.as_of_date,
        all_days.status,
        all_days.source_status,
        all_days.priority,
        all_days.assignee_id,
        all_days.is_unsolved,
        all_days.reopen_count,
        {{ days_between('all_days.created_date', 'all_days.as_of_date') }} as age_days,
        all_days.created_date = all_days.as_of_date as is_created_on_day,
        coalesce(day_flags.is_solved_on_day, false) as is_solved_on_day,
        coalesce(day_flags.is_reopened_on_day, false) as is_reopened_on_day,
        coalesce(day_flags.is_closed_on_day, false) as is_closed_on_day,
        coalesce(day_flags.is_deleted_on_day, false) as is_deleted_on_day,
        all_days.state_basis

    from all_days

    left join day_flags
        on
            all_days.support_case_id = day_flags.support_case_id
            and all_days.as_of_date = day_flags.as_of_date

)

select * from flagged_days
