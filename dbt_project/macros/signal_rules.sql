{# How rules of signals read policy. How they read evidence is in checklist_rules.sql. #}


{% macro reaches_limit(value, limits='limits') -%}
    {#- Whether a number is one at which a signal goes on. Null if it is unknown. Limits are int_governance__signal_thresholds_chosen. -#}
    case
        when {{ limits }}.comparison = 'more_than' then {{ value }} > {{ limits }}.threshold_value
        else {{ is_within(value, limits ~ '.threshold_value', limits ~ '.comparison') }}
    end
{%- endmacro %}


{% macro signal_detections() -%}
    {#- The models that say which signals are on; they have the same columns. -#}
    {{ return([
        'int_governance__opportunity_signals_detected',
        'int_governance__deal_folder_signals_detected',
    ]) }}
{%- endmacro %}
