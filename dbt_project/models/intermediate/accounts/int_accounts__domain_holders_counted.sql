{#
    One row per surviving account record and web domain that it or a record merged into it has, with who
    shares the domain.
#}

with

records as (

    select
        account_record_id,
        source_system,
        source_instance,
        domain,
        record_status

    from {{ ref('int_accounts__records_unioned') }}

),

account_merges as (

    select
        account_record_id,
        surviving_account_record_id

    from {{ ref('int_accounts__merges_resolved') }}

),

free_mail_domains as (

    select mail_domain

    from {{ ref('free_mail_domains') }}

),

survivors_domains as (

    select
        records.source_system,
        records.source_instance,
        records.domain,
        coalesce(account_merges.surviving_account_record_id, records.account_record_id) as account_record_id,
        max(case when records.record_status in ('active', 'absent', 'archived') then 1 else 0 end) as is_live

    from records

    -- Most records were never merged.
    left join account_merges on records.account_record_id = account_merges.account_record_id

    -- Thousands of companies have an address there: it says nothing about which of them this is.
    left join free_mail_domains on records.domain = free_mail_domains.mail_domain

    where
        records.domain is not null
        and free_mail_domains.mail_domain is null

    group by
        coalesce(account_merges.surviving_account_record_id, records.account_record_id),
        records.source_system,
        records.source_instance,
        records.domain

),

holders as (

    -- A deleted record does not make the domain of a living one doubtful. Where all are deleted, they count.
    select
        account_record_id,
        source_system,
        source_instance,
        domain

    from survivors_domains

    qualify is_live = max(is_live) over (partition by domain)

),

counted_holders as (

    select
        account_record_id,
        source_system,
        source_instance,
        domain,
        count(*) over (partition by domain, source_system, source_instance) as instance_holder_count,
        -- Where several CRMs have the company, Salesforce's record stands for it.
        row_number() over (
            partition by domain
            order by
                case when source_system = 'salesforce' then 0 else 1 end asc nulls last,
                source_system asc nulls last,
                source_instance asc nulls last,
                account_record_id asc nulls last
        ) as holder_rank

    from holders

),

led_domains as (

    select
        account_record_id,
        domain,
        holder_rank,
        max(instance_holder_count) over (partition by domain) = 1 as is_unique_domain,
        count(*) over (partition by domain) > instance_holder_count as is_in_other_instance,
        first_value(account_record_id) over (
            partition by domain
            order by holder_rank asc nulls last
        ) as leading_record_id

    from counted_holders

)

select * from led_domains
