{# One row per gap and day of a scan: as it was found, waived, or could not be looked for. #}

{{ config(
    materialized='incremental' if target.type == 'duckdb' else 'table',
    incremental_strategy='delete+insert',
    unique_key=['as_of_date', 'node_id', 'gap_id'],
    on_schema_change='append_new_columns',
    full_refresh=false,
    pre_hook="{{ delete_scan_of_the_day() }}"
) }}

{#- A scan tells of one day, so no build can write the days before it again: what is there is kept, also by a full refresh. #}

with

gaps as (

    select
        gap_id,
        node_id,
        source_instance,
        realm,
        node,
        account_id,
        opportunity_id,
        archetype,
        track,
        dimension,
        gap_kind,
        subject,
        gap_state,
        status,
        reason,
        severity,
        owner_role,
        playbook,
        blueprint,
        asset_path,
        evidence_path,
        observed_value,
        threshold,
        waiver_expires_date,
        due_days

    from {{ ref('int_governance__gaps_found') }}

),

date_gaps as (

    select
        {{ as_of_date() }} as as_of_date,
        gap_id,
        node_id,
        source_instance,
        realm,
        node,
        account_id,
        opportunity_id,
        archetype,
        track,
        dimension,
        gap_kind,
        subject,
        gap_state,
        status,
        reason,
        severity,
        owner_role,
        playbook,
        blueprint,
        asset_path,
        evidence_path,
        observed_value,
        threshold,
        waiver_expires_date,
        due_days,
        {{ policy_version() }} as policy_version

    from gaps

)

select * from date_gaps
