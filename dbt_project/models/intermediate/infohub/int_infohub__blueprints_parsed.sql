{{ config(materialized='table') }}
{# One row per node and entry of the list of reference blueprints in its blueprint.yaml. #}

with

blueprint_documents as (

    select
        node_id,
        file_path,
        coalesce(
            {{ json_part('fields_text', 'reference_blueprints') }},
            {{ json_part('fields_text', 'metadata.reference_blueprints') }}
        ) as listed_blueprints

    from {{ ref('int_infohub__node_documents_chosen') }}

    where file_kind = 'blueprint'

),

blueprints as (

    select
        blueprint,
        blueprint_id,
        blueprint_status

    from {{ ref('blueprints') }}

),

unfold_blueprints as (

    {{ json_array_items('blueprint_documents', 'listed_blueprints', ['node_id', 'file_path'], 'entry') }}

),

read_blueprints as (

    select
        node_id,
        file_path,
        item_index as entry_index,
        -- An entry is a name, or a mapping that holds one. A name has its quotes around it.
        replace(
            coalesce({{ json_text('entry', 'id') }}, {{ json_text('entry', 'blueprint') }}, entry), '"', ''
        ) as declared_blueprint

    from unfold_blueprints

),

recognise_blueprints as (

    select
        read_blueprints.node_id,
        read_blueprints.file_path,
        read_blueprints.entry_index,
        read_blueprints.declared_blueprint,
        blueprints.blueprint,
        case
            when blueprints.blueprint is null then 'unknown'
            when blueprints.blueprint_status = 'reserved' then 'reserved'
            when
                row_number() over (
                    partition by read_blueprints.node_id, blueprints.blueprint
                    order by read_blueprints.entry_index asc nulls last
                ) > 1
                then 'repeated'
            else 'selected'
        end as selection_status

    from read_blueprints

    -- left: a name that policy does not know is reported, not dropped
    left join blueprints
        on
            lower(trim(read_blueprints.declared_blueprint)) = lower(blueprints.blueprint_id)
            or lower(trim(read_blueprints.declared_blueprint)) = lower(blueprints.blueprint)

)

select * from recognise_blueprints
