{#
    One row per stream of usage events and day, from its first event to the day asked about, and whether
    the day was observed: a day without events can be a quiet day, or one whose export never came.

    Events that were received late, or bear a later date than their receipt, prove nothing about the day:
    they came with the export of another one.
#}
{{ config(materialized='table') }}

with

workspace_days as (

    select
        source_system,
        source_instance,
        activity_date,
        event_count,
        late_event_count,
        ahead_of_clock_event_count,
        last_file_id

    from {{ ref('int_usage__workspace_days_aggregated') }}

    where activity_date <= {{ as_of_date() }}

),

counted_days as (

    select
        source_system,
        source_instance,
        activity_date,
        cast(count(*) as bigint) as workspace_count,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(late_event_count) as bigint) as late_event_count,
        cast(sum(event_count - late_event_count - ahead_of_clock_event_count) as bigint)
            as prompt_event_count,
        max(last_file_id) as last_file_id

    from workspace_days

    group by source_system, source_instance, activity_date

),

streams as (

    select
        source_system,
        source_instance,
        min(activity_date) as first_date

    from counted_days

    where prompt_event_count > 0

    group by source_system, source_instance

),

days as (

    {{ generate_days('(select min(first_date) from streams)', as_of_date()) }}

),

stream_days as (

    select
        streams.source_system,
        streams.source_instance,
        days.day as activity_date

    from streams

    inner join days
        on streams.first_date <= days.day

),

filled_days as (

    select
        stream_days.source_system,
        stream_days.source_instance,
        stream_days.activity_date,
        coalesce(counted_days.workspace_count, 0) as workspace_count,
        coalesce(counted_days.event_count, 0) as event_count,
        coalesce(counted_days.late_event_count, 0) as late_event_count,
        coalesce(counted_days.prompt_event_count, 0) as prompt_event_count,
        counted_days.last_file_id

    from stream_days

    left join counted_days
        on
            stream_days.source_system = counted_days.source_system
            and stream_days.source_instance = counted_days.source_instance
            and stream_days.activity_date = counted_days.activity_date

),

compared_days as (

    select
        *,
        max(case when prompt_event_count > 0 then activity_date end) over (
            partition by source_system, source_instance
            order by activity_date asc nulls last
            rows between unbounded preceding and current row
        ) as last_prompt_date,
        -- Null in a stream's first four weeks, which decide nothing yet.
        (
            lag(prompt_event_count, 7) over stream_in_time + lag(prompt_event_count, 14) over stream_in_time
            + lag(prompt_event_count, 21) over stream_in_time
            + lag(prompt_event_count, 28) over stream_in_time
        ) / cast(4 as double) as usual_event_count

    from filled_days

    window stream_in_time as (
        partition by source_system, source_instance
        order by activity_date asc nulls last
    )

),

measured_days as (

    select
        *,
        case
            when prompt_event_count = 0
                then count(case when prompt_event_count = 0 then 1 end) over (
                    partition by source_system, source_instance, last_prompt_date
                )
        end as silent_days

    from compared_days

),

judged_days as (

    select
        source_system,
        source_instance,
        activity_date,
        workspace_count,
        event_count,
        late_event_count,
        prompt_event_count,
        usual_event_count,
        silent_days,
        last_prompt_date,
        case
            when silent_days >= {{ usage_threshold('missing_after') }} then 'silent_for_days'
            when
                silent_days > 0 and usual_event_count >= {{ usage_threshold('busy_weekday') }}
                then 'busy_weekday_empty'
        end as missing_reason,
        last_file_id

    from measured_days

),

observed_days as (

    select
        source_system,
        source_instance,
        activity_date,
        case when missing_reason is null then 'observed' else 'missing' end as state_basis,
        missing_reason,
        workspace_count,
        event_count,
        late_event_count,
        prompt_event_count,
        usual_event_count,
        silent_days,
        last_prompt_date,
        last_file_id

    from judged_days

)

select * from observed_days
