{{ config(materialized='table') }}
{#
    One row per node whose deal or account a CRM names a track for: the deal's, and where that has none the account's.

    The record that the node names goes before the one that won its merge. What was written after the day says nothing of it.
#}

with

links as (

    select
        node_id,
        account_record_id,
        account_id,
        opportunity_id

    from {{ ref('int_infohub__node_links_matched') }}

),

salesforce_opportunities as (

    select
        {{ conformed_id("'salesforce'", 'source_instance', 'opportunity_id') }} as record_id,
        engagement_track

    from {{ ref('stg_salesforce__opportunities') }}

    where not is_later_version

),

hubspot_deals as (

    select
        {{ conformed_id("'hubspot'", 'source_instance', 'deal_id') }} as record_id,
        engagement_track

    from {{ ref('stg_hubspot__deals') }}

    where not is_later_version

),

salesforce_accounts as (

    select
        {{ conformed_id("'salesforce'", 'source_instance', 'account_id') }} as record_id,
        engagement_track

    from {{ ref('stg_salesforce__accounts') }}

    where not is_later_version

),

hubspot_companies as (

    select
        {{ conformed_id("'hubspot'", 'source_instance', 'company_id') }} as record_id,
        engagement_track

    from {{ ref('stg_hubspot__companies') }}

    where not is_later_version

),

tracks as (

    select track

    from {{ ref('tracks') }}

),

union_records as (

    {% for records in ['salesforce_opportunities', 'hubspot_deals', 'salesforce_accounts', 'hubspot_companies'] -%}
    select
        record_id,
        engagement_track

    from {{ records }}

    where trim(engagement_track) <> ''
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

list_links as (

    select
        node_id,
        'opportunity' as record_kind,
        1 as link_rank,
        opportunity_id as record_id

    from links

    union all

    select
        node_id,
        'account' as record_kind,
        2 as link_rank,
        account_record_id as record_id

    from links

    union all

    select
        node_id,
        'account' as record_kind,
        3 as link_rank,
        account_id as record_id

    from links

),

choose_records as (

    select
        list_links.node_id,
        list_links.record_kind,
        list_links.record_id,
        union_records.engagement_track as declared_track

    from list_links

    inner join union_records on list_links.record_id = union_records.record_id

    qualify
        row_number() over (
            partition by list_links.node_id
            order by list_links.link_rank asc nulls last, list_links.record_id asc nulls last
        ) = 1

),

recognise_tracks as (

    select
        choose_records.node_id,
        choose_records.record_kind,
        choose_records.record_id,
        choose_records.declared_track,
        tracks.track

    from choose_records

    -- left: a track that policy does not know is reported, not dropped
    left join tracks on {{ plain_name('choose_records.declared_track') }} = tracks.track

)

select * from recognise_tracks
