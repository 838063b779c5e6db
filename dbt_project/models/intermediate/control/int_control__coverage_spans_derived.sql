{# One row per object and span of days that one delivery tells of in one way, or that was lost before it. #}

with

deliveries as (

    select
        source_system,
        source_instance,
        table_name,
        object_name,
        delivery_kind,
        delivered_date,
        file_id,
        previous_delivered_date,
        is_after_lost_export,
        first_covered_date

    from {{ ref('int_control__deliveries_dated') }}

),

exports as (

    select
        file_id,
        file_path

    from {{ ref('int_control__exports_dated') }}

),

infohub_scans as (

    select
        source_system,
        source_instance,
        scan_id,
        run_id,
        {{ business_date('loaded_at') }} as scanned_date

    from {{ ref('stg_ledger__infohub_scans') }}

    where scan_status = 'loaded'

),

infohub_documents as (

    select
        source_instance,
        content_date

    from {{ ref('stg_infohub__documents') }}

),

first_documents as (

    select
        source_instance,
        min(content_date) as first_content_date

    from infohub_documents

    where content_date <= {{ as_of_date() }}

    group by source_instance

),

first_scans as (

    select
        source_system,
        source_instance,
        min(scanned_date) as scanned_date,
        min(scan_id) as scan_id,
        min(run_id) as run_id

    from infohub_scans

    group by
        source_system,
        source_instance

),

derived_spans as (

    -- The day of an export, or every day of a stream.
    select
        source_system,
        source_instance,
        object_name,
        'observed' as state_basis,
        delivery_kind || '_export' as state_reason,
        case when delivery_kind = 'events' then first_covered_date else delivered_date end as first_date,
        delivered_date as last_date,
        delivered_date,
        table_name,
        file_id

    from deliveries

    where delivery_kind <> 'history'

    union all

    -- Between two exports of changes, the rows' own stamps tell when they became what they are.
    select
        source_system,
        source_instance,
        object_name,
        'reconstructed' as state_basis,
        case when delivery_kind = 'history' then 'history_events' else 'row_stamps' end as state_reason,
        first_covered_date as first_date,
        case when delivery_kind = 'history' then delivered_date else {{ add_days('delivered_date', -1) }} end
            as last_date,
        delivered_date,
        table_name,
        file_id

    from deliveries

    where delivery_kind in ('history', 'changes')

    union all

    select
        source_system,
        source_instance,
        object_name,
        'missing' as state_basis,
        'export_lost' as state_reason,
        {{ add_days('previous_delivered_date', 1) }} as first_date,
        {{ add_days('first_covered_date', -1) }} as last_date,
        delivered_date,
        table_name,
        file_id

    from deliveries

    where is_after_lost_export

),

named_spans as (

    select
        derived_spans.source_system,
        derived_spans.source_instance,
        derived_spans.object_name,
        derived_spans.state_basis,
        derived_spans.state_reason,
        derived_spans.first_date,
        derived_spans.last_date,
        derived_spans.delivered_date,
        derived_spans.table_name,
        derived_spans.file_id,
        exports.file_path as delivery_name

    from derived_spans
    inner join exports
        on derived_spans.file_id = exports.file_id

    union all

    select
        source_system,
        source_instance,
        'infohub_files' as object_name,
        'observed' as state_basis,
        'full_export' as state_reason,
        scanned_date as first_date,
        scanned_date as last_date,
        scanned_date as delivered_date,
        'infohub__files' as table_name,
        cast(null as integer) as file_id,
        run_id as delivery_name

    from infohub_scans

    union all

    -- What a file says dates itself: a file read today tells of every day since.
    select
        first_scans.source_system,
        first_scans.source_instance,
        'infohub_files' as object_name,
        'reconstructed' as state_basis,
        'content_dates' as state_reason,
        first_documents.first_content_date as first_date,
        {{ add_days('first_scans.scanned_date', -1) }} as last_date,
        first_scans.scanned_date as delivered_date,
        'infohub__files' as table_name,
        cast(null as integer) as file_id,
        first_scans.run_id as delivery_name

    from first_scans
    inner join first_documents
        on first_scans.source_instance = first_documents.source_instance

)

select * from named_spans
