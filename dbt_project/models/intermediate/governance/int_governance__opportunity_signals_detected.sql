{{ config(materialized='table') }}
{#
    One row per deal and signal that the CRM tells of it. What an event tells may be long past: the mart knows how long it is news.

    Deals that the CRM deleted or merged, or that nobody knew on the day, have no signals.
#}

with

opportunities as (

    select
        opportunity_id,
        account_id,
        source_system,
        source_instance,
        created_date,
        policy_stage,
        is_open,
        main_competitors,
        loss_reason,
        amount_corporate,
        corporate_currency_code,
        {{ business_date('closed_at') }} as closed_date,
        'opportunity ' || opportunity_id as record_name

    from {{ ref('int_stage__opportunities_valued') }}

    where
        coalesce(record_status, 'active') in ('active', 'absent')
        and not is_later_version

),

nodes as (

    select
        node_id,
        account_id,
        opportunity_id,
        track

    from {{ ref('int_infohub__nodes_resolved') }}

),

situations as (

    select
        node_id,
        is_competitive

    from {{ ref('int_governance__node_situations_read') }}

),

stage_stays as (

    select
        opportunity_id,
        stay_number,
        direction,
        stage_name,
        policy_stage,
        previous_stage_name,
        entered_date

    from {{ ref('int_stage__stage_intervals_derived') }}

    where entered_date <= {{ as_of_date() }}

),

loss_reasons as (

    select lower(trim(loss_reason)) as loss_reason

    from {{ ref('loss_reasons') }}

    where is_to_competitor

),

stages as (

    select policy_stage

    from {{ ref('stages') }}

    where is_open

),

signals as (

    select
        blueprint,
        signal

    from {{ ref('signals') }}

),

limits as (

    select
        blueprint,
        signal,
        track,
        comparison,
        threshold_value,
        unit,
        threshold_text,
        track_note

    from {{ ref('int_governance__signal_thresholds_chosen') }}

    where
        blueprint = 'B03'
        and signal = 'deal_complexity_threshold'

),

-- A deal has the track of its folder, else the one that all of the account's folders have.
summarise_deal_tracks as (

    select
        nodes.opportunity_id,
        case when count(distinct nodes.track) = 1 then max(nodes.track) end as track,
        max(case when situations.is_competitive then 1 else 0 end) = 1 as is_competitive

    from nodes

    inner join situations on nodes.node_id = situations.node_id

    where nodes.opportunity_id is not null

    group by nodes.opportunity_id

),

summarise_account_tracks as (

    select
        account_id,
        case when count(distinct track) = 1 then max(track) end as track

    from nodes

    where account_id is not null

    group by account_id

),

describe_opportunities as (

    select
        opportunities.opportunity_id,
        opportunities.account_id,
        opportunities.source_system,
        opportunities.source_instance,
        opportunities.created_date,
        opportunities.policy_stage,
        opportunities.is_open,
        opportunities.main_competitors,
        opportunities.loss_reason,
        opportunities.amount_corporate,
        opportunities.corporate_currency_code,
        opportunities.closed_date,
        opportunities.record_name,
        coalesce(deal_tracks.is_competitive, false) as is_competitive,
        coalesce(deal_tracks.track, account_tracks.track, 'unknown') as track

    from opportunities

    -- left: most deals have no folder, and an account need not have one either
    left join summarise_deal_tracks as deal_tracks on opportunities.opportunity_id = deal_tracks.opportunity_id
    left join summarise_account_tracks as account_tracks on opportunities.account_id = account_tracks.account_id

),

detect_creations as (

    select
        opportunity_id,
        'B01' as blueprint,
        'opportunity_created' as signal_word,
        created_date as fired_date,
        'The deal was created on ' || cast(created_date as string) || '.' as evidence,
        'created date' as field_name,
        cast(created_date as string) as observed_value,
        cast(null as string) as threshold

    from describe_opportunities

    where created_date <= {{ as_of_date() }}

),

-- The last move to a later stage in which the deal is still open: what closes a deal is told by other signals.
choose_last_progressions as (

    select
        stage_stays.opportunity_id,
        stage_stays.stage_name,
        stage_stays.previous_stage_name,
        stage_stays.entered_date

    from stage_stays

    inner join stages on stage_stays.policy_stage = stages.policy_stage

    where stage_stays.direction in ('forward', 'skip')

    qualify
        row_number() over (
            partition by stage_stays.opportunity_id
            order by stage_stays.stay_number desc nulls last
        ) = 1

),

detect_progressions as (

    select
        opportunity_id,
        'B01' as blueprint,
        'stage_progression' as signal_word,
        entered_date as fired_date,
        'The deal moved from ' || coalesce(previous_stage_name, 'an unknown stage') || ' to ' || stage_name || ' on '
        || cast(entered_date as string) || '.' as evidence,
        'stage history' as field_name,
        stage_name as observed_value,
        cast(null as string) as threshold

    from choose_last_progressions

),

detect_large_deals as (

    select
        opportunities.opportunity_id,
        'B03' as blueprint,
        'deal_complexity_threshold' as signal_word,
        cast(null as date) as fired_date,
        'The open deal is worth ' || {{ number_text('opportunities.amount_corporate') }} || ' '
        || opportunities.corporate_currency_code || '.' || limits.track_note as evidence,
        'amount' as field_name,
        {{ number_text('opportunities.amount_corporate') }} as observed_value,
        limits.threshold_text as threshold

    from describe_opportunities as opportunities

    inner join limits
        on
            opportunities.track = limits.track
            -- An amount in another currency cannot be compared with the threshold.
            and lower(opportunities.corporate_currency_code) = limits.unit

    where
        opportunities.is_open
        and {{ reaches_limit('opportunities.amount_corporate') }}

),

detect_competitors as (

    select
        opportunity_id,
        'B04' as blueprint,
        'competitor_identified' as signal_word,
        cast(null as date) as fired_date,
        'The CRM names as competitors: ' || trim(main_competitors) || '.' as evidence,
        'main competitors' as field_name,
        trim(main_competitors) as observed_value,
        cast(null as string) as threshold

    from describe_opportunities

    where
        is_open
        and trim(main_competitors) <> ''

),

-- Contested is what the CRM names a competitor of, or lost to one, or what its folder calls so. No decision is no loss to anybody.
detect_competitive_losses as (

    select
        opportunities.opportunity_id,
        'B04' as blueprint,
        'competitive_loss' as signal_word,
        opportunities.closed_date as fired_date,
        'The deal was lost on ' || cast(opportunities.closed_date as string)
        || case
            when trim(opportunities.main_competitors) <> ''
                then ', and the CRM names as competitors: ' || trim(opportunities.main_competitors)
            when loss_reasons.loss_reason is null then ', and its folder says that it was contested'
            else ''
        end
        || coalesce('; the reason given: ' || nullif(trim(opportunities.loss_reason), ''), '') || '.' as evidence,
        'stage, main competitors and loss reason' as field_name,
        coalesce(nullif(trim(opportunities.main_competitors), ''), nullif(trim(opportunities.loss_reason), '')) as observed_value,
        cast(null as string) as threshold

    from describe_opportunities as opportunities

    -- left: most reasons say nothing of a competitor
    left join loss_reasons on lower(trim(opportunities.loss_reason)) = loss_reasons.loss_reason

    where
        opportunities.policy_stage = 'lost'
        and opportunities.closed_date <= {{ as_of_date() }}
        and (
            trim(opportunities.main_competitors) <> ''
            or loss_reasons.loss_reason is not null
            or opportunities.is_competitive
        )

),

{% set rules = [
    'detect_creations', 'detect_progressions', 'detect_large_deals', 'detect_competitors', 'detect_competitive_losses',
] %}
union_signals as (

    {% for rule in rules -%}
    select
        opportunity_id,
        blueprint,
        signal_word,
        fired_date,
        evidence,
        field_name,
        observed_value,
        threshold

    from {{ rule }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

describe_signals as (

    select
        signals.blueprint,
        signals.signal,
        'opportunity' as subject_type,
        union_signals.opportunity_id as subject_id,
        opportunities.account_id,
        union_signals.opportunity_id,
        cast(null as string) as node_id,
        union_signals.fired_date,
        union_signals.evidence,
        opportunities.source_system || '/' || opportunities.source_instance || ' ' || opportunities.record_name || ': '
        || union_signals.field_name as evidence_source,
        union_signals.observed_value,
        union_signals.threshold

    from union_signals

    -- inner: a deal that is deleted has a history of stages still
    inner join opportunities on union_signals.opportunity_id = opportunities.opportunity_id
    inner join signals
        on
            union_signals.blueprint = signals.blueprint
            and union_signals.signal_word = signals.signal

)

select * from describe_signals
