{#
    One row per node whose archetype is known and active blueprint of it: whether the track asks for it, and whether
    blueprint.yaml selects it.

    Without a track in force, or a blueprint.yaml that can be read, nothing can be said of what is asked: the CRM may know the
    track, but not what the node selected, dropped or had waived. Such nodes have their rows, with an unknown demand.
#}

with

nodes as (

    select
        node_id,
        archetype,
        track,
        blueprint_status = 'readable' as is_blueprint_readable

    from {{ ref('int_infohub__nodes_resolved') }}

    where archetype is not null

),

blueprints as (

    select
        blueprint,
        archetype

    from {{ ref('blueprints') }}

    where blueprint_status = 'active'

),

blueprint_tracks as (

    select
        blueprint,
        track,
        requirement

    from {{ ref('blueprint_tracks') }}

),

selected_blueprints as (

    select
        node_id,
        blueprint

    from {{ ref('int_infohub__blueprints_parsed') }}

    where selection_status = 'selected'

),

join_selections as (

    select
        nodes.node_id,
        blueprints.blueprint,
        nodes.track,
        case when nodes.is_blueprint_readable then coalesce(blueprint_tracks.requirement, 'unknown') else 'unknown' end
            as requirement,
        selected_blueprints.blueprint is not null as is_selected

    from nodes

    inner join blueprints on nodes.archetype = blueprints.archetype

    -- left: without a track in force there is no requirement, and most blueprints are not selected
    left join blueprint_tracks
        on
            blueprints.blueprint = blueprint_tracks.blueprint
            and nodes.track = blueprint_tracks.track
    left join selected_blueprints
        on
            nodes.node_id = selected_blueprints.node_id
            and blueprints.blueprint = selected_blueprints.blueprint

),

judge_demands as (

    select
        node_id,
        blueprint,
        track,
        requirement,
        is_selected,
        requirement = 'required' or (requirement = 'conditional' and is_selected) as is_required,
        case
            when requirement = 'unknown' then 'unknown'
            when is_selected then 'instantiated'
            when requirement = 'required' then 'not_instantiated'
            else 'not_asked_for'
        end as instantiation_status

    from join_selections

)

select * from judge_demands
