{# One row per node and waiver in its blueprint.yaml, with whether it is in force on the day. #}

with

blueprint_documents as (

    select
        node_id,
        file_path,
        {{ json_part('fields_text', 'waivers') }} as waivers

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

unfold_waivers as (

    {{ json_array_items('blueprint_documents', 'waivers', ['node_id', 'file_path'], 'entry') }}

),

read_waivers as (

    select
        unfold_waivers.node_id,
        unfold_waivers.file_path,
        unfold_waivers.item_index as entry_index,
        nodes.archetype,
        trim({{ json_text('unfold_waivers.entry', 'rule') }}) as declared_rule,
        trim({{ json_text('unfold_waivers.entry', 'reason') }}) as reason,
        trim({{ json_text('unfold_waivers.entry', 'approver') }}) as approver,
        {{ json_part('unfold_waivers.entry', 'approved_by_roles') }} as approved_by_roles,
        {{ json_date('unfold_waivers.entry', 'approved_on') }} as approved_date,
        {{ json_date('unfold_waivers.entry', 'expires_on') }} as expires_date

    from unfold_waivers

    inner join nodes on unfold_waivers.node_id = nodes.node_id

),

recognise_waivers as (

    select
        read_waivers.node_id,
        read_waivers.file_path,
        read_waivers.entry_index,
        read_waivers.declared_rule,
        items.blueprint,
        items.item,
        read_waivers.reason,
        read_waivers.approver,
        read_waivers.approved_by_roles,
        read_waivers.approved_date,
        read_waivers.expires_date,
        case
            when coalesce(read_waivers.reason, '') = '' or coalesce(read_waivers.approver, '') = ''
                then 'incomplete'
            -- A waiver without an end would never let its gap come back.
            when read_waivers.expires_date is null then 'incomplete'
            when read_waivers.approved_date > {{ as_of_date() }} then 'not_yet'
            when read_waivers.expires_date < {{ as_of_date() }} then 'expired'
            else 'active'
        end as waiver_status

    from read_waivers

    -- left: a rule may be named that is no checklist item. The item alone will do: no archetype has it twice.
    left join place_items as items
        on
            upper(read_waivers.declared_rule) = items.blueprint || '/' || items.item
            or (upper(read_waivers.declared_rule) = items.item and read_waivers.archetype = items.archetype)

)

select * from recognise_waivers
