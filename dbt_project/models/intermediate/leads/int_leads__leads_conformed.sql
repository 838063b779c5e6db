{{ config(materialized='table') }}
{#
    One row per lead: a Salesforce lead, or a HubSpot contact that has a lead status.

    Reports of leads have no stamps, so their rows cannot be shown as they were on an earlier day. What they
    say of a later conversion is not believed, and a status that may be its result is not shown.
#}

with

salesforce_leads as (

    select
        source_system,
        source_instance,
        lead_id as source_lead_id,
        coalesce(full_name, nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''))
            as full_name,
        lower(trim(email)) as email,
        job_title,
        company_name,
        industry,
        country,
        employee_count,
        lead_status,
        lead_source,
        lead_rating,
        cast(null as double) as lead_score,
        {{ conformed_id('source_system', 'source_instance', 'owner_id') }} as owner_record_id,
        is_converted,
        converted_date,
        {{ conformed_id(
            'source_system', 'source_instance', 'converted_account_id'
        ) }} as converted_account_record_id,
        {{ conformed_id(
            'source_system', 'source_instance', 'converted_contact_id'
        ) }} as converted_person_record_id,
        {{ conformed_id(
            'source_system', 'source_instance', 'converted_opportunity_id'
        ) }} as converted_opportunity_id,
        cast(null as string) as person_record_id,
        merged_into_lead_id is not null and not is_later_version as is_merged,
        is_deleted and not is_later_version as is_deleted,
        is_restored,
        last_activity_date,
        created_at,
        updated_at,
        file_id

    from {{ ref('stg_salesforce__leads') }}

    where coalesce(created_at < {{ as_of_end() }}, true)

),

hubspot_contacts as (

    select
        source_system,
        source_instance,
        contact_id,
        company_name,
        country,
        lead_status,
        lead_source,
        hubspot_score,
        is_archived,
        is_later_version,
        {{ business_date('last_activity_at') }} as last_activity_date

    from {{ ref('stg_hubspot__contacts') }}

    -- Where nobody works with lead statuses, contacts are people and no leads.
    where lead_status is not null

),

hubspot_people as (

    select
        person_record_id,
        source_system,
        source_instance,
        source_person_id,
        full_name,
        email,
        job_title,
        owner_record_id,
        record_status,
        is_restored,
        created_at,
        updated_at,
        file_id

    from {{ ref('int_people__people_unioned') }}

    where source_system = 'hubspot'

),

hubspot_leads as (

    select
        hubspot_contacts.source_system,
        hubspot_contacts.source_instance,
        hubspot_contacts.contact_id as source_lead_id,
        hubspot_people.full_name,
        hubspot_people.email,
        hubspot_people.job_title,
        hubspot_contacts.company_name,
        cast(null as string) as industry,
        hubspot_contacts.country,
        cast(null as bigint) as employee_count,
        hubspot_contacts.lead_status,
        hubspot_contacts.lead_source,
        cast(null as string) as lead_rating,
        hubspot_contacts.hubspot_score as lead_score,
        hubspot_people.owner_record_id,
        -- HubSpot converts nothing: a lead goes on as the contact that it is, and deals are associated with
        -- it.
        cast(null as boolean) as is_converted,
        cast(null as date) as converted_date,
        cast(null as string) as converted_account_record_id,
        cast(null as string) as converted_person_record_id,
        cast(null as string) as converted_opportunity_id,
        hubspot_people.person_record_id,
        hubspot_people.record_status = 'merged' as is_merged,
        hubspot_contacts.is_archived and not hubspot_contacts.is_later_version as is_deleted,
        hubspot_people.is_restored,
        hubspot_contacts.last_activity_date,
        hubspot_people.created_at,
        hubspot_people.updated_at,
        hubspot_people.file_id

    from hubspot_contacts

    inner join hubspot_people
        on
            hubspot_contacts.source_system = hubspot_people.source_system
            and hubspot_contacts.source_instance = hubspot_people.source_instance
            and hubspot_contacts.contact_id = hubspot_people.source_person_id

),

accounts as (

    select
        account_record_id,
        account_id

    from {{ ref('int_accounts__records_resolved') }}

),

people as (

    select
        person_record_id,
        person_id

    from {{ ref('int_people__people_resolved') }}

),

all_leads as (

    select * from salesforce_leads

    union all

    select * from hubspot_leads

),

dated_leads as (

    select
        *,
        {{ conformed_id('source_system', 'source_instance', 'source_lead_id') }} as lead_id,
        coalesce(converted_date > {{ as_of_date() }}, false) as is_converted_later

    from all_leads

),

conformed_leads as (

    select
        dated_leads.lead_id,
        dated_leads.source_system,
        dated_leads.source_instance,
        dated_leads.source_lead_id,
        dated_leads.full_name,
        nullif(dated_leads.email, '') as email,
        {{ web_domain('dated_leads.email') }} as email_domain,
        dated_leads.job_title,
        dated_leads.company_name,
        dated_leads.industry,
        dated_leads.country,
        dated_leads.employee_count,
        case when not dated_leads.is_converted_later then dated_leads.lead_status end as lead_status,
        dated_leads.lead_source,
        dated_leads.lead_rating,
        dated_leads.lead_score,
        dated_leads.owner_record_id,
        dated_leads.is_converted and not dated_leads.is_converted_later as is_converted,
        case when not dated_leads.is_converted_later then dated_leads.converted_date end as converted_date,
        case when not dated_leads.is_converted_later then accounts.account_id end as converted_account_id,
        case
            when not dated_leads.is_converted_later
                then coalesce(converted_people.person_id, dated_leads.converted_person_record_id)
        end as converted_person_id,
        case
            when not dated_leads.is_converted_later then dated_leads.converted_opportunity_id
        end as converted_opportunity_id,
        own_people.person_id,
        case
            when dated_leads.is_merged then 'merged'
            when dated_leads.is_deleted then 'deleted'
            else 'active'
        end as record_status,
        dated_leads.is_restored,
        dated_leads.last_activity_date,
        dated_leads.created_at,
        dated_leads.updated_at,
        dated_leads.file_id

    from dated_leads

    -- Most leads were not converted.
    left join accounts on dated_leads.converted_account_record_id = accounts.account_record_id

    left join people as converted_people
        on dated_leads.converted_person_record_id = converted_people.person_record_id

    -- A lead of Salesforce is no person yet.
    left join people as own_people on dated_leads.person_record_id = own_people.person_record_id

)

select * from conformed_leads
