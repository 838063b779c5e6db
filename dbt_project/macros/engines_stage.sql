{# What DuckDB and Spark spell differently, and only deals need. default__ is DuckDB, spark__ is Spark. #}


{% macro spread_over_days(relation, first_date, last_date, keep_columns) -%}
    {#-
        A query with one row per row and day from the first date to the last, both included, as `day`. Joining to a list of
        days instead compares every row with every day.
    -#}
    {{ return(adapter.dispatch('spread_over_days')(relation, first_date, last_date, keep_columns)) }}
{%- endmacro %}

{% macro default__spread_over_days(relation, first_date, last_date, keep_columns) -%}
    select
        {{ keep_columns | join(',\n        ') }},
        cast(unnest(generate_series(
            cast({{ first_date }} as timestamp), cast({{ last_date }} as timestamp), interval 1 day
        )) as date) as day
    from {{ relation }}
{%- endmacro %}

{% macro spark__spread_over_days(relation, first_date, last_date, keep_columns) -%}
    select
        {{ keep_columns | join(',\n        ') }},
        day
    from {{ relation }}
    lateral view explode(
        sequence(cast({{ first_date }} as date), cast({{ last_date }} as date), interval 1 day)
    ) days as day
    where {{ first_date }} <= {{ last_date }}
{%- endmacro %}


{% macro written_moment(written) -%}
    {#-
        The moment (UTC) that a text names, a day counting as its midnight; null if it names none. A cast alone is not the
        same on both: DuckDB's plain one drops an offset, and Spark takes `2026` for its first day and `10:30` for today.
    -#}
    case
        when {{ matches('trim(' ~ written ~ ')', "'^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}'") }}
            then {{ adapter.dispatch('cast_moment')(written) }}
    end
{%- endmacro %}

{% macro default__cast_moment(written) -%}
    try_cast(trim({{ written }}) as timestamptz) at time zone 'UTC'
{%- endmacro %}

{% macro spark__cast_moment(written) -%}
    try_cast(trim({{ written }}) as timestamp)
{%- endmacro %}
