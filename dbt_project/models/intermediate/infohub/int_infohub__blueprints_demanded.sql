{{ config(materialized='table') }}
{#
    One row per node whose archetype is known and active blueprint of it: whether the track asks for it, whether blueprint.yaml
    selects it, and whether one of its signals calls for it. A conditional blueprint is required by either of the last two.

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

triggered_blueprints as (

    select
        node_id,
        blueprint,
        signal,
        required_from_date,
        trigger_reason

    from {{ ref('int_governance__blueprints_triggered') }}

),

join_selections as (

    select
        nodes.node_id,
        blueprints.blueprint,
        nodes.track,
        case when nodes.is_blueprint_readable then coalesce(blueprint_tracks.requirement, 'unknown') else 'unknown' end
            as requirement,
        selected_blueprints.blueprint is not null as is_selected,
        triggered_blueprints.signal,
        triggered_blueprints.required_from_date,
        triggered_blueprints.trigger_reason

    from nodes

    inner join blueprints on nodes.archetype = blueprints.archetype

    -- left: without a track in force there is no requirement, most blueprints are not selected, and most have no signal
    left join blueprint_tracks
        on
            blueprints.blueprint = blueprint_tracks.blueprint
            and nodes.track = blueprint_tracks.track
    left join selected_blueprints
        on
            nodes.node_id = selected_blueprints.node_id
            and blueprints.blueprint = selected_blueprints.blueprint
    left join triggered_blueprints
        on
            nodes.node_id = triggered_blueprints.node_id
            and blueprints.blueprint = triggered_blueprints.blueprint

),

settle_requirements as (

    select
        node_id,
        blueprint,
        track,
        requirement,
        is_selected,
        requirement = 'required'
        or (requirement = 'conditional' and (is_selected or signal is not null)) as is_required,
        case when requirement = 'conditional' then signal end as trigger_signal,
        case when requirement = 'conditional' then required_from_date end as triggered_from_date,
        case when requirement = 'conditional' then trigger_reason end as trigger_reason

    from join_selections

),

judge_demands as (

    select
        node_id,
        blueprint,
        track,
        requirement,
        is_selected,
        is_required,
        case
            when requirement = 'required' then 'The track asks for ' || blueprint || '.'
            when is_required and is_selected then 'blueprint.yaml selects ' || blueprint || '.'
            when is_required then trigger_reason || '.'
        end as requirement_reason,
        trigger_signal,
        triggered_from_date,
        case
            when requirement = 'unknown' then 'unknown'
            when is_selected then 'instantiated'
            when is_required then 'not_instantiated'
            else 'not_asked_for'
        end as instantiation_status

    from settle_requirements

)

select * from judge_demands
