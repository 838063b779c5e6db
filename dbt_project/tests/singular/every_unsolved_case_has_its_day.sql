{#
    Cases whose state at the end of the day differs between the case and the daily table. A day that is asked about again, when
    later ones are in the table, may know more from exports that were written since.
#}

with

cases as (

    select
        support_case_id,
        status,
        priority

    from {{ ref('dim_support_cases') }}

    where is_unsolved

),

case_days as (

    select
        support_case_id,
        status,
        priority

    from {{ ref('fct_support_case_days') }}

    where is_unsolved and as_of_date = {{ as_of_date() }}

),

last_days as (

    select max(as_of_date) as last_day

    from {{ ref('fct_support_case_days') }}

),

differing_cases as (

    select
        cases.support_case_id,
        case_days.support_case_id as case_of_the_day_id

    from cases

    full outer join case_days
        on cases.support_case_id = case_days.support_case_id

    cross join last_days

    where
        coalesce(last_days.last_day <= {{ as_of_date() }}, true)
        and (
            cases.support_case_id is null
            or case_days.support_case_id is null
            or cases.status is distinct from case_days.status
            or cases.priority is distinct from case_days.priority
        )

)

select * from differing_cases
