{{ config(materialized='table') }}
{#
    One row per node and recurring duty whose asset the node has a readable file for: when it was done last.

    Whatever is dated after the day asked about is announced and not done. A document without the field is a blank template.
#}

with

cadence_duties as (

    select
        duty,
        asset_path,
        evidence_field,
        entry_field

    from {{ ref('cadence_duties') }}

    where asset_path is not null

),

nodes as (

    select
        node_id,
        ended_date

    from {{ ref('int_infohub__nodes_resolved') }}

),

matched_assets as (

    select
        node_id,
        asset_path,
        file_path,
        split_part(node_id, ':', 2) as source_instance

    from {{ ref('int_infohub__assets_matched') }}

    where
        is_readable
        and not is_later_version

),

documents as (

    select
        source_instance,
        file_path,
        cast(fields as string) as fields_text

    from {{ ref('stg_infohub__documents') }}

    where fields is not null

),

read_fields as (

    select
        matched_assets.node_id,
        matched_assets.file_path,
        cadence_duties.duty,
        cadence_duties.entry_field,
        {{ json_has_at('documents.fields_text', 'cadence_duties.evidence_field') }} as has_field,
        {{ json_text_at('documents.fields_text', 'cadence_duties.evidence_field') }} as field_text,
        case
            when cadence_duties.entry_field is not null
                then {{ json_part_at('documents.fields_text', 'cadence_duties.evidence_field') }}
        end as entries

    from matched_assets

    inner join cadence_duties on matched_assets.asset_path = cadence_duties.asset_path

    -- left: a canvas without front matter has no fields
    left join documents
        on
            matched_assets.source_instance = documents.source_instance
            and matched_assets.file_path = documents.file_path

),

unfold_entries as (

    {{ json_array_items('read_fields', 'entries', ['node_id', 'duty', 'entry_field'], 'entry') }}

),

union_dates as (

    select
        node_id,
        duty,
        field_text as date_text

    from read_fields

    where entry_field is null

    union all

    select
        node_id,
        duty,
        -- Some list the bare days.
        coalesce({{ json_text_at('entry', 'entry_field') }}, case when entry like '"%' then replace(entry, '"', '') end)
            as date_text

    from unfold_entries

),

read_dates as (

    select
        node_id,
        duty,
        trim(date_text) as date_text,
        {{ text_date('date_text') }} as done_date

    from union_dates

    where trim(date_text) <> ''

),

summarise_dates as (

    select
        read_dates.node_id,
        read_dates.duty,
        max(case when read_dates.done_date <= {{ as_of_date() }} then read_dates.done_date end) as last_date,
        min(
            case
                when read_dates.done_date between nodes.ended_date and {{ as_of_date() }} then read_dates.done_date
            end
        ) as first_date_since_end,
        count(case when read_dates.done_date is null then 1 end) as unreadable_date_count

    from read_dates

    inner join nodes on read_dates.node_id = nodes.node_id

    group by read_dates.node_id, read_dates.duty

),

summarise_files as (

    select
        node_id,
        duty,
        min(file_path) as file_path,
        max(case when has_field then 1 else 0 end) = 1 as has_field

    from read_fields

    group by node_id, duty

),

join_dates as (

    select
        summarise_files.node_id,
        summarise_files.duty,
        summarise_files.file_path,
        summarise_files.has_field,
        summarise_dates.last_date,
        summarise_dates.first_date_since_end,
        coalesce(summarise_dates.unreadable_date_count, 0) as unreadable_date_count

    from summarise_files

    -- left: a file may hold no day at all
    left join summarise_dates
        on
            summarise_files.node_id = summarise_dates.node_id
            and summarise_files.duty = summarise_dates.duty

)

select * from join_dates
