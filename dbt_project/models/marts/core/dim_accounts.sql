{# One row per account: a company, whatever records the CRMs have of it. #}

with

records as (

    select
        account_record_id,
        account_name,
        website,
        domain,
        account_type,
        industry,
        country,
        employee_count,
        annual_revenue,
        currency_code,
        owner_record_id,
        record_status,
        is_restored,
        created_at,
        updated_at,
        file_id

    from {{ ref('int_accounts__records_unioned') }}

),

resolved_records as (

    select
        account_record_id,
        account_id,
        source_system,
        is_merged,
        is_exported

    from {{ ref('int_accounts__records_resolved') }}

),

hierarchies as (

    select
        account_id,
        parent_account_id,
        ultimate_parent_account_id,
        hierarchy_depth,
        is_hierarchy_cycle,
        is_parent_unknown

    from {{ ref('int_accounts__hierarchies_resolved') }}

),

users as (

    select
        user_record_id,
        full_name

    from {{ ref('int_people__users_unioned') }}

),

account_links as (

    select
        account_id,
        suggested_account_id,
        object_type

    from {{ ref('int_identity__account_links_matched') }}

),

counted_records as (

    select
        account_id,
        count(*) as record_count,
        count(case when is_merged then 1 end) as merged_record_count,
        count(case when source_system = 'salesforce' and not is_merged then 1 end) > 0 as is_in_salesforce,
        count(case when source_system = 'hubspot' and not is_merged then 1 end) > 0 as is_in_hubspot

    from resolved_records

    group by account_id

),

counted_links as (

    select
        account_id,
        count(case when object_type in ('organization', 'company') then 1 end) as desk_organization_count,
        count(case when object_type = 'customer' then 1 end) as billing_customer_count,
        count(case when object_type = 'workspace' then 1 end) as product_workspace_count,
        count(case when object_type in ('group', 'user_domain') then 1 end) as usage_group_count

    from account_links

    where account_id is not null

    group by account_id

),

counted_suggestions as (

    select
        suggested_account_id as account_id,
        count(*) as suggested_link_count

    from account_links

    where suggested_account_id is not null

    group by suggested_account_id

),

leading_records as (

    -- The record that the account is named after speaks for it. Where no export has that one, the one that
    -- changed last does.
    select
        resolved_records.account_id,
        resolved_records.account_record_id,
        records.account_name,
        records.website,
        records.domain,
        records.account_type,
        records.industry,
        records.country,
        records.employee_count,
        records.annual_revenue,
        records.currency_code,
        records.owner_record_id,
        records.record_status,
        records.is_restored,
        records.created_at,
        records.updated_at,
        records.file_id

    from resolved_records

    -- A record that is only named by a merge has nothing to say.
    left join records on resolved_records.account_record_id = records.account_record_id

    qualify
        row_number() over (
            partition by resolved_records.account_id
            order by
                case when resolved_records.is_exported then 0 else 1 end asc nulls last,
                case
                    when resolved_records.account_record_id = resolved_records.account_id then 0 else 1
                end asc nulls last,
                case when resolved_records.is_merged then 1 else 0 end asc nulls last,
                records.updated_at desc nulls last,
                resolved_records.account_record_id asc nulls last
        ) = 1

),

described_accounts as (

    select
        leading_records.account_id,
        leading_records.account_name,
        leading_records.website,
        leading_records.domain,
        leading_records.account_type,
        leading_records.industry,
        leading_records.country,
        cast(leading_records.employee_count as bigint) as employee_count,
        cast(leading_records.annual_revenue as decimal(18, 2)) as annual_revenue,
        leading_records.currency_code,
        leading_records.owner_record_id,
        users.full_name as owner_name,
        hierarchies.parent_account_id,
        hierarchies.ultimate_parent_account_id,
        cast(hierarchies.hierarchy_depth as integer) as hierarchy_depth,
        hierarchies.is_hierarchy_cycle,
        hierarchies.is_parent_unknown,
        counted_records.record_count,
        counted_records.merged_record_count,
        counted_records.is_in_salesforce,
        counted_records.is_in_hubspot,
        leading_records.created_at,
        leading_records.updated_at,
        leading_records.file_id,
        split_part(leading_records.account_id, ':', 1) as source_system,
        split_part(leading_records.account_id, ':', 2) as source_instance,
        split_part(leading_records.account_id, ':', 3) as source_account_id,
        case
            when leading_records.account_record_id = leading_records.account_id
                then coalesce(leading_records.record_status, 'not_exported')
            else 'not_exported'
        end as account_status,
        coalesce(leading_records.is_restored, false) as is_restored,
        coalesce(counted_links.desk_organization_count, 0) as desk_organization_count,
        coalesce(counted_links.billing_customer_count, 0) as billing_customer_count,
        coalesce(counted_links.product_workspace_count, 0) as product_workspace_count,
        coalesce(counted_links.usage_group_count, 0) as usage_group_count,
        coalesce(counted_suggestions.suggested_link_count, 0) as suggested_link_count

    from leading_records

    inner join hierarchies on leading_records.account_id = hierarchies.account_id

    inner join counted_records on leading_records.account_id = counted_records.account_id

    -- Accounts without an owner, or of a user that no export has, and those that no other system knows.
    left join users on leading_records.owner_record_id = users.user_record_id

    left join counted_links on leading_records.account_id = counted_links.account_id

    left join counted_suggestions on leading_records.account_id = counted_suggestions.account_id

)

select * from described_accounts
