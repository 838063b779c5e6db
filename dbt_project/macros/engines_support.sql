{# What DuckDB and Spark spell differently and only support cases need. #}


{% macro add_minutes(moment, minute_count) -%}
    {{ return(adapter.dispatch('add_minutes')(moment, minute_count)) }}
{%- endmacro %}

{% macro default__add_minutes(moment, minute_count) -%}
    (cast({{ moment }} as timestamp) + to_minutes(cast({{ minute_count }} as bigint)))
{%- endmacro %}

{% macro spark__add_minutes(moment, minute_count) -%}
    timestampadd(minute, {{ minute_count }}, cast({{ moment }} as timestamp))
{%- endmacro %}
