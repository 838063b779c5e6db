{# One row per instance, table and day of delivery: the days it tells of, and if one was lost before it. #}

with

exports as (

    select
        file_id,
        source_system,
        source_instance,
        table_name,
        object_name,
        delivery_kind,
        file_path,
        delivered_date

    from {{ ref('int_control__exports_dated') }}

),

first_events as (

    select
        table_name,
        source_instance,
        first_event_date

    from {{ ref('int_control__first_events_dated') }}

),

settings as (

    select
        max(case when setting_name = 'lost_export_gap_ratio' then setting_value end) as lost_export_gap_ratio,
        max(case when setting_name = 'lost_export_least_gaps' then setting_value end)
            as lost_export_least_gaps

    from {{ ref('control_settings') }}

),

grouped_deliveries as (

    select
        source_system,
        source_instance,
        table_name,
        object_name,
        delivery_kind,
        delivered_date,
        max(file_id) as file_id

    from exports

    -- A delivery may come in parts, or be delivered again for the same day.
    group by
        source_system,
        source_instance,
        table_name,
        object_name,
        delivery_kind,
        delivered_date

),

measured_gaps as (

    select
        source_system,
        source_instance,
        table_name,
        object_name,
        delivery_kind,
        delivered_date,
        file_id,
        lag(delivered_date) over deliveries_in_order as previous_delivered_date

    from grouped_deliveries

    window deliveries_in_order as (
        partition by source_system, source_instance, table_name order by delivered_date asc nulls last
    )

),

averaged_gaps as (

    select
        source_system,
        source_instance,
        table_name,
        object_name,
        delivery_kind,
        delivered_date,
        file_id,
        previous_delivered_date,
        cast({{ days_between('previous_delivered_date', 'delivered_date') }} as double) as gap_days,
        -- Gaps before this one only: what is delivered later must not change what is said of this delivery.
        avg(cast({{ days_between('previous_delivered_date', 'delivered_date') }} as double))
            over earlier_deliveries
            as usual_gap_days,
        count(previous_delivered_date) over earlier_deliveries as earlier_gap_count

    from measured_gaps

    window earlier_deliveries as (
        partition by source_system, source_instance, table_name
        order by delivered_date asc nulls last
        rows between unbounded preceding and 1 preceding
    )

),

judged_gaps as (

    select
        averaged_gaps.source_system,
        averaged_gaps.source_instance,
        averaged_gaps.table_name,
        averaged_gaps.object_name,
        averaged_gaps.delivery_kind,
        averaged_gaps.delivered_date,
        averaged_gaps.file_id,
        averaged_gaps.previous_delivered_date,
        averaged_gaps.usual_gap_days,
        coalesce(
            averaged_gaps.delivery_kind <> 'full'
            and averaged_gaps.earlier_gap_count >= settings.lost_export_least_gaps
            and averaged_gaps.gap_days > averaged_gaps.usual_gap_days * settings.lost_export_gap_ratio,
            false
        ) as is_after_lost_export

    from averaged_gaps
    cross join settings

),

dated_deliveries as (

    select
        judged_gaps.source_system,
        judged_gaps.source_instance,
        judged_gaps.table_name,
        judged_gaps.object_name,
        judged_gaps.delivery_kind,
        judged_gaps.delivered_date,
        judged_gaps.file_id,
        judged_gaps.previous_delivered_date,
        judged_gaps.is_after_lost_export,
        case
            when judged_gaps.delivery_kind = 'full' then judged_gaps.delivered_date
            when judged_gaps.previous_delivered_date is null
                -- Rows of a first export of changes say how they are now; those that changed before say nothing of then.
                then coalesce(first_events.first_event_date, judged_gaps.delivered_date)
            when
                not judged_gaps.is_after_lost_export
                then {{ add_days('judged_gaps.previous_delivered_date', 1) }}
            -- Who delivers at the end of a month delivers that month, however long the usual one is.
            when judged_gaps.delivered_date = last_day(judged_gaps.delivered_date)
                then cast(date_trunc('month', judged_gaps.delivered_date) as date)
            else
                {{ add_days('judged_gaps.delivered_date', '1 - cast(round(judged_gaps.usual_gap_days) as integer)') }}
        end as first_covered_date

    from judged_gaps
    -- Left: only tables of events have a first event, and an export may be empty.
    left join first_events
        on
            judged_gaps.table_name = first_events.table_name
            and judged_gaps.source_instance = first_events.source_instance

)

select * from dated_deliveries
