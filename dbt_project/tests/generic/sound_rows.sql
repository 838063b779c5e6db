{#
    What each row of a table is held to. A failing row says which rule is broken, in which columns, by which value, and how often.

        key         columns that name a row: together they occur once, and none of them is null
        filled      columns that are never null
        values      for a column, the values that it has, if any
        references  for a column, the relation (`to`) and the column of it (`field`) in which its values are found, if any

    One test for each table, where dbt's own would be one for each column and rule: most of what a test takes is its start, and
    a view is run for each. Here it is run once for its key, and once for all values.
#}
{% test sound_rows(model, key, filled=[], values={}, references={}) %}
{%- set looked_at = (values.keys() | list + references.keys() | list) | unique | list %}
{%- if looked_at %}
    with value_counts as (
        -- In the row of one column's value, the other columns are null.
        select
            {{ looked_at | join(',\n            ') }},
            count(*) as row_count
        from {{ model }}
        group by grouping sets (({{ looked_at | join('), (') }}))
    )

{% endif %}
    select
        'key' as rule_broken,
        {{ dbt.string_literal(dbt.escape_single_quotes(key | join(', '))) }} as columns_at_fault,
        concat_ws(', '{% for column in key %}, cast({{ column }} as {{ dbt.type_string() }}){% endfor %}) as value_found,
        count(*) as row_count
    from {{ model }}
    group by {{ key | join(', ') }}
    having
        count(*) > 1
        or {{ key | join(' is null or ') }} is null
{%- if filled %}

    union all

    select
        'filled' as rule_broken,
        concat_ws(', '{% for column in filled %}, case when {{ column }} is null then '{{ column }}' end{% endfor %}) as columns_at_fault,
        cast(null as {{ dbt.type_string() }}) as value_found,
        count(*) as row_count
    from {{ model }}
    where {{ filled | join(' is null or ') }} is null
    group by 2
{%- endif %}
{%- for column, accepted in values.items() %}

    union all

    select
        'values' as rule_broken,
        '{{ column }}' as columns_at_fault,
        cast({{ column }} as {{ dbt.type_string() }}) as value_found,
        row_count
    from value_counts
    where {{ column }} not in (
        {%- for value in accepted %}{{ ', ' if not loop.first }}{{ value if value is number else dbt.string_literal(value) }}{% endfor -%}
    )
{%- endfor %}
{%- for column, referred in references.items() %}

    union all

    select
        'references' as rule_broken,
        '{{ column }}' as columns_at_fault,
        cast({{ column }} as {{ dbt.type_string() }}) as value_found,
        row_count
    from value_counts
    where
        {{ column }} is not null
        and not exists (
            select 1
            from {{ referred.to }} as referred_rows
            where referred_rows.{{ referred.field }} = value_counts.{{ column }}
        )
{%- endfor %}
{% endtest %}
