{{ config(materialized='table') }}
{#
    One row per node that names an account or a deal of a CRM which exports know. An account may also be named by its realm.

    Ids of the CRMs look different, so the id decides; the system named beside it only settles what would be a tie.
#}

with

node_documents as (

    select
        node_id,
        realm,
        source_instance,
        file_kind,
        fields_text

    from {{ ref('int_infohub__node_documents_chosen') }}

),

realm_files as (

    select
        source_instance,
        file_path,
        realm

    from {{ ref('stg_infohub__files') }}

    where file_kind = 'realm_profile'

),

realm_documents as (

    select
        source_instance,
        file_path,
        document_index,
        fields

    from {{ ref('stg_infohub__documents') }}

    where fields is not null

),

nodes as (

    select distinct
        node_id,
        source_instance,
        realm

    from {{ ref('int_infohub__files_dated') }}

),

account_records as (

    select
        account_record_id,
        account_id,
        source_system,
        source_account_id

    from {{ ref('int_accounts__records_resolved') }}

),

salesforce_opportunities as (

    select
        source_system,
        source_instance,
        opportunity_id as source_opportunity_id

    from {{ ref('stg_salesforce__opportunities') }}

),

hubspot_deals as (

    select
        source_system,
        source_instance,
        deal_id as source_opportunity_id

    from {{ ref('stg_hubspot__deals') }}

),

list_account_links as (

    select
        node_id,
        'blueprint' as link_basis,
        1 as link_rank,
        {{ json_text('fields_text', 'crm.system') }} as named_system,
        {{ json_text('fields_text', 'crm.account_id') }} as named_account_id

    from node_documents

    where file_kind = 'blueprint'

    union all

    select
        node_id,
        'node_profile' as link_basis,
        2 as link_rank,
        {{ json_text('fields_text', 'account.crm_system') }} as named_system,
        {{ json_text('fields_text', 'account.crm_id') }} as named_account_id

    from node_documents

    where file_kind = 'node_profile'

    union all

    select
        nodes.node_id,
        'realm_profile' as link_basis,
        3 as link_rank,
        {{ json_text('realm_documents.fields', 'crm.system') }} as named_system,
        {{ json_text('realm_documents.fields', 'crm.account_id') }} as named_account_id

    from nodes

    inner join realm_files
        on
            nodes.source_instance = realm_files.source_instance
            and nodes.realm = realm_files.realm
    inner join realm_documents
        on
            realm_files.source_instance = realm_documents.source_instance
            and realm_files.file_path = realm_documents.file_path

),

match_accounts as (

    select
        account_links.node_id,
        account_links.link_basis,
        account_links.link_rank,
        account_records.account_record_id,
        account_records.account_id,
        coalesce(account_links.named_system = account_records.source_system, false) as is_named_system

    from list_account_links as account_links

    inner join account_records
        on
            coalesce({{ salesforce_id_18('account_links.named_account_id') }}, account_links.named_account_id)
            = account_records.source_account_id

),

choose_accounts as (

    select
        node_id,
        link_basis,
        account_record_id,
        account_id

    from match_accounts

    qualify
        row_number() over (
            partition by node_id
            order by
                link_rank asc nulls last,
                is_named_system desc nulls last,
                account_record_id asc nulls last
        ) = 1

),

list_opportunity_links as (

    select
        node_id,
        case file_kind when 'blueprint' then 1 else 2 end as link_rank,
        {{ json_text('fields_text', 'crm.system') }} as named_system,
        case file_kind
            when 'blueprint' then {{ json_text('fields_text', 'crm.opportunity_id') }}
            else {{ json_text('fields_text', 'commercial.opportunity_id') }}
        end as named_opportunity_id

    from node_documents

),

union_opportunities as (

    select
        source_system,
        source_instance,
        source_opportunity_id

    from salesforce_opportunities

    union all

    select
        source_system,
        source_instance,
        source_opportunity_id

    from hubspot_deals

),

match_opportunities as (

    select
        opportunity_links.node_id,
        opportunity_links.link_rank,
        {{ conformed_id(
            'opportunities.source_system', 'opportunities.source_instance', 'opportunities.source_opportunity_id'
        ) }} as opportunity_id,
        coalesce(opportunity_links.named_system = opportunities.source_system, false) as is_named_system

    from list_opportunity_links as opportunity_links

    inner join union_opportunities as opportunities
        on
            coalesce(
                {{ salesforce_id_18('opportunity_links.named_opportunity_id') }},
                opportunity_links.named_opportunity_id
            ) = opportunities.source_opportunity_id

),

choose_opportunities as (

    select
        node_id,
        opportunity_id

    from match_opportunities

    qualify
        row_number() over (
            partition by node_id
            order by
                link_rank asc nulls last,
                is_named_system desc nulls last,
                opportunity_id asc nulls last
        ) = 1

),

list_linked_nodes as (

    select node_id

    from choose_accounts

    union distinct

    select node_id

    from choose_opportunities

),

join_links as (

    select
        linked_nodes.node_id,
        chosen_accounts.link_basis as account_link_basis,
        chosen_accounts.account_record_id,
        chosen_accounts.account_id,
        chosen_opportunities.opportunity_id

    from list_linked_nodes as linked_nodes

    -- left: a node may name either without the other
    left join choose_accounts as chosen_accounts on linked_nodes.node_id = chosen_accounts.node_id
    left join choose_opportunities as chosen_opportunities
        on linked_nodes.node_id = chosen_opportunities.node_id

)

select * from join_links
