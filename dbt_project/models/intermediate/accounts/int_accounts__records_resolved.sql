{{ config(materialized='table') }}
{# One row per account record, exported or only named by a merge, with the one account that it belongs to. #}

with recursive

records as (

    select
        account_record_id,
        source_system,
        source_instance,
        source_account_id

    from {{ ref('int_accounts__records_unioned') }}

),

account_merges as (

    select
        account_record_id,
        merged_into_record_id,
        surviving_account_record_id,
        is_merge_cycle

    from {{ ref('int_accounts__merges_resolved') }}

),

links as (

    select
        account_record_id,
        linked_record_id,
        match_rule

    from {{ ref('int_accounts__crm_links_matched') }}

    where linked_record_id is not null

),

named_ids as (

    -- What lost a merge before the first export, or won one after the last, is known by its id alone. Others
    -- still refer to it.
    select account_record_id from records

    union

    select account_record_id from account_merges

    union

    select surviving_account_record_id as account_record_id from account_merges

),

walked_links as (

    select
        account_record_id as surviving_account_record_id,
        linked_record_id as account_id,
        match_rule,
        1 as link_depth

    from links

    union all

    select
        walked_links.surviving_account_record_id,
        links.linked_record_id as account_id,
        walked_links.match_rule,
        walked_links.link_depth + 1 as link_depth

    from walked_links

    inner join links on walked_links.account_id = links.account_record_id

),

followed_links as (

    select
        surviving_account_record_id,
        account_id,
        match_rule

    from walked_links

    qualify
        row_number() over (partition by surviving_account_record_id order by link_depth desc nulls last) = 1

),

resolved_records as (

    select
        named_ids.account_record_id,
        split_part(named_ids.account_record_id, ':', 1) as source_system,
        split_part(named_ids.account_record_id, ':', 2) as source_instance,
        split_part(named_ids.account_record_id, ':', 3) as source_account_id,
        coalesce(account_merges.surviving_account_record_id, named_ids.account_record_id)
            as surviving_account_record_id,
        coalesce(
            followed_links.account_id, account_merges.surviving_account_record_id, named_ids.account_record_id
        ) as account_id,
        case
            when followed_links.account_id is not null then followed_links.match_rule
            when account_merges.is_merge_cycle then 'merge_cycle'
            when account_merges.account_record_id is not null then 'merged'
            else 'itself'
        end as resolution_rule,
        account_merges.account_record_id is not null and not account_merges.is_merge_cycle as is_merged,
        records.account_record_id is not null as is_exported

    from named_ids

    left join records on named_ids.account_record_id = records.account_record_id

    -- Most records were never merged, and most companies are in one CRM.
    left join account_merges on named_ids.account_record_id = account_merges.account_record_id

    left join followed_links
        on
            coalesce(account_merges.surviving_account_record_id, named_ids.account_record_id)
            = followed_links.surviving_account_record_id

)

select * from resolved_records
