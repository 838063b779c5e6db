{# One row per loaded table of an instance and thing that became of its rows: the parts add up. #}

with

files as (

    select
        source_system,
        source_instance,
        table_name,
        load_status,
        row_count,
        quarantined_row_count,
        superseded_row_count,
        repeated_row_count,
        corrected_row_count

    from {{ ref('stg_ledger__files') }}

),

infohub_scans as (

    select
        source_system,
        source_instance,
        scan_id,
        scan_status,
        file_count

    from {{ ref('stg_ledger__infohub_scans') }}

),

conformed_counts as (

    select
        table_name,
        conformed_model,
        source_instance,
        row_count

    from {{ ref('int_control__conformed_rows_counted') }}

),

left_out_counts as (

    select
        table_name,
        source_instance,
        measure,
        row_count

    from {{ ref('int_control__rows_left_out_counted') }}

),

summed_files as (

    select
        source_system,
        source_instance,
        table_name,
        sum(row_count) as exported_row_count,
        sum(quarantined_row_count) as quarantined_row_count,
        sum(repeated_row_count) as repeated_row_count,
        -- Versions that arrived already old, and those that a later file replaced.
        sum(superseded_row_count - repeated_row_count + corrected_row_count) as superseded_row_count

    from files

    -- Refused files were not read to their end, and of repeated ones the first has been counted.
    where load_status = 'loaded'

    group by
        source_system,
        source_instance,
        table_name

),

latest_scans as (

    select
        source_system,
        source_instance,
        'infohub__files' as table_name,
        file_count as exported_row_count

    from infohub_scans

    where scan_status = 'loaded'

    -- A scan finds the whole InfoHub again: only the latest one counts.
    qualify row_number() over (
        partition by source_system, source_instance order by scan_id desc nulls last
    ) = 1

),

delivered_tables as (

    select
        source_system,
        source_instance,
        table_name

    from summed_files

    union all

    select
        source_system,
        source_instance,
        table_name

    from latest_scans

),

measured_rows as (

    select
        source_system,
        source_instance,
        table_name,
        'exported' as measure,
        exported_row_count as row_count

    from summed_files

    union all

    select
        source_system,
        source_instance,
        table_name,
        'exported' as measure,
        exported_row_count as row_count

    from latest_scans

    union all

    select
        source_system,
        source_instance,
        table_name,
        'quarantined' as measure,
        quarantined_row_count as row_count

    from summed_files

    union all

    select
        source_system,
        source_instance,
        table_name,
        'repeated_delivery' as measure,
        repeated_row_count as row_count

    from summed_files

    union all

    select
        source_system,
        source_instance,
        table_name,
        'superseded_version' as measure,
        superseded_row_count as row_count

    from summed_files

    union all

    select
        delivered_tables.source_system,
        delivered_tables.source_instance,
        delivered_tables.table_name,
        left_out_counts.measure,
        left_out_counts.row_count

    from delivered_tables
    inner join left_out_counts
        on
            delivered_tables.table_name = left_out_counts.table_name
            and delivered_tables.source_instance = left_out_counts.source_instance

    union all

    select
        delivered_tables.source_system,
        delivered_tables.source_instance,
        delivered_tables.table_name,
        'conformed' as measure,
        coalesce(conformed_counts.row_count, 0) as row_count

    from delivered_tables
    -- Left: a model without a single row of a table that was delivered is what this looks for.
    left join conformed_counts
        on
            delivered_tables.table_name = conformed_counts.table_name
            and delivered_tables.source_instance = conformed_counts.source_instance

),

balanced_rows as (

    select
        source_system,
        source_instance,
        table_name,
        measure,
        row_count

    from measured_rows

    union all

    select
        source_system,
        source_instance,
        table_name,
        'unexplained' as measure,
        sum(case when measure = 'exported' then row_count else -row_count end) as row_count

    from measured_rows

    group by
        source_system,
        source_instance,
        table_name

),

named_models as (

    select
        table_name,
        max(conformed_model) as conformed_model

    from conformed_counts

    group by table_name

),

named_rows as (

    select
        balanced_rows.source_system,
        balanced_rows.source_instance,
        balanced_rows.table_name,
        named_models.conformed_model,
        balanced_rows.measure,
        cast(balanced_rows.row_count as bigint) as row_count,
        case
            when balanced_rows.measure in ('exported', 'conformed', 'unexplained') then balanced_rows.measure
            else 'excluded'
        end as measure_kind

    from balanced_rows
    -- Left: of a model without any row nothing is counted, not even its name.
    left join named_models
        on balanced_rows.table_name = named_models.table_name

    where balanced_rows.row_count <> 0 or balanced_rows.measure in ('exported', 'conformed', 'unexplained')

)

select * from named_rows
