{#
    Every version of a loaded table's rows that was known at `known_at`, whatever the day: what an export said when.

    Two versions that one file brought of one row under one stamp are the same moment told twice; the one that counted stays.
#}
{% macro known_versions(source_name, table_name) -%}
    {%- set meta = _meta_of(table_name) -%}
    {%- set columns = _columns_of(source_name, table_name) -%}
    (
        select {{ columns }}
        from (
            select
                {{ columns }},
                row_number() over (
                    partition by {{ meta.key | default([]) | join(', ') }}, {{ meta.stamp }}, _file_id
                    order by _superseded_by_file_id desc nulls first
                ) as _place
            from {{ _known_versions(table_name) }}
        ) as placed_versions
        where _place = 1
    ) as known_versions
{%- endmacro %}
