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

    {# Not one case over all conditions: Spark fails on subqueries in a projection over a union. #}
    {% set earlier_conditions = [] %}
    {% for reason, condition in conformed.get('left_out', {}).items() %}
    union all

    select
        staged_rows.source_instance,
        '{{ reason }}' as measure,
        count(*) as row_count

    from {{ ref('stg_' ~ conformed.table) }} as staged_rows

    where
        ({{ condition }})
        {%- for earlier_condition in earlier_conditions %}
        and not coalesce({{ earlier_condition }}, false)
        {%- endfor %}

    group by staged_rows.source_instance
    {% do earlier_conditions.append(condition) %}
    {% endfor %}

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
