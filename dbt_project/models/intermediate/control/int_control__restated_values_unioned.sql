{# One row per value of a day that had been reported and is another one now, of every daily table. #}

with

restated_values as (

    {% for model in restated_models() %}
    select
        subject_type,
        subject_id,
        subject_date,
        column_name,
        old_value,
        new_value,
        corrected_by_file_id,
        detected_as_of

    from {{ ref(model) }}

    {% if not loop.last %}union all{% endif %}
    {% else %}
    select
        cast(null as string) as subject_type,
        cast(null as string) as subject_id,
        cast(null as date) as subject_date,
        cast(null as string) as column_name,
        cast(null as string) as old_value,
        cast(null as string) as new_value,
        cast(null as integer) as corrected_by_file_id,
        cast(null as date) as detected_as_of

    where 1 = 0
    {% endfor %}

)

select * from restated_values
