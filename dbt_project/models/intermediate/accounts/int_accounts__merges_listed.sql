{# One row per account record that a CRM says was merged into another one, with the one it was merged into. #}

with

salesforce_losers as (

    -- A version from after the day may have lost its merge after the day, too.
    select
        {{ conformed_id('source_system', 'source_instance', 'account_id') }} as account_record_id,
        {{ conformed_id(
            'source_system', 'source_instance', 'merged_into_account_id'
        ) }} as merged_into_record_id,
        updated_at as merged_by_at

    from {{ ref('stg_salesforce__accounts') }}

    where merged_into_account_id is not null and not is_later_version

),

hubspot_survivors as (

    select
        source_system,
        source_instance,
        company_id,
        updated_at,
        -- A JSON list in one export, semicolons in another.
        replace(translate(merged_object_ids, '[]" ', ''), ',', ';') as merged_object_ids

    from {{ ref('stg_hubspot__companies') }}

    where merged_object_ids is not null and not is_later_version

),

hubspot_merged_ids as (

    {{ split_to_rows(
        'hubspot_survivors',
        'merged_object_ids',
        ';',
        ['source_system', 'source_instance', 'company_id', 'updated_at'],
        item_name='merged_company_id',
    ) }}

),

hubspot_losers as (

    select
        {{ conformed_id('source_system', 'source_instance', 'merged_company_id') }} as account_record_id,
        {{ conformed_id('source_system', 'source_instance', 'company_id') }} as merged_into_record_id,
        updated_at as merged_by_at

    from hubspot_merged_ids

    -- A merge can leave the survivor's own former id in its list.
    where merged_company_id <> company_id

),

all_losers as (

    select
        account_record_id,
        merged_into_record_id,
        merged_by_at

    from salesforce_losers

    union all

    select
        account_record_id,
        merged_into_record_id,
        merged_by_at

    from hubspot_losers

),

first_merges as (

    -- In HubSpot a survivor that is merged in turn hands its list on, so that two records name one loser:
    -- the first that
    -- named it is the step that belongs into the chain.
    select
        account_record_id,
        merged_into_record_id,
        merged_by_at

    from all_losers

    qualify
        row_number() over (
            partition by account_record_id
            order by merged_by_at asc nulls last, merged_into_record_id asc nulls last
        ) = 1

)

select * from first_merges
