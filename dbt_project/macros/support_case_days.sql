{#
    What a run adds to the daily table of support cases, and what it writes again.

    Added: each day after the last one in the table up to the day asked about; only that day if it is earlier. Written again:
    all days of cases of which a file speaks that was loaded after the day before was written. Whoever asked about an earlier day
    meanwhile has brought only the days up to it up to date, so what is known differs by day, and never grows with it.
#}
{% macro support_case_days_plan() -%}
    {%- set plan = {'is_addition': false, 'table': none, 'first_new_day': none, 'last_written_day': none, 'known_file_id': none} -%}
    {%- if not execute or flags.FULL_REFRESH or target.type != 'duckdb' -%}
        {{ return(plan) }}
    {%- endif -%}
    {%- set table = adapter.get_relation(
        database=target.database, schema='core', identifier='fct_support_case_days'
    ) -%}
    {%- if table is none -%}
        {{ return(plan) }}
    {%- endif -%}
    {%- set written = run_query(
        "with last_days as ("
        ~ "select max(as_of_date) as last_day,"
        ~ " max(case when as_of_date <= " ~ as_of_date() ~ " then as_of_date end) as last_day_before"
        ~ " from " ~ table
        ~ ") select last_day_before,"
        ~ " case when last_day >= " ~ as_of_date() ~ " then " ~ as_of_date()
        ~ " else " ~ add_days('last_day', 1) ~ " end as first_new_day,"
        ~ " (select max(known_file_id) from " ~ table ~ " where as_of_date = last_day_before) as known_file_id"
        ~ " from last_days"
    ).rows[0] -%}
    {%- if written[0] is not none -%}
        {%- do plan.update({
            'is_addition': true,
            'table': table,
            'last_written_day': written[0],
            'first_new_day': written[1],
            'known_file_id': written[2],
        }) -%}
    {%- endif -%}
    {{ return(plan) }}
{%- endmacro %}


{% macro delete_rewritten_support_case_days() -%}
    {#- Days of a rewritten case that are no longer true have no row that would replace them. -#}
    {%- set plan = support_case_days_plan() -%}
    {%- if plan.is_addition -%}
        delete from {{ this }}
        where
            as_of_date <= {{ as_of_date() }}
            and (
                as_of_date >= cast('{{ plan.first_new_day }}' as date)
                or support_case_id in (
                    select support_case_id
                    from {{ ref('int_support__case_changes_unioned') }}
                    where file_id > {{ plan.known_file_id }}
                )
            )
    {%- endif -%}
{%- endmacro %}
