{#
    One row per status, priority or rating that a help desk wrote by the day, and what the policy makes of it. A word without
    a meaning is kept on its cases and listed here.
#}

with

changes as (

    select
        support_case_id,
        source_system,
        field_name,
        new_source_value,
        new_value

    from {{ ref('int_support__case_changes_unioned') }}

),

cases as (

    select
        support_case_id,
        source_system,
        source_rating

    from {{ ref('int_support__cases_conformed') }}

),

ratings as (

    select
        source_system,
        source_rating,
        satisfaction

    from {{ ref('support_ratings') }}

),

codes as (

    select
        source_system,
        field_name as code_kind,
        new_source_value as source_code,
        max(new_value) as support_code,
        bool_and(new_value is not null) as is_mapped,
        count(distinct support_case_id) as case_count

    from changes

    where field_name in ('status', 'priority') and new_source_value is not null

    group by source_system, field_name, new_source_value

    union all

    select
        cases.source_system,
        'rating' as code_kind,
        cases.source_rating as source_code,
        max(ratings.satisfaction) as support_code,
        bool_and(ratings.source_rating is not null) as is_mapped,
        count(distinct cases.support_case_id) as case_count

    from cases

    left join ratings
        on
            cases.source_system = ratings.source_system
            and cases.source_rating = ratings.source_rating

    where cases.source_rating is not null

    group by cases.source_system, cases.source_rating

)

select * from codes
