{{ config(materialized='table') }}
{#
    One row per number or status that a file of a node declares and policy knows a recomputation of, and per such recomputation.

    Each document of a file is read on its own: its summary is about its own list. What only holds a place declares nothing.
#}

with

declared_values as (

    select
        declaration,
        file_kind,
        asset_path,
        list_path,
        field_path,
        preference,
        recomputation,
        source_path,
        first_path,
        second_path,
        accepted_words,
        tolerance,
        owner_role

    from {{ ref('declared_values') }}

),

nodes as (

    select node_id

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

files as (

    select
        node_id,
        source_instance,
        asset_path,
        file_path

    from {{ ref('int_infohub__files_dated') }}

    where
        file_kind = 'asset'
        and is_readable
        and not is_later_version

),

node_documents as (

    select
        node_id,
        file_path,
        document_index,
        fields_text

    from {{ ref('int_infohub__node_documents_chosen') }}

    where
        file_kind = 'blueprint'
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

placeholder_words as (

    select word

    from {{ ref('placeholder_words') }}

),

list_files as (

    select distinct asset_path

    from declared_values

),

find_documents as (

    select
        matched_assets.node_id,
        'asset' as file_kind,
        matched_assets.asset_path,
        documents.file_path,
        documents.document_index,
        documents.fields_text

    from matched_assets

    inner join list_files on matched_assets.asset_path = list_files.asset_path
    inner join documents
        on
            matched_assets.source_instance = documents.source_instance
            and matched_assets.file_path = documents.file_path

    union all

    select
        files.node_id,
        'paper' as file_kind,
        files.asset_path,
        documents.file_path,
        documents.document_index,
        documents.fields_text

    from files

    inner join list_files on files.asset_path = list_files.asset_path
    inner join documents
        on
            files.source_instance = documents.source_instance
            and files.file_path = documents.file_path

    union all

    select
        node_id,
        'blueprint' as file_kind,
        'blueprint.yaml' as asset_path,
        file_path,
        document_index,
        fields_text

    from node_documents

),

place_declarations as (

    select
        find_documents.node_id,
        find_documents.asset_path,
        find_documents.file_path,
        find_documents.document_index,
        find_documents.fields_text,
        declared_values.declaration,
        declared_values.list_path,
        declared_values.field_path,
        declared_values.preference,
        declared_values.recomputation,
        declared_values.source_path,
        declared_values.first_path,
        declared_values.second_path,
        declared_values.accepted_words,
        declared_values.tolerance,
        declared_values.owner_role,
        case
            when declared_values.list_path is not null
                then {{ json_part_at('find_documents.fields_text', 'declared_values.list_path') }}
        end as entries

    from find_documents

    inner join nodes on find_documents.node_id = nodes.node_id
    inner join declared_values
        on
            find_documents.file_kind = declared_values.file_kind
            and find_documents.asset_path = declared_values.asset_path

),

unfold_lists as (

    {{ json_array_items('place_declarations', 'entries', ['node_id', 'file_path', 'document_index', 'declaration'], 'entry') }}

),

unfold_members as (

    {{ json_object_items('place_declarations', 'entries', ['node_id', 'file_path', 'document_index', 'declaration'], 'member_name', 'entry') }}

),

union_entries as (

    select
        node_id,
        file_path,
        document_index,
        declaration,
        entry,
        '[' || cast(item_index - 1 as string) || ']' as place

    from unfold_lists

    union all

    select
        node_id,
        file_path,
        document_index,
        declaration,
        entry,
        '.' || member_name as place

    from unfold_members

),

read_values as (

    select
        place_declarations.node_id,
        place_declarations.asset_path,
        place_declarations.file_path,
        place_declarations.document_index,
        place_declarations.fields_text,
        place_declarations.declaration,
        place_declarations.field_path as field,
        place_declarations.fields_text as entry,
        place_declarations.preference,
        place_declarations.recomputation,
        place_declarations.source_path,
        place_declarations.first_path,
        place_declarations.second_path,
        place_declarations.accepted_words,
        place_declarations.tolerance,
        place_declarations.owner_role,
        trim({{ json_text_at('place_declarations.fields_text', 'place_declarations.field_path') }}) as declared_value

    from place_declarations

    where place_declarations.list_path is null

    union all

    select
        place_declarations.node_id,
        place_declarations.asset_path,
        place_declarations.file_path,
        place_declarations.document_index,
        place_declarations.fields_text,
        place_declarations.declaration,
        place_declarations.list_path || union_entries.place || '.' || place_declarations.field_path as field,
        union_entries.entry,
        place_declarations.preference,
        place_declarations.recomputation,
        place_declarations.source_path,
        place_declarations.first_path,
        place_declarations.second_path,
        place_declarations.accepted_words,
        place_declarations.tolerance,
        place_declarations.owner_role,
        trim({{ json_text_at('union_entries.entry', 'place_declarations.field_path') }}) as declared_value

    from place_declarations

    inner join union_entries
        on
            place_declarations.node_id = union_entries.node_id
            and place_declarations.file_path = union_entries.file_path
            and place_declarations.document_index = union_entries.document_index
            and place_declarations.declaration = union_entries.declaration

),

read_parts as (

    select
        node_id,
        asset_path,
        file_path,
        document_index,
        declaration,
        field,
        preference,
        recomputation,
        source_path,
        first_path,
        second_path,
        accepted_words,
        tolerance,
        owner_role,
        declared_value,
        {{ json_part_at('fields_text', 'source_path') }} as source_part,
        trim({{ json_text_at('fields_text', 'source_path') }}) as source_value,
        trim({{ json_text_at('entry', 'first_path') }}) as first_value,
        trim({{ json_text_at('entry', 'second_path') }}) as second_value,
        -- Thresholds are the document's, also for what is in a list.
        case when recomputation in ('band', 'band_of_entry') then {{ json_part_at('fields_text', 'second_path') }} end
            as thresholds

    from read_values

),

leave_out_placeholders as (

    select
        read_parts.node_id,
        read_parts.asset_path,
        read_parts.file_path,
        read_parts.document_index,
        read_parts.declaration,
        read_parts.field,
        {{ hash_text(
            "read_parts.node_id || '|' || read_parts.file_path || '|' || cast(read_parts.document_index as string) || '|' "
            ~ "|| read_parts.declaration || '|' || read_parts.field"
        ) }} as declared_value_id,
        read_parts.declared_value,
        read_parts.source_part,
        case when read_parts.recomputation = 'same_number' then read_parts.source_value end as source_value,
        read_parts.first_value,
        read_parts.second_value,
        read_parts.thresholds,
        read_parts.preference,
        read_parts.recomputation,
        read_parts.source_path,
        read_parts.first_path,
        read_parts.second_path,
        read_parts.accepted_words,
        read_parts.tolerance,
        read_parts.owner_role

    from read_parts

    -- anti: most values are no placeholders
    left join placeholder_words on lower(read_parts.declared_value) = placeholder_words.word

    where
        read_parts.declared_value not in ('', '[]', '{}')
        and placeholder_words.word is null

)

select * from leave_out_placeholders
