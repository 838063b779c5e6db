{#
    The columns name each row: together they occur once, and none of them is null. A failing row is a key, with how often
    it occurs.

    One query, where `unique` and a `not_null` for each column would be three or four that each cost their start.
#}
{% test unique_key(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from {{ model }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        or {{ columns | join(' is null or ') }} is null
{% endtest %}
