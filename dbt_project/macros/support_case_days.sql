{#
    What a run adds to the daily table of support cases, and what it writes again.

    Added: each day after the last one in the table up to the day asked about. Written again: all days up to it of cases of which
    something new is known, be it from a file that was loaded since, or from an export that was written since and tells of
    days before it. An earlier day that is asked about again is in the table already, and stays.

    Whoever asks about an earlier day after new files came brings only the days up to it up to date. What was known therefore
    differs by day and never grows with it: the last day asked for has the oldest knowledge among those before it.
#}
{% macro support_case_days_plan() -%}
    {#- On the first build every day is new, and no day has been written. -#}
    {%- set plan = {
        'is_addition': false,
        'table': none,
        'first_new_day': "cast('0001-01-01' as date)",
        'last_written_day': 'cast(null as date)',
        'known_file_id': 'cast(null as bigint)',
    } -%}
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
        'with last_days as ('
        ~ 'select max(as_of_date) as last_day,'
        ~ ' max(case when as_of_date <= ' ~ as_of_date() ~ ' then as_of_date end) as last_written_day'
        ~ ' from ' ~ table
        ~ ') select ' ~ add_days('last_day', 1) ~ ' as first_new_day, last_written_day,'
        ~ ' (select max(known_file_id) from ' ~ table ~ ' where as_of_date = last_written_day) as known_file_id'
        ~ ' from last_days'
    ).rows[0] -%}
    {%- if written[1] is not none -%}
        {%- do plan.update({
            'is_addition': true,
            'table': table,
            'first_new_day': "cast('" ~ written[0] ~ "' as date)",
            'last_written_day': "cast('" ~ written[1] ~ "' as date)",
            'known_file_id': written[2],
        }) -%}
    {%- endif -%}
    {{ return(plan) }}
{%- endmacro %}


{% macro is_news_of_written_days(plan) -%}
    {#- Whether a piece of evidence was not there when the days before were written. -#}
    (
        file_id > {{ plan.known_file_id }}
        or (
            {{ business_date('told_at') }} > {{ plan.last_written_day }}
            and {{ business_date('changed_at') }} <= {{ plan.last_written_day }}
        )
    )
{%- endmacro %}


{% macro delete_rewritten_support_case_days() -%}
    {#- Days of a rewritten case that are no longer true have no row that would replace them. -#}
    {%- set plan = support_case_days_plan() -%}
    {%- if plan.is_addition -%}
        delete from {{ this }}
        where
            as_of_date <= {{ as_of_date() }}
            and support_case_id in (
                select support_case_id
                from {{ ref('int_support__case_changes_unioned') }}
                where {{ is_news_of_written_days(plan) }}
            )
    {%- endif -%}
{%- endmacro %}
