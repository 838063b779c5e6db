{# One row per instance, loaded table and reason for which rows of it are in no conformed model. #}

with

{% for conformed in conformed_objects() -%}
{{ conformed.table }} as (

    {# Behind staging, which shows nothing of them. #}
    select
        source_instance,
        'created_after_as_of' as measure,
        row_count

    from ({{ rows_created_after_the_day(conformed.table) }}) as later_rows

    {% if 'left_out' in conformed %}
    union all

    select
        source_instance,
        measure,
        count(*) as row_count

    from (
        select
            staged_rows.source_instance,
            case
                {%- for reason, condition in conformed.left_out.items() %}
                when {{ condition }} then '{{ reason }}'
                {%- endfor %}
            end as measure

        from {{ ref('stg_' ~ conformed.table) }} as staged_rows
    ) as rows_with_reasons

    where measure is not null

    group by source_instance, measure
    {% endif %}

),

{% endfor -%}

unioned_counts as (

    {% for conformed in conformed_objects() %}
    select
        '{{ conformed.table }}' as table_name,
        source_instance,
        measure,
        cast(row_count as bigint) as row_count

    from {{ conformed.table }}

    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from unioned_counts
