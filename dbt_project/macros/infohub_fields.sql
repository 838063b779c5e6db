{# How fields of InfoHub documents are read: people wrote them, so whatever is not of the kind expected is null. #}


{% macro text_date(value) -%}
    {#-
        The day as it is written: the time after it, and its zone, are left aside. Only whole days: Spark would take `2026-07`
        for the first of July, and DuckDB for nothing.
    -#}
    {%- set written = 'trim(substr(' ~ value ~ ', 1, 10))' -%}
    case
        when {{ matches(written, "'^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$'") }} then try_cast({{ written }} as date)
    end
{%- endmacro %}


{% macro json_date(document, path) -%}
    {#- The day that is written at a path of a document. -#}
    {{ text_date(json_text(document, path)) }}
{%- endmacro %}


{% macro json_past_date(document, path) -%}
    {#- As json_date; null for a day after the one asked about: what is announced has not happened. -#}
    case when {{ json_date(document, path) }} <= {{ as_of_date() }} then {{ json_date(document, path) }} end
{%- endmacro %}


{% macro plain_name(value) -%}
    {#- Lower case, words joined by underscores, so that "Fast Track" and "fast-track" are one name. -#}
    replace(replace(lower(trim({{ value }})), '-', '_'), ' ', '_')
{%- endmacro %}


{% macro file_name(path) -%}
    {#- The last part of a path. -#}
    split_part({{ path }}, '/', length({{ path }}) - length(replace({{ path }}, '/', '')) + 1)
{%- endmacro %}


{% macro text_number(value) -%}
    {#- The number that a text is, its sign included. By way of a decimal: "NaN" and "inf" are no numbers. -#}
    cast(try_cast({{ value }} as decimal(18, 4)) as double)
{%- endmacro %}


{% macro number_text(value) -%}
    {#- A number as people write it: without decimals if it has none, and with two at most. -#}
    case
        when round({{ value }}, 2) = floor(round({{ value }}, 2))
            then coalesce(cast(try_cast(round({{ value }}, 2) as bigint) as string), cast(round({{ value }}, 2) as string))
        else cast(round({{ value }}, 2) as string)
    end
{%- endmacro %}
