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

salesforce_accounts as (

    select
        source_system,
        source_instance,
        account_id

    from {{ ref('stg_salesforce__accounts') }}

),

hubspot_companies as (

    select
        source_system,
        source_instance,
        company_id as account_id

    from {{ ref('stg_hubspot__companies') }}

),

salesforce_opportunities as (

    select
        source_system,
        source_instance,
        opportunity_id

    from {{ ref('stg_salesforce__opportunities') }}

),

hubspot_deals as (

    select
        source_system,
        source_instance,
        deal_id as opportunity_id

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

union_accounts as (

    select
        source_system,
        source_instance,
        account_id,
        account_id as written_account_id

    from salesforce_accounts

    union all

    -- The same id without its three letters of checksum, as reports and addresses show it.
    select
        source_system,
        source_instance,
        account_id,
        substr(account_id, 1, 15) as written_account_id

    from salesforce_accounts

    union all

    select
        source_system,
        source_instance,
        account_id,
        account_id as written_account_id

    from hubspot_companies

),

match_accounts as (

    select
        list_account_links.node_id,
        list_account_links.link_basis,
        list_account_links.link_rank,
        {{ conformed_id(
            'union_accounts.source_system', 'union_accounts.source_instance', 'union_accounts.account_id'
        ) }} as account_record_id,
        coalesce(list_account_links.named_system = union_accounts.source_system, false) as is_named_system

    from list_account_links

    inner join union_accounts on list_account_links.named_account_id = union_accounts.written_account_id

),

choose_accounts as (

    select
        node_id,
        link_basis,
        account_record_id

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
        opportunity_id,
        opportunity_id as written_opportunity_id

    from salesforce_opportunities

    union all

    select
        source_system,
        source_instance,
        opportunity_id,
        substr(opportunity_id, 1, 15) as written_opportunity_id

    from salesforce_opportunities

    union all

    select
        source_system,
        source_instance,
        opportunity_id,
        opportunity_id as written_opportunity_id

    from hubspot_deals

),

match_opportunities as (

    select
        list_opportunity_links.node_id,
        list_opportunity_links.link_rank,
        {{ conformed_id(
            'union_opportunities.source_system',
            'union_opportunities.source_instance',
            'union_opportunities.opportunity_id'
        ) }} as opportunity_id,
        coalesce(list_opportunity_links.named_system = union_opportunities.source_system, false)
            as is_named_system

    from list_opportunity_links

    inner join union_opportunities
        on list_opportunity_links.named_opportunity_id = union_opportunities.written_opportunity_id

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
        chosen_opportunities.opportunity_id

    from list_linked_nodes as linked_nodes

    -- left: a node may name either without the other
    left join choose_accounts as chosen_accounts on linked_nodes.node_id = chosen_accounts.node_id
    left join choose_opportunities as chosen_opportunities
        on linked_nodes.node_id = chosen_opportunities.node_id

)

select * from join_links
