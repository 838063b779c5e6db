{# One row per instance and loaded table: how many of its rows are in the model that they end up in. #}

with

unioned_counts as (

    {% for conformed in conformed_objects() %}
    {%- set model = conformed.get('model', 'stg_' ~ conformed.table) %}
    select
        '{{ conformed.table }}' as table_name,
        '{{ model }}' as conformed_model,
        {{ conformed.get('instance', 'source_instance') }} as source_instance,
        cast({{ conformed.get('counted', 'count(*)') }} as bigint) as row_count

    from {{ ref(model) }}

    {% if 'rows' in conformed %}where {{ conformed.rows }}{% endif %}

    group by {{ conformed.get('instance', 'source_instance') }}

    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from unioned_counts
