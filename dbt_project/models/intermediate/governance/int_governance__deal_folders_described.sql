{{ config(materialized='table') }}
{# One row per node that may be a deal's folder: what its signals depend on. A node whose archetype is unknown may be one. #}

with

nodes as (

    select
        node_id,
        account_id,
        opportunity_id,
        profile_file_path,
        track,
        is_ended

    from {{ ref('int_infohub__nodes_resolved') }}

    where coalesce(archetype, 'pre_sales_governance') = 'pre_sales_governance'

),

situations as (

    select
        node_id,
        stage,
        stage_order,
        is_stage_open,
        has_poc,
        has_partner,
        uses_services,
        specialist_state,
        poc_state,
        poc_starts_date,
        poc_ended_date,
        rfp_submitted_date

    from {{ ref('int_governance__node_situations_read') }}

),

placeholder_words as (

    select word

    from {{ ref('placeholder_words') }}

),

list_placeholders as (

    select '|' || {{ joined_text('lower(word)', '|') }} || '|' as placeholder_list

    from placeholder_words

),

describe_folders as (

    select
        nodes.node_id,
        nodes.account_id,
        nodes.opportunity_id,
        coalesce(nodes.track, 'unknown') as track,
        coalesce(nodes.profile_file_path, 'node_profile.yaml') as profile_file_path,
        -- Where nobody knows the stage, the folder alone says whether it goes on.
        not coalesce(nodes.is_ended, false) and (situations.stage is null or situations.is_stage_open) as is_running,
        situations.stage,
        situations.stage_order,
        situations.has_poc,
        situations.has_partner,
        situations.uses_services,
        situations.specialist_state,
        situations.poc_starts_date,
        situations.rfp_submitted_date,
        case
            when situations.poc_ended_date is not null or situations.poc_state = 'completed' then 'over'
            when situations.poc_starts_date > {{ as_of_date() }} or situations.poc_state = 'planned' then 'not_begun'
            when situations.poc_state = 'none' then 'none'
            when situations.poc_state = 'running' or situations.poc_starts_date is not null then 'running'
        end as trial_state,
        list_placeholders.placeholder_list

    from nodes

    inner join situations on nodes.node_id = situations.node_id
    cross join list_placeholders

)

select * from describe_folders
