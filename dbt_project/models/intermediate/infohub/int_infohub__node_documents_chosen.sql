{{ config(materialized='table') }}
{# One row per node and file that tells about it: blueprint.yaml, node_profile.yaml, if they can be read. #}

with

files as (

    select
        source_instance,
        file_path,
        node_id,
        realm,
        node,
        file_kind,
        content_date,
        is_later_version

    from {{ ref('int_infohub__files_dated') }}

    where
        file_kind in ('blueprint', 'node_profile')
        and is_readable

),

documents as (

    select
        source_instance,
        file_path,
        document_index,
        cast(fields as string) as fields_text

    from {{ ref('stg_infohub__documents') }}

    where fields is not null

),

join_documents as (

    select
        files.node_id,
        files.source_instance,
        files.realm,
        files.node,
        files.file_kind,
        files.file_path,
        files.content_date,
        files.is_later_version,
        documents.document_index,
        documents.fields_text,
        coalesce(
            {{ json_text('documents.fields_text', 'archetype') }},
            {{ json_text('documents.fields_text', 'node_id') }}
        ) is not null as is_identifying

    from files

    inner join documents
        on
            files.source_instance = documents.source_instance
            and files.file_path = documents.file_path

),

-- Front matter or a note can be a document of its own; .yaml and .yml can lie side by side.
choose_documents as (

    select
        node_id,
        source_instance,
        realm,
        node,
        file_kind,
        file_path,
        content_date,
        is_later_version,
        document_index,
        fields_text

    from join_documents

    qualify
        row_number() over (
            partition by node_id, file_kind
            order by is_identifying desc nulls last, file_path asc nulls last, document_index asc nulls last
        ) = 1

)

select * from choose_documents
