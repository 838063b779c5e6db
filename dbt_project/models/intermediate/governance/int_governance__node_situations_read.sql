{{ config(materialized='table') }}
{#
    One row per node: what its folder and the CRM say of its situation, on which it depends what a checklist may ask.

    The stage is the CRM's where an export knows the deal; without one, what node_profile.yaml declares has to do.
#}

with

nodes as (

    select
        node_id,
        archetype,
        track,
        opportunity_id,
        started_date,
        signed_date,
        ended_date,
        is_ended

    from {{ ref('int_infohub__nodes_resolved') }}

),

documents as (

    select
        node_id,
        file_kind,
        fields_text

    from {{ ref('int_infohub__node_documents_chosen') }}

    -- What was written after the day says nothing of it.
    where not is_later_version

),

opportunities as (

    select
        opportunity_id,
        policy_stage,
        closed_at

    from {{ ref('int_stage__opportunities_valued') }}

),

stages as (

    select
        policy_stage,
        stage_order,
        is_open,
        is_won

    from {{ ref('stages') }}

),

read_documents as (

    select
        nodes.node_id,
        nodes.opportunity_id,
        nodes.started_date,
        nodes.signed_date,
        nodes.ended_date,
        nodes.is_ended,
        nodes.archetype,
        {{ plain_name(json_text('profiles.fields_text', 'commercial.stage')) }} as declared_stage,
        {{ json_text('profiles.fields_text', 'situation.is_competitive') }} = 'true' as is_competitive,
        {{ json_text('profiles.fields_text', 'situation.has_poc') }} = 'true' as has_poc,
        {{ json_text('profiles.fields_text', 'situation.has_rfp') }} = 'true' as has_rfp,
        {{ json_text('profiles.fields_text', 'situation.has_partner') }} = 'true' as has_partner,
        {{ json_text('profiles.fields_text', 'situation.uses_services') }} = 'true' as uses_services,
        {{ json_text('profiles.fields_text', 'situation.is_migration') }} = 'true' as is_migration,
        {{ json_text('profiles.fields_text', 'situation.has_dse') }} = 'true' as has_support_engineer,
        {{ json_text('profiles.fields_text', 'situation.is_reference') }} = 'true' as is_reference,
        {{ plain_name(json_text('profiles.fields_text', 'situation.specialist_state')) }} as specialist_state,
        {{ plain_name(json_text('profiles.fields_text', 'situation.services_state')) }} as services_state,
        {{ plain_name(json_text('profiles.fields_text', 'situation.poc_state')) }} as poc_state,
        coalesce(
            {{ json_date('blueprints.fields_text', 'timeline.poc_starts_on') }},
            {{ json_date('profiles.fields_text', 'timeline.poc_starts_on') }}
        ) as poc_starts_date,
        coalesce(
            {{ json_past_date('blueprints.fields_text', 'timeline.poc_ended_on') }},
            {{ json_past_date('profiles.fields_text', 'timeline.poc_ended_on') }}
        ) as poc_ended_date,
        coalesce(
            {{ json_past_date('blueprints.fields_text', 'timeline.rfp_submitted_on') }},
            {{ json_past_date('profiles.fields_text', 'timeline.rfp_submitted_on') }}
        ) as rfp_submitted_date

    from nodes

    -- left: either file may be missing
    left join documents as blueprints
        on
            nodes.node_id = blueprints.node_id
            and blueprints.file_kind = 'blueprint'
    left join documents as profiles
        on
            nodes.node_id = profiles.node_id
            and profiles.file_kind = 'node_profile'

),

name_stages as (

    select
        read_documents.node_id,
        -- A stage that policy has no place for says nothing; the folder may.
        coalesce(crm_stages.policy_stage, declared_stages.policy_stage) as stage,
        case
            when crm_stages.policy_stage is not null then 'crm'
            when declared_stages.policy_stage is not null then 'node_profile'
        end as stage_basis,
        coalesce(crm_stages.stage_order, declared_stages.stage_order) as stage_order,
        coalesce(crm_stages.is_open, declared_stages.is_open, false) as is_stage_open,
        coalesce(crm_stages.is_won, declared_stages.is_won, false) as is_stage_won,
        {{ business_date('opportunities.closed_at') }} as stage_closed_date,
        -- Since when there is something to ask: a customer's time runs from the signature, if that came later than the folder.
        case
            when read_documents.archetype = 'pre_sales_governance' then read_documents.started_date
            else greatest(
                coalesce(read_documents.started_date, read_documents.signed_date),
                coalesce(read_documents.signed_date, read_documents.started_date)
            )
        end as began_date,
        read_documents.is_competitive,
        read_documents.has_poc,
        read_documents.has_rfp,
        read_documents.has_partner,
        read_documents.uses_services,
        read_documents.is_migration,
        read_documents.has_support_engineer,
        read_documents.is_reference,
        read_documents.specialist_state,
        read_documents.services_state,
        read_documents.poc_state,
        read_documents.poc_starts_date,
        read_documents.poc_ended_date,
        read_documents.rfp_submitted_date

    from read_documents

    -- left: without exports, and for customers, there is no deal
    left join opportunities on read_documents.opportunity_id = opportunities.opportunity_id
    left join stages as crm_stages on opportunities.policy_stage = crm_stages.policy_stage
    left join stages as declared_stages on read_documents.declared_stage = declared_stages.policy_stage

)

select * from name_stages
