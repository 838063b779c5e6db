{#
    Rows in which one of the columns is null.

    One query, where a `not_null` for each column would cost its start each time.
#}
{% test columns_filled(model, columns) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    where {{ columns | join(' is null or ') }} is null
{% endtest %}
