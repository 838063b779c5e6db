{#
    Every version of a table's rows that was loaded by `known_at`, current and replaced, each once.

    Unlike known_rows it is not cut at the day asked about: a version written later can still say when something happened
    that lies before that day's end. Whoever reads it takes from a version only moments that do.
#}
{% macro known_versions(table_name) -%}
    {%- do _meta_of(table_name) -%}
    {{ _known_versions(table_name) }}
{%- endmacro %}
