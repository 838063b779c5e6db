{# One row per source system, instance, measured thing and measure: is the export as fresh and as whole as policy wants it? #}

with

limits as (

    select
        source_system,
        measure,
        maximum_value,
        unit

    from {{ ref('source_limits') }}

),

source_days as (

    select
        source_system,
        source_instance,
        object_name,
        as_of_date,
        state_reason,
        delivery_name,
        carried_days

    from {{ ref('fct_source_days') }}

),

control_totals as (

    select
        source_system,
        source_instance,
        table_name,
        measure,
        row_count

    from {{ ref('rpt_control_totals') }}

),

files as (

    select
        file_id,
        source_system,
        source_instance,
        table_name,
        file_path,
        load_status,
        coalesce(delivered_at, file_modified_at) as delivered_at

    from {{ ref('stg_ledger__files') }}

),

known_files as (

    select
        file_id,
        source_system,
        source_instance,
        table_name,
        file_path,
        load_status,
        delivered_at

    from files

    where delivered_at < {{ as_of_end() }}

),

delivered_instances as (

    -- Distinct: one file is enough to say that an instance delivers at all.
    select distinct
        source_system,
        source_instance

    from known_files

),

unmended_files as (

    select
        refused_files.source_system,
        refused_files.source_instance,
        refused_files.file_path

    from known_files as refused_files

    where
        refused_files.load_status = 'refused'
        -- What was sent again, and taken, is mended. Of a file that nobody recognised it is not known what would mend it.
        and not exists (
            select 1

            from known_files as later_files

            where
                later_files.load_status <> 'refused'
                and later_files.source_system = refused_files.source_system
                and later_files.source_instance = refused_files.source_instance
                and later_files.table_name = refused_files.table_name
                and later_files.file_id > refused_files.file_id
                and later_files.delivered_at >= refused_files.delivered_at
        )

),

refused_counts as (

    select
        source_system,
        source_instance,
        count(*) as file_count,
        min(file_path) as first_file_path

    from unmended_files

    group by
        source_system,
        source_instance

),

table_totals as (

    select
        source_system,
        source_instance,
        table_name,
        sum(case when measure = 'exported' then row_count else 0 end) as exported_row_count,
        sum(case when measure = 'quarantined' then row_count else 0 end) as quarantined_row_count,
        sum(case when measure = 'unexplained' then abs(row_count) else 0 end) as unexplained_row_count

    from control_totals

    group by
        source_system,
        source_instance,
        table_name

),

measured_things as (

    select
        source_system,
        source_instance,
        object_name as subject_name,
        'days_without_export' as measure,
        cast(carried_days as double) as measured_value,
        delivery_name,
        'Nothing is known of the day: ' || replace(state_reason, '_', ' ') || '.' as unknown_reason

    from source_days

    where as_of_date = {{ as_of_date() }}

    union all

    select
        source_system,
        source_instance,
        table_name as subject_name,
        'quarantined_pct' as measure,
        case
            when exported_row_count > 0
                then cast(100 * quarantined_row_count as double) / cast(exported_row_count as double)
        end as measured_value,
        cast(null as string) as delivery_name,
        'No row was exported.' as unknown_reason

    from table_totals

    union all

    select
        source_system,
        source_instance,
        table_name as subject_name,
        'unexplained_rows_count' as measure,
        cast(unexplained_row_count as double) as measured_value,
        cast(null as string) as delivery_name,
        cast(null as string) as unknown_reason

    from table_totals

    union all

    select
        delivered_instances.source_system,
        delivered_instances.source_instance,
        'files' as subject_name,
        'refused_files_count' as measure,
        cast(coalesce(refused_counts.file_count, 0) as double) as measured_value,
        refused_counts.first_file_path as delivery_name,
        cast(null as string) as unknown_reason

    from delivered_instances
    -- Left: where nothing was refused, nothing was counted.
    left join refused_counts
        on
            delivered_instances.source_system = refused_counts.source_system
            and delivered_instances.source_instance = refused_counts.source_instance

),

judged_things as (

    select
        {{ as_of_date() }} as as_of_date,
        measured_things.source_system,
        measured_things.source_instance,
        measured_things.subject_name,
        measured_things.measure,
        measured_things.measured_value,
        limits.maximum_value,
        limits.unit,
        case
            -- Of an export without rows nothing can be bad.
            when measured_things.measured_value is null and measured_things.measure = 'quarantined_pct'
                then 'not_applicable'
            when measured_things.measured_value is null then 'insufficient_data'
            when measured_things.measured_value > limits.maximum_value then 'fail'
            else 'pass'
        end as status,
        case
            when measured_things.measured_value is null then measured_things.unknown_reason
            else
                cast(round(measured_things.measured_value, 2) as string) || ' ' || limits.unit || ', and at most '
                || cast(limits.maximum_value as string) || ' are allowed.'
        end as reason,
        measured_things.delivery_name

    from measured_things
    -- Inner: a system that policy sets no limit for is not judged.
    inner join limits
        on
            measured_things.source_system = limits.source_system
            and measured_things.measure = limits.measure

)

select * from judged_things
