{# One row per export file that counts as a delivery: the object it is about, and the day. #}

with

files as (

    select
        file_id,
        source_system,
        source_instance,
        table_name,
        file_path,
        delivered_at,
        load_status

    from {{ ref('stg_ledger__files') }}

),

source_objects as (

    select
        table_name,
        object_name,
        delivery_kind

    from {{ ref('source_objects') }}

),

dated_exports as (

    select
        files.file_id,
        files.source_system,
        files.source_instance,
        files.table_name,
        source_objects.object_name,
        source_objects.delivery_kind,
        files.file_path,
        -- A day in a file's name is the business's own day; only a moment has to be put into its time zone.
        case
            when
                files.delivered_at = date_trunc('day', files.delivered_at)
                then cast(files.delivered_at as date)
            else {{ business_date('files.delivered_at') }}
        end as delivered_date

    from files
    -- Inner: what belongs to no table was refused, and every table is in the list.
    inner join source_objects
        on files.table_name = source_objects.table_name

    where
        files.load_status = 'loaded'
        -- A full export that repeats another to the byte says that nothing changed; a stream that does is a copy.
        or (files.load_status = 'repeated' and source_objects.delivery_kind = 'full')

),

ranked_exports as (

    select
        file_id,
        source_system,
        source_instance,
        table_name,
        object_name,
        delivery_kind,
        file_path,
        delivered_date,
        delivered_date = min(delivered_date) over (
            partition by source_system, source_instance, table_name
        ) as is_first_delivery

    from dated_exports

)

select * from ranked_exports
