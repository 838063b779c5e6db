{{ config(materialized='table') }}
{# One row per account record that lost a merge, with the record at the end of its chain. #}

with recursive

merges as (

    select
        account_record_id,
        merged_into_record_id,
        merged_by_at

    from {{ ref('int_accounts__merges_listed') }}

),

walked_chains as (

    select
        account_record_id,
        merged_into_record_id as reached_record_id,
        1 as merge_depth,
        '>' || account_record_id || '>' || merged_into_record_id || '>' as merge_path,
        account_record_id = merged_into_record_id as is_cycle

    from merges

    union all

    select
        walked_chains.account_record_id,
        merges.merged_into_record_id as reached_record_id,
        walked_chains.merge_depth + 1 as merge_depth,
        walked_chains.merge_path || merges.merged_into_record_id || '>' as merge_path,
        contains(walked_chains.merge_path, '>' || merges.merged_into_record_id || '>') as is_cycle

    from walked_chains

    inner join merges on walked_chains.reached_record_id = merges.account_record_id

    -- Damaged data can name a circle of losers: the walk ends where it meets itself.
    where not walked_chains.is_cycle

),

finished_chains as (

    select
        account_record_id,
        reached_record_id,
        merge_depth,
        merge_path,
        is_cycle

    from walked_chains

    qualify row_number() over (partition by account_record_id order by merge_depth desc nulls last) = 1

),

resolved_merges as (

    select
        finished_chains.account_record_id,
        -- No record of a circle survived: each stands for itself.
        case
            when finished_chains.is_cycle then finished_chains.account_record_id
            else finished_chains.reached_record_id
        end as surviving_account_record_id,
        finished_chains.merge_depth,
        finished_chains.merge_path,
        finished_chains.is_cycle as is_merge_cycle,
        merges.merged_into_record_id,
        {{ business_date('merges.merged_by_at') }} as merged_on

    from finished_chains

    inner join merges on finished_chains.account_record_id = merges.account_record_id

)

select * from resolved_merges
