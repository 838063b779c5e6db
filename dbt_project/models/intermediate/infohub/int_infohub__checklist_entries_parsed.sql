{# One row per node and checklist entry in its blueprint.yaml, as declared there. #}

with

blueprint_documents as (

    select
        node_id,
        file_path,
        {{ json_part('fields_text', 'checklists') }} as checklists

    from {{ ref('int_infohub__node_documents_chosen') }}

    where file_kind = 'blueprint'

),

nodes as (

    select
        node_id,
        archetype

    from {{ ref('int_infohub__nodes_resolved') }}

),

checklist_items as (

    select
        blueprint,
        item

    from {{ ref('checklist_items') }}

),

blueprints as (

    select
        blueprint,
        archetype

    from {{ ref('blueprints') }}

),

place_items as (

    select
        checklist_items.blueprint,
        checklist_items.item,
        blueprints.archetype

    from checklist_items

    inner join blueprints on checklist_items.blueprint = blueprints.blueprint

),

unfold_phases as (

    {{ json_object_items('blueprint_documents', 'checklists', ['node_id', 'file_path'], 'phase', 'entries') }}

),

unfold_entries as (

    {{ json_array_items('unfold_phases', 'entries', ['node_id', 'file_path', 'phase'], 'entry') }}

),

read_entries as (

    select
        unfold_entries.node_id,
        unfold_entries.file_path,
        unfold_entries.phase,
        unfold_entries.item_index as entry_index,
        phase_blueprints.blueprint as phase_blueprint,
        nodes.archetype,
        {{ json_text('unfold_entries.entry', 'check_id') }} as declared_item,
        {{ plain_name(json_text('unfold_entries.entry', 'status')) }} as declared_status,
        {{ json_text('unfold_entries.entry', 'notes') }} as notes

    from unfold_entries

    inner join nodes on unfold_entries.node_id = nodes.node_id

    -- left: a phase can be anything, also a blueprint
    left join blueprints as phase_blueprints on upper(trim(unfold_entries.phase)) = phase_blueprints.blueprint

),

recognise_entries as (

    select
        read_entries.node_id,
        read_entries.file_path,
        read_entries.phase,
        read_entries.entry_index,
        read_entries.declared_item,
        items.blueprint,
        items.item,
        read_entries.declared_status,
        read_entries.notes

    from read_entries

    -- left: entries of the node's own are no policy. An id that two blueprints share is told apart by the
    -- phase, where that is a blueprint, or by the archetype.
    left join place_items as items
        on
            upper(trim(read_entries.declared_item)) = items.item
            and (
                read_entries.phase_blueprint = items.blueprint
                or (read_entries.phase_blueprint is null and read_entries.archetype = items.archetype)
            )

)

select * from recognise_entries
