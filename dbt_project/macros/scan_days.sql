{# How the daily tables of the gap scan are kept. #}


{% macro delete_scan_of_the_day() -%}
    {#-
        A scan replaces what an earlier one wrote for the same day, also where it finds less: nothing that is written would take
        the place of a gap that is gone.
    -#}
    {%- if is_incremental() -%}
        delete from {{ this }} where as_of_date = {{ as_of_date() }}
    {%- endif -%}
{%- endmacro %}
