{{ config(materialized='table') }}
{# One row per node whose account is known: the track that policy sets for a company and a deal of that size. #}

with

links as (

    select
        node_id,
        account_id,
        opportunity_id

    from {{ ref('int_infohub__node_links_matched') }}

    where account_id is not null

),

account_records as (

    select
        account_record_id,
        employee_count

    from {{ ref('int_accounts__records_unioned') }}

),

opportunities as (

    select
        opportunity_id,
        amount_corporate

    from {{ ref('int_stage__opportunities_valued') }}

),

account_segments as (

    select
        segment,
        minimum_employees

    from {{ ref('account_segments') }}

),

track_policy as (

    select
        segment,
        minimum_amount,
        track

    from {{ ref('track_policy') }}

),

measure_nodes as (

    select
        links.node_id,
        account_records.employee_count,
        cast(opportunities.amount_corporate as double) as amount_corporate

    from links

    -- left: a node may have no deal, its amount no rate, and an account may be known by a record that is gone
    left join account_records on links.account_id = account_records.account_record_id
    left join opportunities on links.opportunity_id = opportunities.opportunity_id

),

choose_segments as (

    select
        measure_nodes.node_id,
        measure_nodes.amount_corporate,
        coalesce(account_segments.segment, 'unknown') as segment

    from measure_nodes

    -- left: without a head count nobody knows the segment
    left join account_segments on measure_nodes.employee_count >= account_segments.minimum_employees

    qualify
        row_number() over (
            partition by measure_nodes.node_id
            order by account_segments.minimum_employees desc nulls last
        ) = 1

),

choose_tracks as (

    select
        choose_segments.node_id,
        choose_segments.segment,
        choose_segments.amount_corporate,
        track_policy.minimum_amount,
        track_policy.track

    from choose_segments

    inner join track_policy
        on
            choose_segments.segment = track_policy.segment
            and greatest(coalesce(choose_segments.amount_corporate, 0), 0) >= track_policy.minimum_amount

    qualify
        row_number() over (
            partition by choose_segments.node_id
            order by track_policy.minimum_amount desc nulls last
        ) = 1

)

select * from choose_tracks
