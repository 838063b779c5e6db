{{ config(materialized='table') }}
{#
    One row per account and threshold of a signal on customers: the one of its track.

    An account's track is that of its customer folders that have not ended. Where they differ it is the laxest of theirs, and
    where there are none the laxest of all: nobody is warned for a promise that was not made.
#}

with

accounts as (

    select account_id

    from {{ ref('int_accounts__hierarchies_resolved') }}

),

nodes as (

    select
        account_id,
        archetype,
        track,
        is_ended

    from {{ ref('int_infohub__nodes_resolved') }}

),

blueprints as (

    select
        blueprint,
        archetype

    from {{ ref('blueprints') }}

),

signals as (

    select
        blueprint,
        signal,
        threshold_home

    from {{ ref('signals') }}

),

signal_thresholds as (

    select
        blueprint,
        signal,
        threshold,
        track,
        comparison,
        threshold_value,
        unit

    from {{ ref('signal_thresholds') }}

),

validation_strictness as (

    select
        archetype,
        track,
        engagement_gap_maximum_days

    from {{ ref('validation_strictness') }}

),

-- The gap in engagement has its threshold where the strictness of a track is.
union_thresholds as (

    select
        signal_thresholds.blueprint,
        signal_thresholds.signal,
        signal_thresholds.threshold,
        signal_thresholds.track,
        signal_thresholds.comparison,
        cast(signal_thresholds.threshold_value as double) as threshold_value,
        signal_thresholds.unit

    from signal_thresholds

    inner join blueprints on signal_thresholds.blueprint = blueprints.blueprint

    where blueprints.archetype = 'post_sales_governance'

    union all

    select
        signals.blueprint,
        signals.signal,
        'maximum_age' as threshold,
        validation_strictness.track,
        'more_than' as comparison,
        cast(validation_strictness.engagement_gap_maximum_days as double) as threshold_value,
        'days' as unit

    from validation_strictness

    inner join blueprints on validation_strictness.archetype = blueprints.archetype
    inner join signals
        on
            blueprints.blueprint = signals.blueprint
            and signals.threshold_home = 'validation_strictness'

    where blueprints.archetype = 'post_sales_governance'

),

list_tracks as (

    -- distinct: several folders of an account may have one track
    select distinct
        account_id,
        track

    from nodes

    where
        archetype = 'post_sales_governance'
        and not is_ended
        and account_id is not null
        and track is not null

),

count_tracks as (

    select
        account_id,
        count(*) as track_count

    from list_tracks

    group by account_id

),

choose_thresholds as (

    select
        accounts.account_id,
        union_thresholds.blueprint,
        union_thresholds.signal,
        union_thresholds.threshold,
        union_thresholds.comparison,
        union_thresholds.unit,
        case
            when union_thresholds.comparison in ('at_most', 'less_than') then min(union_thresholds.threshold_value)
            else max(union_thresholds.threshold_value)
        end as threshold_value,
        case max(count_tracks.track_count)
            when 1 then 'of track ' || max(list_tracks.track)
            else 'the laxest of ' || coalesce(cast(max(count_tracks.track_count) as string) || ' tracks', 'all tracks')
        end as threshold_basis

    from accounts

    cross join union_thresholds
    -- left: most accounts have no customer folder
    left join count_tracks on accounts.account_id = count_tracks.account_id
    left join list_tracks
        on
            accounts.account_id = list_tracks.account_id
            and union_thresholds.track = list_tracks.track

    where
        list_tracks.account_id is not null
        or count_tracks.account_id is null

    group by
        accounts.account_id,
        union_thresholds.blueprint,
        union_thresholds.signal,
        union_thresholds.threshold,
        union_thresholds.comparison,
        union_thresholds.unit

)

select * from choose_thresholds
