{# What a daily table holds already, for the models that decide what is written next. #}


{% macro reported_days(table_name) -%}
    {#-
        The daily table as the last run left it; none on the first build, where all of it is written again, and on Spark. It is
        looked up and not referred to, because what it holds next depends on it.
    -#}
    {%- if execute and target.type == 'duckdb' and not flags.FULL_REFRESH -%}
        {{ return(adapter.get_relation(database=target.database, schema='core', identifier=table_name)) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}


{% macro stale_opportunities(reported, observations) -%}
    {#-
        A query with the deals of which some day up to the one asked about was written before a file that tells of them was
        known, or was never written.
    -#}
    select latest_files.opportunity_id
    from (
        select
            opportunity_id,
            max(latest_file_id) as latest_file_id
        from {{ observations }}
        group by opportunity_id
    ) as latest_files
    left join (
        select
            opportunity_id,
            min(known_file_id) as known_file_id
        from {{ reported }}
        where as_of_date <= {{ as_of_date() }}
        group by opportunity_id
    ) as reported_opportunities
        on latest_files.opportunity_id = reported_opportunities.opportunity_id
    where
        reported_opportunities.opportunity_id is null
        or reported_opportunities.known_file_id < latest_files.latest_file_id
{%- endmacro %}


{% macro delete_stale_opportunity_days() -%}
    {#- A day on which a deal turns out to have been closed must go, and nothing that is written would replace it. -#}
    {%- set reported = reported_days('fct_opportunity_days') -%}
    {%- if reported is not none -%}
        delete from {{ reported }}
        where
            as_of_date <= {{ as_of_date() }}
            and opportunity_id in (
                {{ stale_opportunities(reported, ref('int_stage__opportunity_observations_ordered')) }}
            )
    {%- endif -%}
{%- endmacro %}
