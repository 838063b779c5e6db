{# One row per node and recurring duty of its archetype: whether it is done as often as its track asks, on the day asked about. #}

with

checked_cadences as (

    select
        node_id,
        track,
        duty,
        duty_name,
        blueprint,
        asset_path,
        file_path,
        rhythm,
        status,
        reason,
        last_date,
        due_date,
        days_ago,
        counted_days,
        maximum_days,
        day_kind,
        owner_role,
        playbook

    from {{ ref('int_governance__cadences_checked') }}

),

nodes as (

    select
        node_id,
        source_instance,
        realm,
        node,
        archetype,
        account_id,
        opportunity_id

    from {{ ref('int_infohub__nodes_resolved') }}

),

cadence_duties as (

    select
        archetype,
        duty

    from {{ ref('cadence_duties') }}

),

validation_strictness as (

    select
        archetype,
        track,
        severity

    from {{ ref('validation_strictness') }}

),

join_nodes as (

    select
        {{ as_of_date() }} as as_of_date,
        checked_cadences.node_id,
        nodes.source_instance,
        nodes.realm,
        nodes.node,
        nodes.account_id,
        nodes.opportunity_id,
        nodes.archetype,
        checked_cadences.track,
        checked_cadences.duty,
        checked_cadences.duty_name,
        checked_cadences.blueprint,
        checked_cadences.asset_path,
        checked_cadences.file_path,
        checked_cadences.rhythm,
        checked_cadences.status,
        checked_cadences.reason,
        checked_cadences.last_date,
        checked_cadences.due_date,
        checked_cadences.days_ago,
        checked_cadences.counted_days,
        checked_cadences.maximum_days,
        checked_cadences.day_kind,
        validation_strictness.severity,
        checked_cadences.owner_role,
        checked_cadences.playbook

    from checked_cadences

    inner join nodes on checked_cadences.node_id = nodes.node_id
    inner join cadence_duties
        on
            checked_cadences.duty = cadence_duties.duty
            -- A node whose archetype is unknown has the duties of both, since nobody can say which are its own.
            and coalesce(nodes.archetype, cadence_duties.archetype) = cadence_duties.archetype

    -- left: without a track nobody knows how strict to be
    left join validation_strictness
        on
            nodes.archetype = validation_strictness.archetype
            and checked_cadences.track = validation_strictness.track

)

select * from join_nodes
