{{ config(materialized='table') }}
{# One row per file of a node in the InfoHub, with the day its content is of. #}

with

files as (

    select
        source_instance,
        file_path,
        realm,
        node,
        area,
        asset_path,
        file_kind,
        file_modified_at,
        reading_status,
        reading_reason_code,
        reading_reason,
        reason_line,
        document_count

    from {{ ref('stg_infohub__files') }}

    where
        node is not null
        and file_kind <> 'template'

),

documents as (

    select
        source_instance,
        file_path,
        document_index,
        content_date,
        content_at,
        content_date_key

    from {{ ref('stg_infohub__documents') }}

    where not is_content_date_inferred

),

date_documents as (

    select
        source_instance,
        file_path,
        content_date_key,
        document_index,
        {{ declared_date('content_date', 'content_at') }} as declared_date

    from documents

),

-- A file of several documents is a log that is continued below: the newest of their days counts.
choose_newest_documents as (

    select
        source_instance,
        file_path,
        declared_date,
        content_date_key

    from date_documents

    qualify
        row_number() over (
            partition by source_instance, file_path
            order by declared_date desc nulls last, document_index asc nulls last
        ) = 1

),

date_files as (

    select
        files.source_instance,
        files.file_path,
        {{ conformed_id("'infohub'", 'files.source_instance', "files.realm || '/' || files.node") }}
            as node_id,
        files.realm,
        files.node,
        files.area,
        files.asset_path,
        files.file_kind,
        files.reading_status,
        files.reading_reason_code,
        files.reading_reason,
        files.reason_line,
        -- An empty file reads without a fault and still says nothing.
        files.reading_status = 'parsed' and files.document_count > 0 as is_readable,
        coalesce(documents.declared_date, {{ business_date('files.file_modified_at') }}) as content_date,
        documents.content_date_key,
        documents.declared_date is null as is_content_date_inferred

    from files

    -- left: a file without a day of its own still has one from the file system
    left join choose_newest_documents as documents
        on
            files.source_instance = documents.source_instance
            and files.file_path = documents.file_path

),

mark_later_files as (

    select
        source_instance,
        file_path,
        node_id,
        realm,
        node,
        area,
        asset_path,
        file_kind,
        reading_status,
        reading_reason_code,
        reading_reason,
        reason_line,
        is_readable,
        content_date,
        content_date_key,
        is_content_date_inferred,
        coalesce(content_date > {{ as_of_date() }}, false) as is_later_version

    from date_files

)

select * from mark_later_files
