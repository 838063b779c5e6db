{# What the signals of customers have in common: how a threshold is told, and since when it is passed. #}


{% macro threshold_words(threshold='threshold_value', comparison='comparison', unit='unit') -%}
    {#- A threshold as people say it: more than 31 days. -#}
    replace({{ comparison }}, '_', ' ') || ' ' || {{ number_text(threshold) }} || ' ' || {{ unit }}
{%- endmacro %}


{% macro since_beyond(last_date, threshold='threshold_value', comparison='comparison') -%}
    {#- The day on which something that was done last on a day became too old. -#}
    {{ add_days(
        last_date,
        'case ' ~ comparison ~ " when 'more_than' then " ~ threshold ~ ' + 1 else ' ~ threshold ~ ' end'
    ) }}
{%- endmacro %}
