{{ config(materialized='table') }}
{#
    One row per node, asset that can be read, and field that one of its levels asks for: whether it is filled.

    Fields are data, so the join brings the paths to the documents; no asset has SQL of its own.
#}

with

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

asset_level_fields as (

    select
        asset_path,
        asset_level,
        field_path

    from {{ ref('asset_level_fields') }}

),

placeholder_words as (

    select word

    from {{ ref('placeholder_words') }}

),

extract_fields as (

    select
        matched_assets.node_id,
        matched_assets.asset_path,
        asset_level_fields.asset_level,
        asset_level_fields.field_path,
        lower(trim({{ json_text_at('documents.fields_text', 'asset_level_fields.field_path') }}))
            as field_text

    from matched_assets

    inner join asset_level_fields on matched_assets.asset_path = asset_level_fields.asset_path

    -- left: a canvas without front matter fills no field
    left join documents
        on
            matched_assets.source_instance = documents.source_instance
            and matched_assets.file_path = documents.file_path

),

-- In a file of several documents any of them can fill a field.
check_fields as (

    select
        extract_fields.node_id,
        extract_fields.asset_path,
        extract_fields.asset_level,
        extract_fields.field_path,
        max(
            case
                when extract_fields.field_text is null then 0
                when extract_fields.field_text in ('', '[]', '{}') then 0
                when placeholder_words.word is not null then 0
                else 1
            end
        ) = 1 as is_filled

    from extract_fields

    -- left: most texts are no placeholders
    left join placeholder_words on extract_fields.field_text = placeholder_words.word

    group by
        extract_fields.node_id,
        extract_fields.asset_path,
        extract_fields.asset_level,
        extract_fields.field_path

)

select * from check_fields
