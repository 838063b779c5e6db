{# One row per row of the policy's seeds: what it is called, and all that it says. #}

with

{% for seed in policy_keys() -%}
{{ seed }}_rows as (

    select
        '{{ seed }}' as seed,
        {{ policy_row_key(seed) }} as row_key,
        '{'
        {%- for column in policy_columns(seed) %}
        || {{ "', ' || " if not loop.first }}{{ json_member(column) | indent(8) }}
        {%- endfor %}
        || '}' as content

    from {{ ref(seed) }}

),

{% endfor -%}
union_rows as (

    {% for seed in policy_keys() -%}
    select
        seed,
        row_key,
        content

    from {{ seed }}_rows
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

)

select * from union_rows
