{#
    Rows whose key of several columns is not found in another relation. `relationships` does the same for one column.
#}
{% test known_key(model, columns, to, to_columns) %}
    select referring.*
    from {{ model }} as referring
    left join {{ to }} as referred
        on
            true
            {%- for column in columns %}
            and referring.{{ column }} = referred.{{ to_columns[loop.index0] }}
            {%- endfor %}
    where
        referring.{{ columns | join(' is not null and referring.') }} is not null
        and referred.{{ to_columns[0] }} is null
{% endtest %}
