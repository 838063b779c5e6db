{{ config(materialized='table') }}
{# One row per node: how much its gaps weigh, and who closes those that concern the engagement as a whole. #}

with

nodes as (

    select
        node_id,
        archetype,
        track,
        track_reason,
        declared_archetype,
        archetype_status,
        blueprint_status,
        blueprint_reason_code,
        blueprint_file_path,
        is_ended

    from {{ ref('int_infohub__nodes_resolved') }}

),

validation_strictness as (

    select
        archetype,
        track,
        severity

    from {{ ref('validation_strictness') }}

),

engagement_owners as (

    select
        archetype,
        owner_role,
        playbook,
        severity

    from {{ ref('engagement_owners') }}

),

weigh_nodes as (

    select
        nodes.node_id,
        nodes.archetype,
        nodes.track,
        nodes.track_reason,
        nodes.declared_archetype,
        nodes.archetype_status,
        nodes.blueprint_status,
        nodes.blueprint_reason_code,
        nodes.blueprint_file_path,
        nodes.is_ended,
        -- A track that the CRM knows does not tell what a blueprint.yaml that cannot be read has selected, dropped or waived.
        nodes.archetype is not null and nodes.track is not null and nodes.blueprint_status = 'readable' as is_scope_known,
        case
            when nodes.archetype is not null and nodes.track is not null and nodes.blueprint_status = 'readable'
                then validation_strictness.severity
            else engagement_owners.severity
        end as severity,
        engagement_owners.owner_role,
        engagement_owners.playbook

    from nodes

    inner join engagement_owners on coalesce(nodes.archetype, 'unknown') = engagement_owners.archetype

    -- left: without archetype and track nothing is known of strictness
    left join validation_strictness
        on
            nodes.archetype = validation_strictness.archetype
            and nodes.track = validation_strictness.track

)

select * from weigh_nodes
