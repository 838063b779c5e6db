{#
    Nothing falls out: each row of another relation is in this one, by these columns; where they have other names here, by
    `in_columns`. A failing row is what is missing.
#}
{% test every_row_is_in(model, of_relation, columns, in_columns=none) %}
    select
        {{ columns | join(', ') }}
    from {{ of_relation }} as expected_rows
    where not exists (
        select 1
        -- Wrapped, because a test's `where` brings an alias of its own.
        from (select * from {{ model }}) as found_rows
        where
{%- for column in columns %}
            {{ 'and ' if not loop.first }}found_rows.{{ (in_columns or columns)[loop.index0] }} = expected_rows.{{ column }}
            {%- endfor %}
    )
{% endtest %}
