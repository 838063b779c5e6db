{{ config(materialized='table') }}
{#
    One row per object of a system other than the CRMs that stands for a company, kind of claim, and what is
    claimed: that it bears this name, that the CRM has it under this id, that its people have addresses at
    this domain.

    Every object has a row of the kind `object`, so that one about which nothing is claimed is not lost.
#}

with

zendesk_organizations as (

    select
        source_system,
        source_instance,
        'organization' as object_type,
        organization_id as object_id,
        organization_name as object_name,
        coalesce(external_id, {{ crm_account_field('organization_fields') }}) as external_id,
        domain_names

    from {{ ref('stg_zendesk__organizations') }}

),

zendesk_users as (

    select
        source_system,
        source_instance,
        'organization' as object_type,
        organization_id as object_id,
        email

    from {{ ref('stg_zendesk__users') }}

    where organization_id is not null

),

freshdesk_companies as (

    select
        source_system,
        source_instance,
        'company' as object_type,
        company_id as object_id,
        company_name as object_name,
        {{ crm_account_field('custom_fields') }} as external_id,
        domain_names

    from {{ ref('stg_freshdesk__companies') }}

),

freshdesk_contacts as (

    select
        source_system,
        source_instance,
        'company' as object_type,
        company_id as object_id,
        email

    from {{ ref('stg_freshdesk__contacts') }}

    where company_id is not null

),

intercom_companies as (

    select
        source_system,
        source_instance,
        'company' as object_type,
        company_id as object_id,
        company_name as object_name,
        coalesce(external_id, {{ crm_account_field('custom_attributes') }}) as external_id,
        website

    from {{ ref('stg_intercom__companies') }}

),

intercom_contacts as (

    select
        source_system,
        source_instance,
        email,
        -- The API wraps the list, files made from it do not.
        coalesce({{ json_text('companies', 'data') }}, companies) as companies

    from {{ ref('stg_intercom__contacts') }}

    where companies is not null

),

intercom_memberships as (

    {{ json_array_items(
        'intercom_contacts', 'companies', ['source_system', 'source_instance', 'email'], item_name='company'
    ) }}

),

intercom_people as (

    select
        source_system,
        source_instance,
        'company' as object_type,
        {{ json_text('company', 'id') }} as object_id,
        email

    from intercom_memberships

    where {{ json_text('company', 'id') }} is not null

),

jira_people as (

    select
        source_system,
        source_instance,
        'organization' as object_type,
        organization_id as object_id,
        organization_name as object_name,
        requester_email as email

    from {{ ref('int_identity__jira_organizations_unpacked') }}

),

billing_subscriptions as (

    select
        source_system,
        source_instance,
        'customer' as object_type,
        billing_account_id as object_id,
        billing_account_name as object_name,
        crm_account_id as external_id,
        crm_opportunity_id,
        subscription_id

    from {{ ref('stg_billing__subscriptions') }}

    where billing_account_id is not null

),

billing_invoices as (

    select
        source_system,
        source_instance,
        'customer' as object_type,
        billing_account_id as object_id,
        billing_account_name as object_name,
        crm_account_id as external_id

    from {{ ref('stg_billing__invoices') }}

    where billing_account_id is not null

),

product_entitlements as (

    select
        source_system,
        source_instance,
        'workspace' as object_type,
        product_account_id as object_id,
        crm_account_id as external_id,
        subscription_id

    from {{ ref('stg_product__entitlements') }}

    where product_account_id is not null

),

product_seats as (

    select
        source_system,
        source_instance,
        'workspace' as object_type,
        product_account_id as object_id,
        crm_account_id as external_id,
        user_email as email

    from {{ ref('stg_product__seats') }}

    where product_account_id is not null

),

usage_objects as (

    select
        source_system,
        source_instance,
        object_type,
        object_id

    from {{ ref('int_identity__usage_objects_listed') }}

),

entitled_subscriptions as (

    select
        product_entitlements.source_system,
        product_entitlements.source_instance,
        product_entitlements.object_type,
        product_entitlements.object_id,
        billing_subscriptions.external_id,
        billing_subscriptions.crm_opportunity_id

    from product_entitlements

    inner join
        billing_subscriptions
        on product_entitlements.subscription_id = billing_subscriptions.subscription_id

),

zendesk_domains as (

    {{ json_array_items(
        'zendesk_organizations',
        'domain_names',
        ['source_system', 'source_instance', 'object_type', 'object_id'],
        item_name='domain_name',
    ) }}

),

freshdesk_domains as (

    {{ json_array_items(
        'freshdesk_companies',
        'domain_names',
        ['source_system', 'source_instance', 'object_type', 'object_id'],
        item_name='domain_name',
    ) }}

),

{#- Where each kind of claim is made: relation, column. #}
{%- set claimed = [
    ('object', 'zendesk_organizations', 'object_id'),
    ('object', 'zendesk_users', 'object_id'),
    ('object', 'freshdesk_companies', 'object_id'),
    ('object', 'freshdesk_contacts', 'object_id'),
    ('object', 'intercom_companies', 'object_id'),
    ('object', 'intercom_people', 'object_id'),
    ('object', 'jira_people', 'object_id'),
    ('object', 'billing_subscriptions', 'object_id'),
    ('object', 'billing_invoices', 'object_id'),
    ('object', 'product_entitlements', 'object_id'),
    ('object', 'product_seats', 'object_id'),
    ('object', 'usage_objects', 'object_id'),
    ('name', 'zendesk_organizations', 'object_name'),
    ('name', 'freshdesk_companies', 'object_name'),
    ('name', 'intercom_companies', 'object_name'),
    ('name', 'jira_people', 'object_name'),
    ('name', 'billing_subscriptions', 'object_name'),
    ('name', 'billing_invoices', 'object_name'),
    ('name', 'usage_objects', "case when object_type = 'group' then object_id end"),
    ('external_id', 'zendesk_organizations', 'external_id'),
    ('external_id', 'freshdesk_companies', 'external_id'),
    ('external_id', 'intercom_companies', 'external_id'),
    ('external_id', 'billing_subscriptions', 'external_id'),
    ('external_id', 'billing_invoices', 'external_id'),
    ('external_id', 'product_entitlements', 'external_id'),
    ('external_id', 'product_seats', 'external_id'),
    ('external_id', 'usage_objects', "case when object_type = 'group' then object_id end"),
    ('subscription_account_id', 'entitled_subscriptions', 'external_id'),
    ('opportunity_id', 'billing_subscriptions', 'crm_opportunity_id'),
    ('opportunity_id', 'entitled_subscriptions', 'crm_opportunity_id'),
    ('domain', 'zendesk_domains', "translate(domain_name, '\"', '')"),
    ('domain', 'freshdesk_domains', "translate(domain_name, '\"', '')"),
    ('domain', 'intercom_companies', 'website'),
    ('domain', 'usage_objects', 'object_id'),
    ('people_domain', 'zendesk_users', 'email'),
    ('people_domain', 'freshdesk_contacts', 'email'),
    ('people_domain', 'intercom_people', 'email'),
    ('people_domain', 'jira_people', 'email'),
    ('people_domain', 'product_seats', 'email'),
] %}

made_claims as (

    {% for claim_kind, relation, value in claimed -%}
    select
        source_system,
        source_instance,
        object_type,
        object_id,
        '{{ claim_kind }}' as claim_kind,
        {{ claimed_text(claim_kind, value) }} as claim_value
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

inherited_claims as (

    -- A product that sends its own workspace id as the group makes the group known by whatever the workspace
    -- is known by.
    select
        usage_objects.source_system,
        usage_objects.source_instance,
        usage_objects.object_type,
        usage_objects.object_id,
        case
            when made_claims.claim_kind = 'external_id' then 'workspace_account_id'
            else made_claims.claim_kind
        end as claim_kind,
        made_claims.claim_value

    from usage_objects

    inner join made_claims
        on
            usage_objects.object_id = made_claims.object_id
            and made_claims.object_type = 'workspace'
            and made_claims.claim_kind <> 'object'

    where usage_objects.object_type = 'group'

),

all_claims as (

    select * from made_claims

    union all

    select * from inherited_claims

),

counted_claims as (

    select
        source_system,
        source_instance,
        object_type,
        object_id,
        claim_kind,
        claim_value,
        count(*) as mention_count

    from all_claims

    where claim_value is not null

    group by source_system, source_instance, object_type, object_id, claim_kind, claim_value

)

select * from counted_claims
