{#
    The spans of a subject follow each other without gap or overlap, none ends before it begins, and the last one has no end.
    A failing row is a span that breaks this.
#}
{% test spans_without_gaps(model, subject, from_column, to_column, order_by=none) %}
    select
        {{ subject }},
        {{ from_column }},
        {{ to_column }},
        next_from
    from (
        select
            {{ subject }},
            {{ from_column }},
            {{ to_column }},
            lead({{ from_column }}) over (
                partition by {{ subject }} order by {{ order_by or from_column }} nulls first
            ) as next_from
        from {{ model }}
    ) as following_spans
    where
        {{ to_column }} is distinct from next_from
        or {{ to_column }} < {{ from_column }}
{% endtest %}
