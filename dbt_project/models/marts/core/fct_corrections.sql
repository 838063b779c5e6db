{# One row per value of a day that had been reported and was corrected since: the old, the new, and why. #}

with

restated_values as (

    select
        subject_type,
        subject_id,
        subject_date,
        column_name,
        old_value,
        new_value,
        corrected_by_file_id,
        detected_as_of

    from {{ ref('int_control__restated_values_unioned') }}

),

files as (

    select
        file_id,
        file_path,
        source_system,
        source_instance,
        table_name,
        loaded_at

    from {{ ref('stg_ledger__files') }}

),

attributed_corrections as (

    select
        restated_values.subject_type,
        restated_values.subject_id,
        restated_values.subject_date,
        restated_values.column_name,
        restated_values.old_value,
        restated_values.new_value,
        restated_values.corrected_by_file_id,
        files.source_system,
        files.source_instance,
        files.table_name,
        files.file_path,
        files.loaded_at,
        restated_values.detected_as_of

    from restated_values
    -- Left: a correction stays on the list even if the file that it names cannot be found.
    left join files
        on restated_values.corrected_by_file_id = files.file_id

)

select * from attributed_corrections
