{# One row per deal of a CRM that is with an account, by the id that other systems know the deal by. #}

with

salesforce_opportunities as (

    select
        opportunity_id as source_opportunity_id,
        {{ conformed_id('source_system', 'source_instance', 'account_id') }} as account_record_id

    from {{ ref('stg_salesforce__opportunities') }}

    where account_id is not null

),

hubspot_deals as (

    select
        source_system,
        source_instance,
        deal_id as source_opportunity_id,
        associated_company_id,
        associated_companies,
        replace(associated_company_ids, ',', ';') as associated_company_ids

    from {{ ref('stg_hubspot__deals') }}

),

listed_companies as (

    {{ json_array_items(
        'hubspot_deals',
        'associated_companies',
        ['source_system', 'source_instance', 'source_opportunity_id'],
        item_name='company',
    ) }}

),

numbered_companies as (

    -- An item is an id, or an object that has one.
    select
        source_system,
        source_instance,
        source_opportunity_id,
        coalesce(
            {{ json_text('company', 'id') }},
            cast(try_cast(replace(company, '"', '') as bigint) as string)
        ) as company_id

    from listed_companies

),

written_companies as (

    {{ split_to_rows(
        'hubspot_deals',
        'associated_company_ids',
        ';',
        ['source_system', 'source_instance', 'source_opportunity_id'],
        item_name='company_id',
    ) }}

),

deals_companies as (

    select
        source_system,
        source_instance,
        source_opportunity_id,
        associated_company_id as company_id

    from hubspot_deals

    where associated_company_id is not null

    union

    select
        source_system,
        source_instance,
        source_opportunity_id,
        company_id

    from written_companies

    union

    select
        source_system,
        source_instance,
        source_opportunity_id,
        company_id

    from numbered_companies

    where company_id is not null

),

single_company_deals as (

    -- A deal with several companies does not say whose it is.
    select
        source_opportunity_id,
        {{ conformed_id('source_system', 'source_instance', 'min(company_id)') }} as account_record_id

    from deals_companies

    group by source_system, source_instance, source_opportunity_id

    having count(*) = 1

),

all_opportunities as (

    select * from salesforce_opportunities

    union all

    select * from single_company_deals

)

select * from all_opportunities
