{# One row per node and asset that its blueprint.yaml adds to what policy asks for, or drops from it. #}

with

blueprint_documents as (

    select
        node_id,
        file_path,
        {{ json_part('fields_text', 'customisations.extra_assets') }} as extra_assets,
        {{ json_part('fields_text', 'customisations.dropped_assets') }} as dropped_assets

    from {{ ref('int_infohub__node_documents_chosen') }}

    where file_kind = 'blueprint'

),

assets as (

    select
        asset_path,
        blueprint

    from {{ ref('assets') }}

),

placeholder_words as (

    select word

    from {{ ref('placeholder_words') }}

),

unfold_extra_assets as (

    {{ json_array_items('blueprint_documents', 'extra_assets', ['node_id', 'file_path'], 'entry') }}

),

unfold_dropped_assets as (

    {{ json_array_items('blueprint_documents', 'dropped_assets', ['node_id', 'file_path'], 'entry') }}

),

union_entries as (

    select
        node_id,
        file_path,
        'extra' as customisation_kind,
        item_index as entry_index,
        entry

    from unfold_extra_assets

    union all

    select
        node_id,
        file_path,
        'dropped' as customisation_kind,
        item_index as entry_index,
        entry

    from unfold_dropped_assets

),

read_entries as (

    select
        node_id,
        file_path,
        customisation_kind,
        entry_index,
        replace(coalesce({{ json_text('entry', 'path') }}, entry), '"', '') as asset_path,
        {{ plain_name(json_text('entry', 'level')) }} as declared_level,
        trim({{ json_text('entry', 'reason') }}) as reason

    from union_entries

),

judge_entries as (

    select
        read_entries.node_id,
        read_entries.file_path,
        read_entries.customisation_kind,
        read_entries.entry_index,
        read_entries.asset_path,
        assets.blueprint,
        read_entries.declared_level,
        read_entries.reason,
        coalesce(read_entries.reason, '') <> '' and placeholder_words.word is null as has_reason,
        case
            when coalesce(read_entries.reason, '') = '' or placeholder_words.word is not null
                then 'without_reason'
            when read_entries.customisation_kind = 'dropped' and assets.asset_path is null
                then 'unknown_asset'
            when read_entries.customisation_kind = 'extra' and assets.asset_path is not null
                then 'required_anyway'
            else 'accepted'
        end as customisation_status

    from read_entries

    -- left: what is added is no asset of policy
    left join assets on read_entries.asset_path = assets.asset_path
    left join placeholder_words on lower(read_entries.reason) = placeholder_words.word

)

select * from judge_entries
