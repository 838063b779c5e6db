{{ config(materialized='table') }}
{# One row per account, with the account above it and the one at the top. #}

with recursive

records as (

    select
        account_record_id,
        source_system,
        source_instance,
        parent_account_record_id

    from {{ ref('int_accounts__records_unioned') }}

),

resolved_records as (

    select
        account_record_id,
        surviving_account_record_id,
        account_id

    from {{ ref('int_accounts__records_resolved') }}

),

accounts as (

    select distinct account_id

    from resolved_records

),

named_parents as (

    -- A loser's parent is what somebody thought before the merge: only survivors speak.
    select
        resolved_records.account_id,
        resolved_records.account_record_id,
        records.parent_account_record_id,
        parent_records.account_id as parent_account_id

    from records

    inner join resolved_records
        on
            records.account_record_id = resolved_records.account_record_id
            and resolved_records.account_record_id = resolved_records.surviving_account_record_id

    -- The record above can be one that no export has.
    left join resolved_records as parent_records
        on records.parent_account_record_id = parent_records.account_record_id

    where records.parent_account_record_id is not null

),

leading_parents as (

    select
        account_id,
        parent_account_id,
        parent_account_record_id

    from named_parents

    -- A parent that was merged into its child is no parent.
    where coalesce(parent_account_id, '') <> account_id

    qualify
        row_number() over (
            partition by account_id
            order by
                case when parent_account_id is not null then 0 else 1 end asc nulls last,
                case when account_record_id = account_id then 0 else 1 end asc nulls last,
                account_record_id asc nulls last
        ) = 1

),

walked_parents as (

    select
        account_id,
        parent_account_id as reached_account_id,
        1 as hierarchy_depth,
        '>' || account_id || '>' || parent_account_id || '>' as hierarchy_path,
        false as is_hierarchy_cycle

    from leading_parents

    where parent_account_id is not null

    union all

    select
        walked_parents.account_id,
        leading_parents.parent_account_id as reached_account_id,
        walked_parents.hierarchy_depth + 1 as hierarchy_depth,
        walked_parents.hierarchy_path || leading_parents.parent_account_id || '>' as hierarchy_path,
        contains(walked_parents.hierarchy_path, '>' || leading_parents.parent_account_id || '>')
            as is_hierarchy_cycle

    from walked_parents

    inner join leading_parents on walked_parents.reached_account_id = leading_parents.account_id

    -- Two companies that each say the other is above them would be walked for ever.
    where
        leading_parents.parent_account_id is not null
        and not walked_parents.is_hierarchy_cycle

),

topmost_parents as (

    select
        account_id,
        reached_account_id,
        hierarchy_depth,
        is_hierarchy_cycle

    from walked_parents

    qualify row_number() over (partition by account_id order by hierarchy_depth desc nulls last) = 1

),

resolved_hierarchies as (

    select
        accounts.account_id,
        leading_parents.parent_account_id,
        -- A circle has no top.
        case
            when topmost_parents.account_id is null then accounts.account_id
            when not topmost_parents.is_hierarchy_cycle then topmost_parents.reached_account_id
        end as ultimate_parent_account_id,
        case
            when topmost_parents.account_id is null then 0
            when not topmost_parents.is_hierarchy_cycle then topmost_parents.hierarchy_depth
        end as hierarchy_depth,
        coalesce(topmost_parents.is_hierarchy_cycle, false) as is_hierarchy_cycle,
        leading_parents.account_id is not null
        and leading_parents.parent_account_id is null as is_parent_unknown

    from accounts

    -- Most accounts have nobody above them.
    left join leading_parents on accounts.account_id = leading_parents.account_id

    left join topmost_parents on accounts.account_id = topmost_parents.account_id

)

select * from resolved_hierarchies
