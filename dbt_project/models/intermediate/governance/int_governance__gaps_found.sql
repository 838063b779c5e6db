{{ config(materialized='table') }}
{#
    One row per node, kind of gap and subject: the gaps of the day, those that are waived, and those that could not be looked for.

    What could not be looked for is no gap found. Its rows are there so that a gap found earlier is not taken for closed.
#}

with

subjects as (

    select
        node_id,
        dimension,
        subject,
        check_name,
        status,
        gap_kind,
        is_gap,
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

    from {{ ref('int_governance__subjects_assessed') }}

),

nodes as (

    select
        node_id,
        source_instance,
        realm,
        node,
        archetype,
        track,
        account_id,
        opportunity_id

    from {{ ref('int_infohub__nodes_resolved') }}

),

weighed_nodes as (

    select
        node_id,
        is_scope_known

    from {{ ref('int_governance__nodes_weighed') }}

),

gap_kinds as (

    select
        gap_kind,
        dimension,
        check_name

    from {{ ref('gap_kinds') }}

),

gap_due_days as (

    select
        archetype,
        track,
        severity,
        due_days

    from {{ ref('gap_due_days') }}

),

match_kinds as (

    select
        subjects.node_id,
        gap_kinds.gap_kind,
        subjects.dimension,
        subjects.subject,
        subjects.status,
        case
            when subjects.is_gap and subjects.gap_kind = gap_kinds.gap_kind then 'open'
            when subjects.status = 'waived' and subjects.gap_kind = gap_kinds.gap_kind then 'waived'
            when subjects.status = 'insufficient_data' then 'unassessed'
        end as gap_state,
        subjects.reason,
        subjects.severity,
        subjects.owner_role,
        subjects.playbook,
        subjects.blueprint,
        subjects.asset_path,
        subjects.evidence_path,
        subjects.observed_value,
        subjects.threshold,
        subjects.waiver_expires_date

    from subjects

    inner join gap_kinds
        on
            subjects.dimension = gap_kinds.dimension
            and subjects.check_name = gap_kinds.check_name

),

name_gaps as (

    select
        nodes.realm || '/' || nodes.node || '|' || match_kinds.gap_kind || '|' || match_kinds.subject as gap_id,
        match_kinds.node_id,
        nodes.source_instance,
        nodes.realm,
        nodes.node,
        nodes.account_id,
        nodes.opportunity_id,
        nodes.archetype,
        nodes.track,
        match_kinds.dimension,
        match_kinds.gap_kind,
        match_kinds.subject,
        match_kinds.gap_state,
        match_kinds.status,
        match_kinds.reason,
        match_kinds.severity,
        match_kinds.owner_role,
        match_kinds.playbook,
        match_kinds.blueprint,
        match_kinds.asset_path,
        match_kinds.evidence_path,
        match_kinds.observed_value,
        match_kinds.threshold,
        match_kinds.waiver_expires_date,
        gap_due_days.due_days

    from match_kinds

    inner join nodes on match_kinds.node_id = nodes.node_id
    inner join weighed_nodes on match_kinds.node_id = weighed_nodes.node_id
    inner join gap_due_days
        on
            case when nodes.archetype is null or nodes.track is null then 'unknown' else nodes.archetype end
            = gap_due_days.archetype
            and case when nodes.archetype is null or nodes.track is null then 'unknown' else nodes.track end
            = gap_due_days.track
            and match_kinds.severity = gap_due_days.severity

    where
        match_kinds.gap_state in ('open', 'waived')
        -- Where nobody knows what is asked, the node's scan closes nothing, and needs no row for each.
        or (match_kinds.gap_state = 'unassessed' and weighed_nodes.is_scope_known)

)

select * from name_gaps
