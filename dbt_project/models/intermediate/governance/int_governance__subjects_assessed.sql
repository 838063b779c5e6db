{{ config(materialized='table') }}
{#
    One row per node and thing that the gap scan looks at, in each of its five dimensions: what came of it, and the gap it is.

    Every node has rows in every dimension. Where nobody knows what is asked, one row says so instead of none being there.
#}

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
        is_scope_known,
        severity,
        owner_role,
        playbook

    from {{ ref('int_governance__nodes_weighed') }}

),

demanded_blueprints as (

    select
        node_id,
        blueprint,
        requirement,
        is_selected,
        is_required,
        requirement_reason,
        instantiation_status

    from {{ ref('int_infohub__blueprints_demanded') }}

    where instantiation_status <> 'unknown'

),

blueprints as (

    select
        blueprint,
        blueprint_name,
        owner_role

    from {{ ref('blueprints') }}

),

playbooks as (

    select
        blueprint,
        playbook

    from {{ ref('playbooks') }}

),

asset_subjects as (

    select
        node_id,
        dimension,
        subject,
        check_name,
        status,
        gap_kind,
        is_gap,
        is_assessed,
        reason,
        severity,
        owner_role,
        playbook,
        blueprint,
        asset_path,
        evidence_path,
        observed_value,
        threshold,
        waiver_expires_date

    from {{ ref('int_governance__asset_subjects_assessed') }}

),

work_subjects as (

    select
        node_id,
        dimension,
        subject,
        check_name,
        status,
        gap_kind,
        is_gap,
        is_assessed,
        reason,
        severity,
        owner_role,
        playbook,
        blueprint,
        asset_path,
        evidence_path,
        observed_value,
        threshold,
        waiver_expires_date

    from {{ ref('int_governance__work_subjects_assessed') }}

),

-- Playbooks are numbered in the order in which a blueprint comes to them.
choose_first_playbooks as (

    select
        blueprint,
        min(playbook) as playbook

    from playbooks

    group by blueprint

),

assess_blueprint_files as (

    select
        node_id,
        'engagement' as dimension,
        'blueprint' as subject,
        'blueprint_file' as check_name,
        case blueprint_status when 'readable' then 'pass' else 'fail' end as status,
        case blueprint_status
            when 'missing' then 'blueprint_missing' when 'unreadable' then 'blueprint_unreadable'
        end as gap_kind,
        blueprint_status <> 'readable' as is_gap,
        true as is_assessed,
        case blueprint_status
            when 'missing' then 'There is no blueprint.yaml.'
            when 'unreadable' then 'blueprint.yaml cannot be read: ' || coalesce(blueprint_reason_code, 'unknown') || '.'
            else 'blueprint.yaml is there and can be read.'
        end as reason,
        severity,
        owner_role,
        playbook,
        cast(null as string) as blueprint,
        'blueprint.yaml' as asset_path,
        blueprint_file_path as evidence_path,
        blueprint_status as observed_value,
        'readable' as threshold,
        cast(null as date) as waiver_expires_date

    from nodes

),

assess_archetypes as (

    select
        node_id,
        'engagement' as dimension,
        'archetype' as subject,
        'archetype' as check_name,
        case
            when archetype is not null then 'pass'
            when blueprint_status = 'readable' then 'fail'
            else 'insufficient_data'
        end as status,
        case when archetype is null and blueprint_status = 'readable' then 'archetype_unknown' end as gap_kind,
        archetype is null and blueprint_status = 'readable' as is_gap,
        archetype is not null or blueprint_status = 'readable' as is_assessed,
        case
            when archetype is not null then 'The archetype is ' || archetype || '.'
            when blueprint_status <> 'readable' then 'Without a blueprint.yaml that can be read nothing tells the archetype.'
            when archetype_status = 'unknown'
                then 'blueprint.yaml names `' || declared_archetype || '`, which policy does not know.'
            else 'Neither blueprint.yaml nor node_profile.yaml names the archetype.'
        end as reason,
        severity,
        owner_role,
        playbook,
        cast(null as string) as blueprint,
        'blueprint.yaml' as asset_path,
        blueprint_file_path as evidence_path,
        declared_archetype as observed_value,
        cast(null as string) as threshold,
        cast(null as date) as waiver_expires_date

    from nodes

),

