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


{% macro moment_of_epoch(written) -%}
    {#- The moment (UTC) that a text of whole seconds since 1970 names; null where it is none, or lies beyond the year 5138. -#}
    case
        when {{ matches(written, "'^[0-9]{1,11}$'") }}
            then {{ adapter.dispatch('epoch_moment')(written) }}
    end
{%- endmacro %}

{% macro default__epoch_moment(written) -%}
    make_timestamp(try_cast({{ written }} as bigint) * 1000000)
{%- endmacro %}

{% macro spark__epoch_moment(written) -%}
    timestamp_seconds(try_cast({{ written }} as bigint))
{%- endmacro %}
