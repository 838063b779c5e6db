{#
    Every version of a table's rows that was loaded by `known_at`, current and replaced, each once.

    Unlike known_rows it is not cut at the day asked about: a version written later can still say when something happened
    that lies before that day's end. Whoever reads it takes from a version only moments that do.
#}
{% macro known_versions(table_name, columns) -%}
    (
        {%- for source_name in ('raw', 'raw_history') %}
        select {{ columns | join(', ') }}
        from {{ source(source_name, table_name) }}
        {%- if var('known_at', none) is not none %}
        where
            _file_id < (
                {{ _first_unknown('files', 'file_id') }}
            )
        {%- endif %}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as versions
{%- endmacro %}
