{# One row per row and column of the policy that names something which the policy does not have. #}

-- noqa: disable=LT02, the loops over columns are indented by what they write

with

{% for reference in policy_references() -%}
{%- set to_columns = reference.to_columns | default(reference.columns) -%}
{%- if reference.separator is defined %}
listed_{{ loop.index }} as (

    select
        {{ policy_row_key(reference.seed) }} as row_key,
        {{ reference.columns[0] }} as named_list

    from {{ ref(reference.seed) }}

),

named_{{ loop.index }} as (

    select
        row_key,
        value_1,
        value_1 as named

    from (
        {{ split_to_rows('listed_' ~ loop.index, 'named_list', reference.separator, ['row_key'], 'value_1') | indent(8) }}
    ) as parts

),
{%- else %}
named_{{ loop.index }} as (

    select
        {{ policy_row_key(reference.seed) }} as row_key,
        {%- for column in reference.columns %}
        {{ column }} as value_{{ loop.index }},
        {%- endfor %}
        {{ reference.columns | join(" || '/' || ") }} as named

    from {{ ref(reference.seed) }}

    where
        {{ reference.columns | join(' is not null and ') }} is not null
        {%- if reference.where is defined %}
        and {{ reference.where }}
        {%- endif %}

),
{%- endif %}

known_{{ loop.index }} as (

    -- distinct: a thing that is there twice would be found twice
    select distinct
        {%- for column in to_columns %}
        {{ column }} as value_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ ref(reference.to) }}

),

unknown_{{ loop.index }} as (

    select
        '{{ reference.seed }}' as seed,
        '{{ reference.to }}' as to_seed,
        '{{ reference.columns | join(', ') }}' as named_in,
        named_rows.row_key,
        named_rows.named

    from named_{{ loop.index }} as named_rows

    -- left: what is not there is what is looked for
    left join known_{{ loop.index }} as known_rows
        on
            {%- for column in to_columns %}
            {{ 'and ' if not loop.first }}named_rows.value_{{ loop.index }} = known_rows.value_{{ loop.index }}
            {%- endfor %}

    where known_rows.value_1 is null

),

{% endfor -%}
union_unknown as (

    {% for reference in policy_references() -%}
    select
        seed,
        to_seed,
        named_in,
        row_key,
        named

    from unknown_{{ loop.index }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

name_unknown as (

    select
        'undefined_reference' as check_name,
        'error' as severity,
        seed,
        row_key,
        'The row names ' || named || ' (' || named_in || '), which is not in ' || to_seed || '.' as finding,
        'Correct the name, or add a row for it to ' || to_seed || '.' as resolution

    from union_unknown

)

select * from name_unknown
