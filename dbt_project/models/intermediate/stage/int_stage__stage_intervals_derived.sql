{#
    One row per deal and stay in a stage of the policy, up to the day asked about, with how it got there.

    Stages that policy takes for the same are one stay, so a renamed stage moves no deal. A stay can be over in the second in
    which it began.
#}

{{ config(materialized='table') }}

with

observations as (

    select
        opportunity_id,
        attribute,
        observation_number,
        observed_at,
        new_value

    from {{ ref('int_stage__opportunity_observations_ordered') }}

    where attribute in ('stage_name', 'pipeline') and observed_at < {{ as_of_end() }}

),

versions as (

    select
        opportunity_id,
        source_system,
        source_instance,
        created_at,
        valid_from_at,
        valid_to_at,
        pipeline,
        stage_name,
        stage_basis,
        probability_ratio,
        loss_reason

    from {{ ref('int_stage__opportunity_versions_reconstructed') }}

),

labelled_stages as (

    select
        source_system,
        source_instance,
        pipeline,
        stage_name,
        probability_ratio

    from {{ ref('int_stage__pipeline_stages_labelled') }}

),

stages as (

    select
        policy_stage,
        stage_order,
        is_open,
        prior_probability_ratio

    from {{ ref('stages') }}

),

stage_map as (

    select
        source_system,
        nullif(pipeline, '') as pipeline,
        lower(trim(stage_name)) as stage_name,
        policy_stage

    from {{ ref('stage_map') }}

),

loss_reasons as (

    select
        lower(trim(loss_reason)) as loss_reason,
        policy_stage

    from {{ ref('loss_reasons') }}

),

first_versions as (

    select
        opportunity_id,
        source_system,
        source_instance,
        created_at,
        valid_from_at,
        pipeline,
        stage_name,
        stage_basis

    from versions

    where valid_from_at = created_at

),

entered_stages as (

    select
        opportunity_id,
        valid_from_at as entered_at,
        0 as observation_number,
        stage_name,
        stage_basis as entry_basis

    from first_versions

    where stage_basis <> 'observed'

    union all

    select
        observations.opportunity_id,
        greatest(observations.observed_at, first_versions.created_at) as entered_at,
        observations.observation_number,
        observations.new_value as stage_name,
        'observed' as entry_basis

    from observations

    inner join first_versions
        on observations.opportunity_id = first_versions.opportunity_id

    where observations.attribute = 'stage_name'

),

left_stages as (

    select
        entered_stages.*,
        lead(entered_at) over (
            partition by opportunity_id order by entered_at nulls first, observation_number nulls first
        ) as left_at

    from entered_stages

),

described_stays as (

    -- What else was so at the start of the stay, and which reason had been given by its end.
    select
        left_stages.opportunity_id,
        left_stages.entered_at,
        left_stages.left_at,
        left_stages.observation_number,
        left_stages.stage_name,
        left_stages.entry_basis,
        versions.source_system,
        versions.source_instance,
        versions.pipeline,
        versions.probability_ratio,
        last_versions.loss_reason

    from left_stages

    inner join versions
        on
            left_stages.opportunity_id = versions.opportunity_id
            and left_stages.entered_at = versions.valid_from_at

    left join versions as last_versions
        on
            left_stages.opportunity_id = last_versions.opportunity_id
            and last_versions.valid_from_at < coalesce(left_stages.left_at, {{ as_of_end() }})
            and coalesce(last_versions.valid_to_at, {{ as_of_end() }})
            >= coalesce(left_stages.left_at, {{ as_of_end() }})

),

mapped_stays as (

    select
        described_stays.opportunity_id,
        described_stays.entered_at,
        described_stays.left_at,
        described_stays.observation_number,
        described_stays.source_system,
        described_stays.source_instance,
        described_stays.pipeline,
        described_stays.stage_name,
        described_stays.entry_basis,
        case
            when described_stays.stage_name is null then 'unknown'
            when {{ mapped_policy_stage() }} is null then 'unmapped'
            when {{ mapped_policy_stage() }} = 'lost' then coalesce(loss_reasons.policy_stage, 'lost')
            else {{ mapped_policy_stage() }}
        end as policy_stage,
        coalesce(labelled_stages.probability_ratio, described_stays.probability_ratio)
            as crm_probability_ratio

    from described_stays

    {{ join_policy_stages('described_stays') }}

    left join loss_reasons
        on lower(trim(described_stays.loss_reason)) = loss_reasons.loss_reason

    left join labelled_stages
        on
            described_stays.source_system = labelled_stages.source_system
            and described_stays.source_instance = labelled_stages.source_instance
            and described_stays.pipeline = labelled_stages.pipeline
            and described_stays.stage_name = labelled_stages.stage_name

),

compared_stays as (

    select
        mapped_stays.*,
        lag(policy_stage) over each_deal as policy_stage_before

    from mapped_stays

    window each_deal as (
        partition by opportunity_id order by entered_at nulls first, observation_number nulls first
    )

),

numbered_stays as (

    select
        compared_stays.*,
        sum(case when policy_stage_before = policy_stage then 0 else 1 end) over (
            partition by opportunity_id
            order by entered_at nulls first, observation_number nulls first
            rows between unbounded preceding and current row
        ) as stay_number

    from compared_stays

),

first_names as (

    select numbered_stays.*

    from numbered_stays

    where policy_stage_before is null or policy_stage_before <> policy_stage

),

stay_ends as (

    select
        opportunity_id,
        stay_number,
        -- The last part of a stay that is not over has no end.
        case when count(left_at) = count(*) then max(left_at) end as left_at

    from numbered_stays

    group by opportunity_id, stay_number

),

joined_stays as (

    select
        first_names.opportunity_id,
        cast(first_names.stay_number as integer) as stay_number,
        first_names.source_system,
        first_names.source_instance,
        first_names.pipeline,
        first_names.stage_name,
        first_names.policy_stage,
        first_names.entry_basis,
        first_names.entered_at,
        stay_ends.left_at,
        coalesce(first_names.crm_probability_ratio, stages.prior_probability_ratio) as crm_probability_ratio,
        stages.stage_order,
        stages.is_open

    from first_names

    inner join stay_ends
        on
            first_names.opportunity_id = stay_ends.opportunity_id
            and first_names.stay_number = stay_ends.stay_number

    left join stages
        on first_names.policy_stage = stages.policy_stage

),

following_stays as (

    select
        joined_stays.*,
        lag(policy_stage) over each_deal as previous_policy_stage,
        lag(stage_name) over each_deal as previous_stage_name,
        lag(stage_order) over each_deal as previous_stage_order,
        lag(is_open) over each_deal as was_open,
        lag(crm_probability_ratio) over each_deal as previous_crm_probability_ratio,
        {{ days_between(business_date('entered_at'), 'coalesce(' ~ business_date('left_at') ~ ', ' ~ as_of_date() ~ ')') }}
            as stay_days

    from joined_stays

    window each_deal as (partition by opportunity_id order by stay_number nulls first)

),

judged_stays as (

    select
        opportunity_id,
        stay_number,
        source_system,
        source_instance,
        pipeline,
        stage_name,
        case when policy_stage <> 'unknown' then policy_stage end as policy_stage,
        previous_stage_name,
        case when previous_policy_stage <> 'unknown' then previous_policy_stage end as previous_policy_stage,
        case
            when previous_policy_stage is null then 'created'
            when not was_open then 'reopened'
            when not is_open then policy_stage
            when previous_policy_stage = 'unknown' then 'unclear'
            when stage_order < previous_stage_order then 'back'
            when stage_order > previous_stage_order + 1 then 'skip'
            when stage_order = previous_stage_order + 1 then 'forward'
            -- Where policy has no place for a stage, the CRM's own probability says which way it is.
            when crm_probability_ratio >= previous_crm_probability_ratio then 'forward'
            when crm_probability_ratio < previous_crm_probability_ratio then 'back'
            else 'unclear'
        end as direction,
        entry_basis,
        entered_at,
        left_at,
        {{ business_date('entered_at') }} as entered_date,
        {{ business_date('left_at') }} as left_date,
        left_at is null as is_current,
        stay_days,
        cast(
            sum(stay_days) over (
                partition by opportunity_id, policy_stage
                order by stay_number nulls first
                rows between unbounded preceding and current row
            ) as integer
        ) as cumulative_stage_days

    from following_stays

)

select * from judged_stays
