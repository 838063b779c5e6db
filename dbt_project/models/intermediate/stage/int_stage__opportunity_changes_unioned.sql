{#
    One row per deal, attribute and change up to the day asked about, with the value before and after it.

    The first value that is known of an attribute is a row, too; nothing is said there about what it replaced. Two changes in
    one second are two rows, and change_number says which came first.
#}

with

observations as (

    select
        opportunity_id,
        attribute,
        observation_number,
        observed_at,
        old_value,
        new_value,
        has_old_value,
        change_source,
        source_row_id,
        changed_by_record_id,
        file_id

    from {{ ref('int_stage__opportunity_observations_ordered') }}

),

changes_up_to_the_day as (

    select
        opportunity_id,
        attribute,
        observation_number as change_number,
        observed_at as changed_at,
        {{ business_date('observed_at') }} as changed_date,
        old_value,
        new_value,
        has_old_value,
        change_source,
        source_row_id,
        changed_by_record_id,
        file_id

    from observations

    where
        observed_at < {{ as_of_end() }}
        and not (has_old_value and old_value is not distinct from new_value)

)

select * from changes_up_to_the_day
