{# The id that a record has everywhere behind staging: no two systems or instances share one. #}
{% macro conformed_id(source_system, source_instance, source_id) -%}
    {{ source_system }} || ':' || {{ source_instance }} || ':' || cast({{ source_id }} as string)
{%- endmacro %}
