{# What the signals of customers have in common: how a number is held against a threshold, and how that is told. #}


{% macro is_beyond(value, threshold='threshold_value', comparison='comparison') -%}
    {#- Whether a number is on the side of a threshold on which the signal is on. Null if either is unknown. -#}
    case {{ comparison }}
        when 'at_most' then {{ value }} <= {{ threshold }}
        when 'less_than' then {{ value }} < {{ threshold }}
        when 'at_least' then {{ value }} >= {{ threshold }}
        when 'more_than' then {{ value }} > {{ threshold }}
    end
{%- endmacro %}


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
