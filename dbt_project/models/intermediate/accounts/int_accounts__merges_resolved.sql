{{ config(materialized='table') }}
{# One row per account record that lost a merge, with the record at the end of its chain. #}

with recursive

listed_merges as (

    select
        account_record_id as record_id,
        merged_into_record_id,
        merged_by_at

    from {{ ref('int_accounts__merges_listed') }}

),

{{ followed_merges() }},

resolved_merges as (

    select
        followed_merges.record_id as account_record_id,
        followed_merges.surviving_record_id as surviving_account_record_id,
        followed_merges.merge_depth,
        followed_merges.merge_path,
        followed_merges.is_merge_cycle,
        listed_merges.merged_into_record_id,
        {{ business_date('listed_merges.merged_by_at') }} as merged_on

    from followed_merges

    inner join listed_merges on followed_merges.record_id = listed_merges.record_id

)

select * from resolved_merges
