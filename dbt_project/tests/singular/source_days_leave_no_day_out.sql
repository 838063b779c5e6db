{# An object that has not exactly one row for each day from the first to the one asked about. #}

with

source_days as (

    select
        source_system,
        source_instance,
        object_name,
        as_of_date

    from {{ ref('fct_source_days') }}

),

ends as (

    select min(as_of_date) as first_date

    from source_days

),

incomplete_objects as (

    select
        source_days.source_system,
        source_days.source_instance,
        source_days.object_name

    from source_days
    cross join ends

    group by
        source_days.source_system,
        source_days.source_instance,
        source_days.object_name,
        ends.first_date

    having count(*) <> {{ days_between('ends.first_date', as_of_date()) }} + 1

)

select * from incomplete_objects
