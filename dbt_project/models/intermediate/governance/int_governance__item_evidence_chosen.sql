{{ config(materialized='table') }}
{#
    One row per node and checklist item whose asset the node has a readable file for: the document that holds the evidence.

    In a file of several documents it is the one with the most of the fields that the item reads. A document with none of
    them is a blank template: nobody has been asked yet, which is not the same as an answer left empty.
#}

with

checklist_items as (

    select
        blueprint,
        item,
        asset_path,
        evidence_fields

    from {{ ref('checklist_items') }}

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
        document_index,
        cast(fields as string) as fields_text

    from {{ ref('stg_infohub__documents') }}

    where fields is not null

),

list_fields as (

    {{ split_to_rows('checklist_items', 'evidence_fields', ';', ['blueprint', 'item', 'asset_path'], 'field_path') }}

),

-- By document and asset: an asset may serve two items, and its text is wide.
count_fields as (

    select
        matched_assets.node_id,
        list_fields.blueprint,
        list_fields.item,
        documents.source_instance,
        documents.file_path,
        documents.document_index,
        sum(case when {{ json_has_at('documents.fields_text', 'list_fields.field_path') }} then 1 else 0 end)
            as field_count

    from matched_assets

    inner join list_fields on matched_assets.asset_path = list_fields.asset_path
    -- inner: a canvas without front matter has no fields
    inner join documents
        on
            matched_assets.source_instance = documents.source_instance
            and matched_assets.file_path = documents.file_path

    group by
        matched_assets.node_id,
        list_fields.blueprint,
        list_fields.item,
        documents.source_instance,
        documents.file_path,
        documents.document_index

),

choose_documents as (

    select
        node_id,
        blueprint,
        item,
        source_instance,
        file_path,
        document_index,
        field_count

    from count_fields

    qualify
        row_number() over (
            partition by node_id, blueprint, item
            order by field_count desc nulls last, document_index asc nulls last
        ) = 1

),

read_documents as (

    select
        choose_documents.node_id,
        choose_documents.blueprint,
        choose_documents.item,
        choose_documents.file_path,
        choose_documents.document_index,
        choose_documents.field_count,
        documents.fields_text

    from choose_documents

    inner join documents
        on
            choose_documents.source_instance = documents.source_instance
            and choose_documents.file_path = documents.file_path
            and choose_documents.document_index = documents.document_index

)

select * from read_documents
