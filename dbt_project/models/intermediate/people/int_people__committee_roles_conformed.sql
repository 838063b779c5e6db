{{ config(materialized='table') }}
{#
    One row per role that a person plays in buying: in one deal (Salesforce; HubSpot where the deal lists the
    person), or at their company without a deal being named (HubSpot, which keeps the role with the person).
#}

with

salesforce_roles as (

    select
        {{ conformed_id(
            'source_system', 'source_instance', 'opportunity_contact_role_id'
        ) }} as committee_role_id,
        source_system,
        source_instance,
        'opportunity' as role_scope,
        {{ conformed_id('source_system', 'source_instance', 'opportunity_id') }} as opportunity_id,
        {{ conformed_id('source_system', 'source_instance', 'contact_id') }} as person_record_id,
        contact_role as crm_role,
        is_primary,
        is_later_version,
        created_at as role_since_at,
        updated_at,
        file_id

    from {{ ref('stg_salesforce__opportunity_contact_roles') }}

    where not coalesce(is_deleted, false) or is_later_version

),

hubspot_people as (

    select
        person_record_id,
        source_system,
        source_instance,
        source_person_id,
        buying_role,
        updated_at,
        file_id

    from {{ ref('int_people__people_unioned') }}

    where
        source_system = 'hubspot'
        and buying_role is not null
        -- The survivor of a merge has the role now.
        and record_status = 'active'

),

hubspot_roles as (

    {{ split_to_rows(
        'hubspot_people',
        'buying_role',
        ';',
        ['person_record_id', 'source_system', 'source_instance', 'source_person_id', 'updated_at', 'file_id'],
        item_name='crm_role',
    ) }}

),

hubspot_deals as (

    select
        source_system,
        source_instance,
        deal_id,
        associated_contacts,
        replace(associated_contact_ids, ',', ';') as associated_contact_ids

    from {{ ref('stg_hubspot__deals') }}

),

api_contacts as (

    {{ json_array_items(
        'hubspot_deals', 'associated_contacts', ['source_system', 'source_instance', 'deal_id'], item_name='contact'
    ) }}

),

portal_contacts as (

    {{ split_to_rows(
        'hubspot_deals',
        'associated_contact_ids',
        ';',
        ['source_system', 'source_instance', 'deal_id'],
        item_name='contact_id',
    ) }}

),

deals_contacts as (

    -- The API lists objects or bare ids.
    select
        source_system,
        source_instance,
        deal_id,
        coalesce({{ json_text('contact', 'id') }}, translate(contact, '"', '')) as contact_id

    from api_contacts

    union

    select
        source_system,
        source_instance,
        deal_id,
        contact_id

    from portal_contacts

),

hubspot_deal_roles as (

    select
        hubspot_roles.person_record_id
        || ':'
        || deals_contacts.deal_id
        || ':'
        || hubspot_roles.crm_role as committee_role_id,
        hubspot_roles.source_system,
        hubspot_roles.source_instance,
        'opportunity' as role_scope,
        {{ conformed_id(
            'deals_contacts.source_system', 'deals_contacts.source_instance', 'deals_contacts.deal_id'
        ) }} as opportunity_id,
        hubspot_roles.person_record_id,
        hubspot_roles.crm_role,
        cast(null as boolean) as is_primary,
        false as is_later_version,
        -- Since when somebody plays a role, HubSpot does not tell.
        cast(null as timestamp) as role_since_at,
        hubspot_roles.updated_at,
        hubspot_roles.file_id

    from hubspot_roles

    inner join deals_contacts
        on
            hubspot_roles.source_system = deals_contacts.source_system
            and hubspot_roles.source_instance = deals_contacts.source_instance
            and hubspot_roles.source_person_id = deals_contacts.contact_id

),

hubspot_account_roles as (

    select
        person_record_id || ':' || crm_role as committee_role_id,
        source_system,
        source_instance,
        'account' as role_scope,
        cast(null as string) as opportunity_id,
        person_record_id,
        crm_role,
        cast(null as boolean) as is_primary,
        false as is_later_version,
        cast(null as timestamp) as role_since_at,
        updated_at,
        file_id

    from hubspot_roles

),

people as (

    select
        person_record_id,
        person_id

    from {{ ref('int_people__people_resolved') }}

),

people_records as (

    select
        person_record_id,
        account_id

    from {{ ref('int_people__people_unioned') }}

),

mapping as (

    select
        crm_role,
        committee_role

    from {{ ref('committee_roles') }}

),

all_roles as (

    select * from salesforce_roles

    union all

    select * from hubspot_deal_roles

    union all

    select * from hubspot_account_roles

),

mapped_roles as (

    select
        all_roles.committee_role_id,
        all_roles.source_system,
        all_roles.source_instance,
        all_roles.role_scope,
        all_roles.opportunity_id,
        people_records.account_id,
        all_roles.person_record_id,
        all_roles.crm_role,
        mapping.committee_role,
        all_roles.is_primary,
        all_roles.is_later_version,
        all_roles.role_since_at,
        all_roles.updated_at,
        all_roles.file_id,
        coalesce(people.person_id, all_roles.person_record_id) as person_id,
        all_roles.crm_role is not null and mapping.committee_role is null as is_role_unmapped

    from all_roles

    -- A wording without a row in the policy is kept, marked and reported. Some roles have no wording at all.
    left join mapping on lower(trim(replace(all_roles.crm_role, '_', ' '))) = mapping.crm_role

    -- A role can be played by a contact that no export has.
    left join people on all_roles.person_record_id = people.person_record_id

    left join people_records on all_roles.person_record_id = people_records.person_record_id

)

select * from mapped_roles
