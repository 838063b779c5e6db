{# The two times of a run. Nothing else in this project may know what time it is. #}


{% macro as_of_date() -%}
    {#- The day that is asked about. Parsing needs no day; everything else does. -#}
    {%- set day = var('as_of', none) -%}
    {%- if day is none and not execute -%}
        cast(null as date)
    {%- elif day is none -%}
        {{ exceptions.raise_compiler_error(
            "as_of is not set, and this asks about a day. Give one: "
            ~ "--vars '{as_of: 2026-06-30}', or `revhouse run --as-of 2026-06-30`."
        ) }}
    {%- elif not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', day | string) -%}
        {{ exceptions.raise_compiler_error(
            "as_of is `" ~ day ~ "`, which is no day. Write it as YYYY-MM-DD: --vars '{as_of: 2026-06-30}'."
        ) }}
    {%- else -%}
        cast('{{ day }}' as date)
    {%- endif -%}
{%- endmacro %}


{% macro as_of_end() -%}
    {#- The first moment (UTC) after the day that is asked about, where the business is. What happened from then on is not known. -#}
    {%- set day = as_of_date() -%}
    {%- if var('as_of', none) is none -%}
        cast(null as timestamp)
    {%- else -%}
        {%- set next_day = modules.datetime.datetime.strptime(var('as_of') | string, '%Y-%m-%d') + modules.datetime.timedelta(days=1) -%}
        {%- set moment = modules.pytz.timezone(var('timezone', 'UTC')).localize(next_day).astimezone(modules.pytz.utc) -%}
        cast('{{ moment.strftime('%Y-%m-%d %H:%M:%S') }}' as timestamp)
    {%- endif -%}
{%- endmacro %}


{% macro known_at() -%}
    {#- The moment from which is answered, in UTC. Only known_rows needs it, and only where it is set. -#}
    {%- set moment = var('known_at') | string -%}
    {%- set day = '([0-9]{4}-[0-9]{2}-[0-9]{2})' -%}
    {%- set time = '([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,6})?)?)' -%}
    {%- set parts = modules.re.fullmatch(day ~ '[T ]' ~ time ~ '(?:Z|[+]00:00)?', moment) -%}
    {%- if parts is none -%}
        {#- A day alone would leave open whether its morning or its evening is meant. -#}
        {{ exceptions.raise_compiler_error(
            "known_at is `" ~ moment ~ "`, which is no moment in UTC. Write it with its time, without a zone or with Z: "
            ~ "--vars '{known_at: \"2026-07-01T06:00:00\"}'."
        ) }}
    {%- endif -%}
    cast('{{ parts[1] }} {{ parts[2] }}' as timestamp)
{%- endmacro %}
