{# How rules of signals read policy. How they read evidence is in checklist_rules.sql. #}


{% macro reaches_limit(value, threshold='limits.threshold_value', comparison='limits.comparison') -%}
    {#- Whether a number is one at which a signal goes on. Null if either is unknown. As is_within, and signals have `more_than` too. -#}
    case
        when {{ comparison }} = 'more_than' then {{ value }} > {{ threshold }}
        else {{ is_within(value, threshold, comparison) }}
    end
{%- endmacro %}


{% macro signal_detections() -%}
    {#- The models that say which signals are on; they have the same columns. -#}
    {{ return([
        'int_governance__opportunity_signals_detected',
        'int_governance__deal_folder_signals_detected',
        'int_governance__account_signals_detected',
        'int_governance__account_use_signals_detected',
        'int_governance__support_case_signals_detected',
        'int_governance__customer_folder_signals_detected',
        'int_governance__customer_service_signals_detected',
    ]) }}
{%- endmacro %}


{% macro independent_deal_detections() -%}
    {#- The models that say which signals a deal's folder tells, whatever it is asked for; they have the same columns. -#}
    {{ return([
        'int_governance__deal_conduct_signals_detected',
        'int_governance__deal_market_signals_detected',
        'int_governance__deal_solution_signals_detected',
    ]) }}
{%- endmacro %}
