{#
    What commercial models need of the two engines beyond engines.sql: default__ is DuckDB, spark__ is
    Spark.
#}


{% macro add_months(from_date, month_count) -%}
    {#- The same day of the month, or its last day where it is shorter. -#}
    {{ return(adapter.dispatch('add_months')(from_date, month_count)) }}
{%- endmacro %}

{% macro default__add_months(from_date, month_count) -%}
    cast(cast({{ from_date }} as date) + to_months(cast({{ month_count }} as integer)) as date)
{%- endmacro %}

{% macro spark__add_months(from_date, month_count) -%}
    add_months(cast({{ from_date }} as date), cast({{ month_count }} as int))
{%- endmacro %}
