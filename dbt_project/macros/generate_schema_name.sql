{# A layer's schema is named after the layer, not `<schema of the profile>_<layer>` as dbt would have it. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
