{{ config(materialized='table') }}
{#
    One row per person record: a contact of a CRM, or somebody who asks a support desk. Leads are not people
    yet, and agents are our own.
#}

with

salesforce_contacts as (

    select
        source_system,
        source_instance,
        'contact' as person_type,
        contact_id as source_person_id,
        full_name,
        lower(trim(email)) as email,
        phone,
        job_title,
        department,
        {{ conformed_id('source_system', 'source_instance', 'account_id') }} as account_record_id,
        cast(null as string) as object_type,
        cast(null as string) as object_id,
        {{ conformed_id('source_system', 'source_instance', 'owner_id') }} as owner_record_id,
        {{ conformed_id(
            'source_system', 'source_instance', 'reports_to_contact_id'
        ) }} as reports_to_person_record_id,
        cast(null as string) as buying_role,
        is_email_bounced,
        email_bounced_at,
        has_opted_out_of_email,
        is_deleted and not is_later_version as is_deleted,
        cast(null as boolean) as is_archived,
        is_restored,
        created_at,
        updated_at,
        file_id

    from {{ ref('stg_salesforce__contacts') }}

),

hubspot_contacts as (

    select
        source_system,
        source_instance,
        'contact' as person_type,
        contact_id as source_person_id,
        nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '') as full_name,
        lower(trim(email)) as email,
        phone,
        job_title,
        cast(null as string) as department,
        {{ conformed_id('source_system', 'source_instance', 'associated_company_id') }} as account_record_id,
        cast(null as string) as object_type,
        cast(null as string) as object_id,
        {{ conformed_id('source_system', 'source_instance', 'owner_id') }} as owner_record_id,
        cast(null as string) as reports_to_person_record_id,
        buying_role,
        cast(null as boolean) as is_email_bounced,
        cast(null as timestamp) as email_bounced_at,
        has_opted_out_of_email,
        cast(null as boolean) as is_deleted,
        is_archived and not is_later_version as is_archived,
        is_restored,
        created_at,
        updated_at,
        file_id

    from {{ ref('stg_hubspot__contacts') }}

),

zendesk_users as (

    select
        source_system,
        source_instance,
        'desk_user' as person_type,
        user_id as source_person_id,
        full_name,
        lower(trim(email)) as email,
        phone,
        cast(null as string) as job_title,
        cast(null as string) as department,
        cast(null as string) as account_record_id,
        'organization' as object_type,
        organization_id as object_id,
        cast(null as string) as owner_record_id,
        cast(null as string) as reports_to_person_record_id,
        cast(null as string) as buying_role,
        cast(null as boolean) as is_email_bounced,
        cast(null as timestamp) as email_bounced_at,
        cast(null as boolean) as has_opted_out_of_email,
        is_permanently_deleted and not is_later_version as is_deleted,
        cast(null as boolean) as is_archived,
        cast(false as boolean) as is_restored,
        created_at,
        updated_at,
        file_id

    from {{ ref('stg_zendesk__users') }}

    where coalesce(user_role, 'end-user') = 'end-user'

),

freshdesk_contacts as (

    select
        source_system,
        source_instance,
        'desk_user' as person_type,
        contact_id as source_person_id,
        full_name,
        lower(trim(email)) as email,
        phone,
        job_title,
        cast(null as string) as department,
        cast(null as string) as account_record_id,
        'company' as object_type,
        company_id as object_id,
        cast(null as string) as owner_record_id,
        cast(null as string) as reports_to_person_record_id,
        cast(null as string) as buying_role,
        cast(null as boolean) as is_email_bounced,
        cast(null as timestamp) as email_bounced_at,
        cast(null as boolean) as has_opted_out_of_email,
        is_deleted and not is_later_version as is_deleted,
        cast(null as boolean) as is_archived,
        is_restored,
        created_at,
        updated_at,
        file_id

    from {{ ref('stg_freshdesk__contacts') }}

),

intercom_contacts as (

    select
        source_system,
        source_instance,
        contact_id,
        full_name,
        lower(trim(email)) as email,
        phone,
        -- The API wraps the list, files made from it do not.
        coalesce({{ json_text('companies', 'data') }}, companies) as companies,
        has_hard_bounced,
        has_unsubscribed_from_emails,
        created_at,
        updated_at,
        file_id

    from {{ ref('stg_intercom__contacts') }}

),

