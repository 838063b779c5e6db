{# Rows whose key of several columns is not found in another relation. `relationships` does the same for one column. #}
{% test known_key(model, columns, to, to_columns) %}
    select distinct {{ columns | join(', ') }}
    from {{ model }} as referring
    where
        {{ columns | join(' is not null and ') }} is not null
        and not exists (
            select 1
            from {{ to }} as referred
            where
                {%- for column in columns %}
                {{ 'and ' if not loop.first }}referred.{{ to_columns[loop.index0] }} = referring.{{ column }}
                {%- endfor %}
        )
{% endtest %}
