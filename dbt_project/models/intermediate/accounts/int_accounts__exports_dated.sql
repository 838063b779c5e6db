{#
    One row per table and instance of account records, with the latest full export that was taken by the end
    of the day.
#}

with

exports as (

    -- A repeated file brings nothing, and marks nothing as seen unless its name dates it later: only loaded
    -- ones show what is there.
    select
        table_name,
        source_system,
        source_instance,
        delivered_at

    from {{ ref('stg_ledger__files') }}

    where
        table_name in ('salesforce__accounts', 'hubspot__companies')
        and load_status = 'loaded'
        and delivered_at < {{ as_of_end() }}

),

latest_exports as (

    select
        source_system,
        source_instance,
        table_name,
        max(delivered_at) as exported_at

    from exports

    group by source_system, source_instance, table_name

)

select * from latest_exports