assess_tracks as (

    select
        node_id,
        'engagement' as dimension,
        'track' as subject,
        'track' as check_name,
        case
            when track is not null then 'pass'
            when blueprint_status = 'readable' then 'fail'
            else 'insufficient_data'
        end as status,
        case when track is null and blueprint_status = 'readable' then 'track_unknown' end as gap_kind,
        track is null and blueprint_status = 'readable' as is_gap,
        track is not null or blueprint_status = 'readable' as is_assessed,
        track_reason as reason,
        severity,
        owner_role,
        playbook,
        cast(null as string) as blueprint,
        'blueprint.yaml' as asset_path,
        blueprint_file_path as evidence_path,
        track as observed_value,
        cast(null as string) as threshold,
        cast(null as date) as waiver_expires_date

    from nodes

),

assess_blueprints as (

    select
        demanded_blueprints.node_id,
        'blueprints' as dimension,
        demanded_blueprints.blueprint as subject,
        'instantiation' as check_name,
        case
            when demanded_blueprints.instantiation_status = 'not_instantiated' then 'fail'
            when demanded_blueprints.is_required then 'pass'
            else 'not_applicable'
        end as status,
        'blueprint_not_instantiated' as gap_kind,
        demanded_blueprints.instantiation_status = 'not_instantiated' as is_gap,
        true as is_assessed,
        case
            when demanded_blueprints.instantiation_status = 'not_instantiated' and demanded_blueprints.requirement = 'conditional'
                then
                    'blueprint.yaml does not select ' || demanded_blueprints.blueprint || ', ' || blueprints.blueprint_name
                    || ', which is needed: ' || demanded_blueprints.requirement_reason
            when demanded_blueprints.instantiation_status = 'not_instantiated'
                then
                    'The track asks for ' || demanded_blueprints.blueprint || ', ' || blueprints.blueprint_name
                    || ', and blueprint.yaml does not select it.'
            when demanded_blueprints.is_required then demanded_blueprints.blueprint || ' is selected, as it has to be.'
            when demanded_blueprints.is_selected
                then demanded_blueprints.blueprint || ' is selected, and the track does not ask for it.'
            else 'The engagement does not need ' || demanded_blueprints.blueprint || '.'
        end as reason,
        nodes.severity,
        blueprints.owner_role,
        choose_first_playbooks.playbook,
        demanded_blueprints.blueprint,
        'blueprint.yaml' as asset_path,
        nodes.blueprint_file_path as evidence_path,
        demanded_blueprints.instantiation_status as observed_value,
        'instantiated' as threshold,
        cast(null as date) as waiver_expires_date

    from demanded_blueprints

    inner join nodes on demanded_blueprints.node_id = nodes.node_id
    inner join blueprints on demanded_blueprints.blueprint = blueprints.blueprint

    -- left: a blueprint of whose playbooks policy says nothing
    left join choose_first_playbooks on demanded_blueprints.blueprint = choose_first_playbooks.blueprint

),

list_unknown_dimensions as (

    select 'blueprints' as dimension

    union all

    select 'assets' as dimension

    union all

    select 'cadence' as dimension

),

-- The checklist has its rows whatever is known.
assess_unknown_scopes as (

    select
        nodes.node_id,
        list_unknown_dimensions.dimension,
        'all' as subject,
        'scope' as check_name,
        'insufficient_data' as status,
        cast(null as string) as gap_kind,
        false as is_gap,
        false as is_assessed,
        case
            when nodes.archetype is null then 'It is unknown what governs the engagement.'
            when nodes.track is null then 'It is unknown which track is in force.'
            else 'Without blueprint.yaml it is unknown what the engagement has selected, dropped or had waived.'
        end as reason,
        nodes.severity,
        nodes.owner_role,
        nodes.playbook,
        cast(null as string) as blueprint,
        cast(null as string) as asset_path,
        cast(null as string) as evidence_path,
        cast(null as string) as observed_value,
        cast(null as string) as threshold,
        cast(null as date) as waiver_expires_date

    from nodes

    cross join list_unknown_dimensions

    where not nodes.is_scope_known

),

union_subjects as (

    {% for assessed in [
        'assess_blueprint_files', 'assess_archetypes', 'assess_tracks', 'assess_blueprints', 'assess_unknown_scopes',
        'asset_subjects', 'work_subjects',
    ] -%}
    select
        node_id,
        dimension,
        subject,
        check_name,
        status,
        gap_kind,
        is_gap,
        is_assessed,
        reason,
        severity,
        owner_role,
        playbook,
        blueprint,
        asset_path,
        evidence_path,
        observed_value,
        threshold,
        waiver_expires_date

    from {{ assessed }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

)

select * from union_subjects
