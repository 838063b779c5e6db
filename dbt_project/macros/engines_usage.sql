{# What usage needs of the two engines beyond engines.sql: default__ is DuckDB, spark__ is Spark. #}


{% macro json_first_item(document) -%}
    {#- The text of the first item of a JSON array; null if the text is no array or an empty one. -#}
    {{ return(adapter.dispatch('json_first_item')(document)) }}
{%- endmacro %}

{% macro default__json_first_item(document) -%}
    {#- Spark passes over what is no JSON; DuckDB would stop at a name such as `[North] Ltd`. -#}
    case when json_valid({{ document }}) then json_extract_string({{ document }}, '$[0]') end
{%- endmacro %}

{% macro spark__json_first_item(document) -%}
    get_json_object({{ document }}, '$[0]')
{%- endmacro %}