intercom_companies as (

    {{ json_array_items(
        'intercom_contacts', 'companies', ['source_system', 'source_instance', 'contact_id'], item_name='company'
    ) }}

),

first_intercom_companies as (

    select
        source_system,
        source_instance,
        contact_id,
        {{ json_text('company', 'id') }} as company_id

    from intercom_companies

    where item_index = 1

),

intercom_people as (

    select
        intercom_contacts.source_system,
        intercom_contacts.source_instance,
        'desk_user' as person_type,
        intercom_contacts.contact_id as source_person_id,
        intercom_contacts.full_name,
        intercom_contacts.email,
        intercom_contacts.phone,
        cast(null as string) as job_title,
        cast(null as string) as department,
        cast(null as string) as account_record_id,
        'company' as object_type,
        first_intercom_companies.company_id as object_id,
        cast(null as string) as owner_record_id,
        cast(null as string) as reports_to_person_record_id,
        cast(null as string) as buying_role,
        intercom_contacts.has_hard_bounced as is_email_bounced,
        cast(null as timestamp) as email_bounced_at,
        intercom_contacts.has_unsubscribed_from_emails as has_opted_out_of_email,
        cast(null as boolean) as is_deleted,
        cast(null as boolean) as is_archived,
        cast(false as boolean) as is_restored,
        intercom_contacts.created_at,
        intercom_contacts.updated_at,
        intercom_contacts.file_id

    from intercom_contacts

    -- Visitors belong to no company.
    left join first_intercom_companies
        on
            intercom_contacts.source_system = first_intercom_companies.source_system
            and intercom_contacts.source_instance = first_intercom_companies.source_instance
            and intercom_contacts.contact_id = first_intercom_companies.contact_id

),

people_merges as (

    select
        person_record_id,
        surviving_person_record_id

    from {{ ref('int_people__merges_resolved') }}

    where not is_merge_cycle

),

accounts as (

    select
        account_record_id,
        account_id

    from {{ ref('int_accounts__records_resolved') }}

),

account_links as (

    select
        source_system,
        source_instance,
        object_type,
        object_id,
        account_id

    from {{ ref('int_identity__account_links_matched') }}

),

all_people as (

    select * from salesforce_contacts

    union all

    select * from hubspot_contacts

    union all

    select * from zendesk_users

    union all

    select * from freshdesk_contacts

    union all

    select * from intercom_people

),

named_people as (

    select
        *,
        {{ conformed_id('source_system', 'source_instance', 'source_person_id') }} as person_record_id

    from all_people

),

placed_people as (

    select
        named_people.person_record_id,
        named_people.source_system,
        named_people.source_instance,
        named_people.person_type,
        named_people.source_person_id,
        named_people.full_name,
        nullif(named_people.email, '') as email,
        {{ web_domain('named_people.email') }} as email_domain,
        named_people.phone,
        named_people.job_title,
        named_people.department,
        named_people.account_record_id,
        coalesce(accounts.account_id, account_links.account_id) as account_id,
        named_people.owner_record_id,
        named_people.reports_to_person_record_id,
        named_people.buying_role,
        named_people.is_email_bounced,
        named_people.email_bounced_at,
        named_people.has_opted_out_of_email,
        people_merges.surviving_person_record_id,
        case
            when people_merges.person_record_id is not null then 'merged'
            when named_people.is_deleted then 'deleted'
            when named_people.is_archived then 'archived'
            else 'active'
        end as record_status,
        named_people.is_restored,
        named_people.created_at,
        named_people.updated_at,
        named_people.file_id

    from named_people

    -- Most people were never merged, CRMs hold people without a company, and desks hold organizations that
    -- are no account.
    left join people_merges on named_people.person_record_id = people_merges.person_record_id

    left join accounts on named_people.account_record_id = accounts.account_record_id

    left join account_links
        on
            named_people.source_system = account_links.source_system
            and named_people.source_instance = account_links.source_instance
            and named_people.object_type = account_links.object_type
            and named_people.object_id = account_links.object_id

)

select * from placed_people
