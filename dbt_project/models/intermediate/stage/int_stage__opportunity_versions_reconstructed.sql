{#
    One row per deal and span of time, from valid_from_at up to but not including valid_to_at, in which nothing about it changed.

    What a deal was at a moment is what the last change up to then made of it; before the first change, what that change
    replaced; where nothing says what that was, the first value known is carried back. Where a deal is known to have
    been in another stage before, but not in which, the stage is missing.
#}

{%- set attributes = opportunity_attributes() %}

{{ config(materialized='table') }}

with

observations as (

    select
        opportunity_id,
        attribute,
        observation_number,
        observed_at,
        old_value,
        new_value,
        has_old_value,
        is_never_carried

    from {{ ref('int_stage__opportunity_observations_ordered') }}

),

record_versions as (

    select
        opportunity_id,
        source_system,
        source_instance,
        created_at

    from {{ ref('int_stage__opportunity_record_versions_unioned') }}

),

stages as (

    select
        policy_stage,
        is_open,
        is_won

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

first_observations as (

    select
        opportunity_id,
        min(observed_at) as first_observed_at

    from observations

    group by opportunity_id

),

created_records as (

    select
        opportunity_id,
        source_system,
        source_instance,
        min(created_at) as created_at

    from record_versions

    group by opportunity_id, source_system, source_instance

),

begun_opportunities as (

    -- An export without the date of creation still shows that the deal was there when it was first heard of.
    select
        created_records.opportunity_id,
        created_records.source_system,
        created_records.source_instance,
        coalesce(created_records.created_at, first_observations.first_observed_at) as begins_at

    from created_records

    inner join first_observations
        on created_records.opportunity_id = first_observations.opportunity_id

    where coalesce(created_records.created_at, first_observations.first_observed_at) < {{ as_of_end() }}

),

carried_values as (

    select
        observations.opportunity_id,
        observations.attribute,
        0 as observation_number,
        begun_opportunities.begins_at as observed_at,
        case
            when observations.has_old_value then observations.old_value
            when not observations.is_never_carried then observations.new_value
        end as new_value,
        case
            when observations.has_old_value then 'reconstructed'
            when observations.is_never_carried then 'missing'
            else 'carried'
        end as value_basis

    from observations

    inner join begun_opportunities
        on observations.opportunity_id = begun_opportunities.opportunity_id

    where
        observations.observation_number = 1
        and observations.observed_at > begun_opportunities.begins_at

),

observed_values as (

    -- A record can be younger than its history, where both were moved from another system.
    select
        observations.opportunity_id,
        observations.attribute,
        observations.observation_number,
        greatest(observations.observed_at, begun_opportunities.begins_at) as observed_at,
        observations.new_value,
        'observed' as value_basis

    from observations

    inner join begun_opportunities
        on observations.opportunity_id = begun_opportunities.opportunity_id

    where observations.observed_at < {{ as_of_end() }}

),

dated_values as (

    select * from carried_values

    union all

    select * from observed_values

),

last_values_of_moments as (

    select
        opportunity_id,
        attribute,
        observed_at,
        new_value,
        value_basis

    from dated_values

    -- Of several changes in one second, the last one is what lasted.
    qualify row_number() over (
        partition by opportunity_id, attribute, observed_at
        order by observation_number desc nulls last
    ) = 1

),

pivoted_moments as (

    select
        opportunity_id,
        observed_at as valid_from_at,
        {% for attribute in attributes -%}
        max(case when attribute = '{{ attribute }}' then new_value end) as {{ attribute }},
        max(case when attribute = '{{ attribute }}' then 1 else 0 end) as has_{{ attribute }},
        {% endfor -%}
        max(case when attribute = 'stage_name' then value_basis end) as stage_basis,
        max(case when attribute = 'amount' then value_basis end) as amount_basis,
        max(case when attribute = 'close_date' then value_basis end) as close_date_basis

    from last_values_of_moments

    group by opportunity_id, observed_at

),

counted_moments as (

    -- A value lasts until the next one of its attribute: the rows that share a value share a count.
    select
        pivoted_moments.*,
        {% for attribute in attributes -%}
        sum(has_{{ attribute }}) over so_far as {{ attribute }}_count,
        {% endfor -%}
        max(case when has_stage_name = 1 then valid_from_at end) over so_far as stage_told_at,
        max(case when has_probability = 1 then valid_from_at end) over so_far as probability_told_at,
        lead(valid_from_at) over each_deal as valid_to_at

    from pivoted_moments

    window
        each_deal as (partition by opportunity_id order by valid_from_at nulls first),
        so_far as (
            partition by opportunity_id
            order by valid_from_at nulls first
            rows between unbounded preceding and current row
        )

),

filled_moments as (

    select
        opportunity_id,
        valid_from_at,
        valid_to_at,
        stage_told_at,
        probability_told_at,
        {% for attribute in attributes -%}
        max({{ attribute }}) over (partition by opportunity_id, {{ attribute }}_count) as {{ attribute }},
        {% endfor -%}
        max(stage_basis) over (partition by opportunity_id, stage_name_count) as stage_basis,
        max(amount_basis) over (partition by opportunity_id, amount_count) as amount_basis,
        max(close_date_basis) over (partition by opportunity_id, close_date_count) as close_date_basis

    from counted_moments

),

mapped_versions as (

    select
        versions.*,
        begun_opportunities.source_system,
        begun_opportunities.source_instance,
        begun_opportunities.begins_at,
        {{ mapped_policy_stage() }} as mapped_stage

    from (
        select
            filled_moments.*,
            split_part(opportunity_id, ':', 1) as system_name
        from filled_moments
    ) as versions

    inner join begun_opportunities
        on versions.opportunity_id = begun_opportunities.opportunity_id

    {{ join_policy_stages('versions') | replace('versions.source_system', 'versions.system_name') }}

),

typed_versions as (

    select
        mapped_versions.opportunity_id,
        mapped_versions.valid_from_at,
        mapped_versions.valid_to_at,
        mapped_versions.source_system,
        mapped_versions.source_instance,
        mapped_versions.begins_at as created_at,
        mapped_versions.pipeline,
        mapped_versions.stage_name,
        case
            when mapped_versions.stage_name is null then cast(null as string)
            when mapped_versions.mapped_stage is null then 'unmapped'
            when mapped_versions.mapped_stage = 'lost' then coalesce(loss_reasons.policy_stage, 'lost')
            else mapped_versions.mapped_stage
        end as policy_stage,
        cast(mapped_versions.amount as decimal(18, 2)) as amount,
        mapped_versions.currency_code,
        cast(mapped_versions.close_date as date) as close_date,
        -- HubSpot has a chance for each stage and no history of it: that of an earlier stage says nothing about this one.
        case
            when
                mapped_versions.source_system <> 'hubspot'
                or mapped_versions.probability_told_at >= mapped_versions.stage_told_at
                then cast(mapped_versions.probability as double)
        end as probability_ratio,
        mapped_versions.forecast_category,
        mapped_versions.owner_record_id,
        mapped_versions.account_record_id,
        mapped_versions.next_step,
        mapped_versions.loss_reason,
        mapped_versions.record_status,
        mapped_versions.stage_basis,
        case
            when
                'missing' in (
                    mapped_versions.stage_basis,
                    mapped_versions.amount_basis,
                    mapped_versions.close_date_basis
                )
                then 'missing'
            when
                'carried' in (
                    mapped_versions.stage_basis,
                    mapped_versions.amount_basis,
                    mapped_versions.close_date_basis
                )
                then 'carried'
            when
                'reconstructed' in (
                    mapped_versions.stage_basis,
                    mapped_versions.amount_basis,
                    mapped_versions.close_date_basis
                )
                then 'reconstructed'
            else 'observed'
        end as state_basis

    from mapped_versions

    left join loss_reasons
        on lower(trim(mapped_versions.loss_reason)) = loss_reasons.loss_reason

),

judged_versions as (

    select
        typed_versions.*,
        -- A stage that policy does not know, or that nobody recorded, is no reason to drop a deal from the pipeline.
        coalesce(stages.is_open, true) as is_open_stage,
        coalesce(stages.is_open, true) and typed_versions.record_status in ('active', 'absent') as is_open,
        coalesce(stages.is_won, false) and typed_versions.record_status in ('active', 'absent') as is_won

    from typed_versions

    left join stages
        on typed_versions.policy_stage = stages.policy_stage

)

select * from judged_versions
