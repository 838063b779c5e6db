{# Duties of a node's archetype, or of both where it is unknown, that the mart has no row for, and rows that no such duty asks for. #}

with

nodes as (

    select
        node_id,
        archetype

    from {{ ref('int_infohub__nodes_resolved') }}

),

cadence_duties as (

    select
        archetype,
        duty

    from {{ ref('cadence_duties') }}

    where asset_path is not null

),

expected_duties as (

    select
        nodes.node_id,
        cadence_duties.duty

    from nodes

    inner join cadence_duties on coalesce(nodes.archetype, cadence_duties.archetype) = cadence_duties.archetype

),

found_duties as (

    select
        node_id,
        duty

    from {{ ref('fct_cadence_compliance') }}

),

compare_duties as (

    select
        coalesce(expected_duties.node_id, found_duties.node_id) as node_id,
        coalesce(expected_duties.duty, found_duties.duty) as duty

    from expected_duties

    -- full: what is missing fails, and so does what is too much
    full outer join found_duties
        on
            expected_duties.node_id = found_duties.node_id
            and expected_duties.duty = found_duties.duty

    where
        expected_duties.node_id is null
        or found_duties.node_id is null

)

select * from compare_duties
