{# One row per object of a source and day: is its state observed, reconstructed, carried or missing? #}

with

coverage_spans as (

    select
        source_system,
        source_instance,
        object_name,
        state_basis,
        state_reason,
        first_date,
        last_date,
        delivered_date,
        table_name,
        file_id,
        delivery_name

    from {{ ref('int_control__coverage_spans_derived') }}

),

source_objects as (

    select
        object_name,
        -- What happened on a day does not stay true on the next one.
        max(case when delivery_kind = 'events' then 1 else 0 end) = 1 as is_stream

    from {{ ref('source_objects') }}

    group by object_name

),

days as (

    {{ generate_days('(select min(first_date) from coverage_spans)', as_of_date()) }}

),

delivered_objects as (

    select
        source_system,
        source_instance,
        object_name,
        min(case when state_basis <> 'missing' then first_date end) as first_known_date

    from coverage_spans

    group by
        source_system,
        source_instance,
        object_name

),

laid_out_days as (

    select
        delivered_objects.source_system,
        delivered_objects.source_instance,
        delivered_objects.object_name,
        days.day as as_of_date,
        coalesce(source_objects.is_stream, false) as is_stream,
        coalesce(days.day < delivered_objects.first_known_date, true) as is_before_first_export

    from delivered_objects
    cross join days
    -- Left: the InfoHub has no export.
    left join source_objects
        on delivered_objects.object_name = source_objects.object_name

),

ranked_spans as (

    select
        laid_out_days.source_system,
        laid_out_days.source_instance,
        laid_out_days.object_name,
        laid_out_days.as_of_date,
        coverage_spans.state_basis,
        coverage_spans.state_reason,
        coverage_spans.delivered_date,
        coverage_spans.table_name,
        coverage_spans.file_id,
        coverage_spans.delivery_name,
        row_number() over (
            partition by
                laid_out_days.source_system,
                laid_out_days.source_instance,
                laid_out_days.object_name,
                laid_out_days.as_of_date
            order by
                coverage_spans.state_basis <> 'observed' asc nulls last,
                coverage_spans.state_basis <> 'reconstructed' asc nulls last,
                case when coverage_spans.state_reason = 'history_events' then 1 else 2 end asc nulls last,
                coverage_spans.delivered_date asc nulls last,
                coverage_spans.table_name asc nulls last,
                coverage_spans.file_id asc nulls last,
                coverage_spans.delivery_name asc nulls last
        ) as preference

    from laid_out_days
    inner join coverage_spans
        on
            laid_out_days.source_system = coverage_spans.source_system
            and laid_out_days.source_instance = coverage_spans.source_instance
            and laid_out_days.object_name = coverage_spans.object_name
            and laid_out_days.as_of_date between coverage_spans.first_date and coverage_spans.last_date

),

told_days as (

    select
        source_system,
        source_instance,
        object_name,
        as_of_date,
        state_basis,
        state_reason,
        delivered_date,
        table_name,
        file_id,
        delivery_name

    from ranked_spans

    -- One day can be told of by several deliveries: the best of them counts.
    where preference = 1

),

followed_days as (

    select
        laid_out_days.source_system,
        laid_out_days.source_instance,
        laid_out_days.object_name,
        laid_out_days.as_of_date,
        laid_out_days.is_stream,
        laid_out_days.is_before_first_export,
        told_days.state_basis,
        told_days.state_reason,
        told_days.delivered_date,
        told_days.table_name,
        told_days.file_id,
        told_days.delivery_name,
        max(case when told_days.state_basis <> 'missing' then told_days.as_of_date end) over (
            partition by
                laid_out_days.source_system,
                laid_out_days.source_instance,
                laid_out_days.object_name
            order by laid_out_days.as_of_date asc nulls last
            rows between unbounded preceding and current row
        ) as last_told_date

    from laid_out_days
    -- Left: what no delivery tells of is carried or missing.
    left join told_days
        on
            laid_out_days.source_system = told_days.source_system
            and laid_out_days.source_instance = told_days.source_instance
            and laid_out_days.object_name = told_days.object_name
            and laid_out_days.as_of_date = told_days.as_of_date

),

judged_days as (

    select
        source_system,
        source_instance,
        object_name,
        as_of_date,
        last_told_date,
        case
            when state_basis in ('observed', 'reconstructed') then state_basis
            when is_stream or is_before_first_export then 'missing'
            else 'carried'
        end as state_basis,
        case
            when state_reason is not null then state_reason
            when is_before_first_export then 'before_first_export'
            when is_stream then 'no_export_yet'
            else 'no_new_export'
        end as state_reason

    from followed_days

),

attributed_days as (

    select
        judged_days.source_system,
        judged_days.source_instance,
        judged_days.object_name,
        judged_days.as_of_date,
        judged_days.state_basis,
        judged_days.state_reason,
        told_days.table_name,
        told_days.file_id,
        told_days.delivery_name,
        told_days.delivered_date,
        case
            when judged_days.state_basis <> 'missing'
                then {{ days_between('judged_days.last_told_date', 'judged_days.as_of_date') }}
        end as carried_days

    from judged_days
    -- Left: a missing day has no delivery. A carried one has that of the day it is carried from.
    left join told_days
        on
            judged_days.source_system = told_days.source_system
            and judged_days.source_instance = told_days.source_instance
            and judged_days.object_name = told_days.object_name
            and judged_days.last_told_date = told_days.as_of_date
            and judged_days.state_basis <> 'missing'

)

select * from attributed_days
