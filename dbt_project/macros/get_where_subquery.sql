{#
    The rows that a test looks at, where its `where` says which: dbt's own macro, and `__as_of__` in it is the day asked about.
    What YAML says is rendered when the project is parsed. It is parsed once for all days, so no day can be written there.
#}
{% macro get_where_subquery(relation) -%}
    {%- set where = config.get('where') -%}
    {%- if where -%}
        (select * from {{ relation }} where {{ where | replace('__as_of__', as_of_date()) }}) as dbt_subquery
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
