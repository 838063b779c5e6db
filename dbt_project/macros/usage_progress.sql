{#
    Which part of the history of usage a run has to count again. Nothing here is asked where everything is
    counted anew.
#}


{% macro usage_materialization() -%}
    {#-
        Only what is known now is added to. What was known at an earlier moment is made whole, and so
        is everything on engines that the daily run does not use.
    -#}
    {{ return('incremental' if target.type == 'duckdb' and var('known_at', none) is none else 'table') }}
{%- endmacro %}


{% macro usage_progress() -%}
    {#-
        How far the daily counts of usage have come: none if they are to be made from the beginning, else

        file_id   the latest file whose events are all in them
        day       the last day that is in them
        reach     the day up to which they are to be kept: the day asked about, or `day` if that is later.
                  Asking about an earlier day takes nothing away, and what is there is kept right.
        held      the table by day, or the one by feature and day where that is missing

        Read from the tables themselves, not from a note beside them, so that a run that broke off is
        made good by the next.
    -#}
    {%- if not execute or flags.FULL_REFRESH or usage_materialization() == 'table' -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set found = [] -%}
    {%- for place in ('workspace_days', 'workspace_feature_days') -%}
        {%- set name = 'int_usage__' ~ place ~ '_aggregated' -%}
        {%- set held = adapter.get_relation(model.database, 'intermediate', name) -%}
        {%- if held is not none -%}
            {%- set latest = 'select max(last_file_id), cast(max(activity_date) as varchar) from ' ~ held -%}
            {%- set row = run_query(latest).rows[0] -%}
            {%- do found.append({'file_id': row[0], 'day': row[1], 'held': held}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not found or none in found | map(attribute='day') | list -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return({
        'file_id': found | map(attribute='file_id') | min | int,
        'day': found | map(attribute='day') | min,
        'reach': [found | map(attribute='day') | max, var('as_of') | string] | max,
        'held': found[0].held,
    }) }}
{%- endmacro %}


{% macro usage_replaced_days(progress) -%}
    {#-
        A query for the days of events that a newer file brought in another version: the old version
        is in none of the loaded tables any more, and may have lain on another day or in another
        workspace. Two versions of one file do not count: the first was in none of the tables ever.
    -#}
    {%- for table_name in ('segment__tracks', 'posthog__events', 'amplitude__events', 'mixpanel__events') %}
        {%- set history = graph.sources['source.' ~ project_name ~ '.raw_history.' ~ table_name] %}
    select
        '{{ table_name.split('__')[0] }}' as source_system,
        source_instance,
        {{ business_date('occurred_at') }} as activity_date,
        _superseded_by_file_id as file_id
    from {{ history.relation_name }}
    where
        _superseded_by_file_id > {{ progress.file_id }}
        and _file_id < _superseded_by_file_id
        {%- if not loop.last %}
    union all
        {%- endif %}
    {%- endfor %}
{%- endmacro %}


{% macro usage_reopened_ranges(progress, reopened) -%}
    {#-
        The days that are to be counted again as a few ranges, so that a scan can be told in so many
        words what to leave out. Neighbours at the smallest distances share a range: nine comparisons
        for each event are quick, a hundred are not.
    -#}
    {%- if progress is none -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set query -%}
        with

        days as (

            select distinct activity_date

            from {{ reopened }}

            where activity_date <= date '{{ progress.day }}'

        ),

        measured_days as (

            select
                activity_date,
                activity_date - lag(activity_date) over (order by activity_date) as distance

            from days

        ),

        ranked_days as (

            select
                activity_date,
                distance,
                row_number() over (order by distance desc nulls last, activity_date) as place

            from measured_days

        ),

        -- The first day has no distance and comes last, so that eight others may begin a range.
        ranged_days as (

            select
                activity_date,
                count(case when place <= 8 and distance > 1 then 1 end) over (order by activity_date) as range_no

            from ranked_days

        )

        select
            cast(min(activity_date) as varchar) as first_day,
            cast(max(activity_date) + 1 as varchar) as day_after

        from ranged_days

        group by range_no

        order by first_day
    {%- endset -%}
    {{ return(run_query(query).rows) }}
{%- endmacro %}


{% macro usage_slices(events) -%}
    {#-
        The whole history up to the end of the day asked about, as conditions on occurred_at that each take a
        few months. Counted in one piece, it would need memory for all users of all days at once.
    -#}
    {%- if not execute or target.type != 'duckdb' -%}
        {{ return(['occurred_at < ' ~ as_of_end()]) }}
    {%- endif -%}
    {%- set query -%}
        select
            cast(cast(date_trunc('month', occurred_at) as date) as varchar) as first_day,
            count(*) as event_count

        from {{ events }}

        where occurred_at < {{ as_of_end() }}

        group by first_day

        order by first_day
    {%- endset -%}
    {%- set enough = 2000000 -%}
    {%- set ends = [] -%}
    {%- set piece = namespace(event_count=0) -%}
    {%- for first_day, event_count in run_query(query).rows -%}
        {%- if piece.event_count > 0 and piece.event_count + event_count > enough -%}
            {#- A day lies in one piece: pieces end at the business's midnight. -#}
            {%- do ends.append(first_moment_of(first_day)) -%}
            {%- set piece.event_count = 0 -%}
        {%- endif -%}
        {%- set piece.event_count = piece.event_count + event_count -%}
    {%- endfor -%}
    {%- set slices = [] -%}
    {%- for end in ends + [as_of_end()] -%}
        {%- set from_start = 'occurred_at >= ' ~ ends[loop.index0 - 1] ~ ' and ' if loop.index0 > 0 else '' -%}
        {%- do slices.append(from_start ~ 'occurred_at < ' ~ end) -%}
    {%- endfor -%}
    {{ return(slices) }}
{%- endmacro %}


{% macro usage_day_after(day) -%}
    {%- set midnight = modules.datetime.datetime.strptime(day, '%Y-%m-%d') -%}
    {{ return((midnight + modules.datetime.timedelta(days=1)).strftime('%Y-%m-%d')) }}
{%- endmacro %}


{% macro first_moment_of(day) -%}
    {#- The moment (UTC) at which a day, given as text, begins where the business is. -#}
    {%- set midnight = modules.datetime.datetime.strptime(day | string, '%Y-%m-%d') -%}
    {%- set local_midnight = modules.pytz.timezone(var('timezone', 'UTC')).localize(midnight) -%}
    {%- set moment = local_midnight.astimezone(modules.pytz.utc) -%}
    cast('{{ moment.strftime('%Y-%m-%d %H:%M:%S') }}' as timestamp)
{%- endmacro %}
