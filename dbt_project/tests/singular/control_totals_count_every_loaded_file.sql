{# A table of which the control totals do not hold all rows that the loaded files had. #}

with

files as (

    select
        source_system,
        source_instance,
        table_name,
        sum(row_count) as loaded_row_count

    from {{ ref('stg_ledger__files') }}

    where load_status = 'loaded'

    group by
        source_system,
        source_instance,
        table_name

),

control_totals as (

    select
        source_system,
        source_instance,
        table_name,
        row_count

    from {{ ref('rpt_control_totals') }}

    where measure = 'exported'

),

uncounted_tables as (

    select
        files.source_system,
        files.source_instance,
        files.table_name

    from files
    -- Left: a table that is missing from the totals altogether is the worst case.
    left join control_totals
        on
            files.source_system = control_totals.source_system
            and files.source_instance = control_totals.source_instance
            and files.table_name = control_totals.table_name

    where files.loaded_row_count <> coalesce(control_totals.row_count, -1)

)

select * from uncounted_tables
