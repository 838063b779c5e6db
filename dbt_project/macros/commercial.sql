{# What several commercial models share. #}


{% macro commercial_rule(rule, column_name) -%}
    (select {{ column_name }} from {{ ref('commercial_rules') }} where rule = '{{ rule }}')
{%- endmacro %}


{% macro source_word(status) -%}
    {#- A word as the policy writes it, however a system spells it. -#}
    replace(replace(lower(trim({{ status }})), ' ', '_'), '-', '_')
{%- endmacro %}
