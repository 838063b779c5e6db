{#
    One row per account record of the CRMs: from which day on its activities are known.

    Exports reach back only so far. Before that day, no activity found does not mean that there was none.
#}

with

records as (

    select
        account_record_id,
        source_system,
        source_instance,
        created_at

    from {{ ref('int_accounts__records_unioned') }}

),

resolved_records as (

    select
        account_record_id,
        account_id

    from {{ ref('int_accounts__records_resolved') }}

),

files as (

    select
        source_system,
        source_instance,
        table_name,
        coalesce(delivered_at, loaded_at) as delivered_at

    from {{ ref('stg_ledger__files') }}

    where
        load_status = 'loaded'
        and table_name in ('salesforce__tasks', 'salesforce__events')

),

retention as (

    select
        source_system,
        retained_days

    from {{ ref('activity_retention') }}

),

first_exports as (

    select
        source_system,
        source_instance,
        table_name,
        min(cast(delivered_at as date)) as delivered_date

    from files

    group by source_system, source_instance, table_name

),

reaches as (

    -- tasks and calendar events are exported apart: known is what both reach
    select
        first_exports.source_system,
        first_exports.source_instance,
        max({{ add_days('first_exports.delivered_date', '1 - retention.retained_days') }}) as known_from_date,
        count(*) as exported_table_count

    from first_exports

    inner join retention
        on first_exports.source_system = retention.source_system

    group by first_exports.source_system, first_exports.source_instance

),

covered_records as (

    select
        records.account_record_id,
        resolved_records.account_id,
        records.source_system,
        records.source_instance,
        {{ business_date('records.created_at') }} as created_date,
        reaches.known_from_date,
        case
            when reaches.known_from_date is null then 'none'
            when {{ business_date('records.created_at') }} >= reaches.known_from_date then 'complete'
            else 'partial'
        end as coverage_status

    from records

    left join resolved_records
        on records.account_record_id = resolved_records.account_record_id

    left join reaches
        on
            records.source_system = reaches.source_system
            and records.source_instance = reaches.source_instance

)

select * from covered_records
