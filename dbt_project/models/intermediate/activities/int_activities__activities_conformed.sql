{#
    One row per task or calendar event as of the day, with the account, deal and person that it is about, and who owned the
    account and the deal when it happened.
#}

{{ config(materialized='table') }}

with

activities as (

    select
        activity_id,
        source_system,
        source_instance,
        source_object,
        source_activity_id,
        who_id,
        what_id,
        account_id,
        owner_id,
        subject,
        source_kind,
        direction,
        duration_seconds,
        source_status,
        priority,
        due_date,
        is_completed,
        activity_at,
        activity_date,
        moment_rule,
        is_archived,
        is_deleted,
        is_carried_back,
        created_at,
        file_id

    from {{ ref('int_activities__activities_unioned') }}

),

kinds as (

    select
        source_object,
        source_kind,
        activity_kind,
        is_touch

    from {{ ref('activity_kinds') }}

),

opportunities as (

    select
        source_instance,
        opportunity_id,
        account_id

    from {{ ref('stg_salesforce__opportunities') }}

),

opportunity_versions as (

    select
        opportunity_id,
        valid_from_at,
        valid_to_at,
        owner_record_id

    from {{ ref('int_stage__opportunity_versions_reconstructed') }}

),

contacts as (

    select
        source_instance,
        contact_id,
        account_id

    from {{ ref('stg_salesforce__contacts') }}

),

resolved_records as (

    select
        account_record_id,
        account_id

    from {{ ref('int_accounts__records_resolved') }}

),

account_owners as (

    select
        account_record_id,
        interval_number,
        valid_from_at,
        valid_to_at,
        owner_record_id,
        owner_basis

    from {{ ref('int_activities__account_owners_reconstructed') }}

),

placed_activities as (

    -- the first three letters of an id of this CRM tell what it is the id of
    select
        activities.*,
        coalesce(
            activities.account_id,
            case when activities.what_id like '001%' then activities.what_id end,
            opportunities.account_id,
            contacts.account_id
        ) as named_account_id,
        case
            when activities.account_id is not null then 'activity'
            when activities.what_id like '001%' then 'related_account'
            when opportunities.account_id is not null then 'related_opportunity'
            when contacts.account_id is not null then 'person'
        end as account_rule,
        coalesce(activities.activity_at, activities.created_at) as owned_at

    from activities

    left join opportunities
        on
            activities.source_instance = opportunities.source_instance
            and activities.what_id = opportunities.opportunity_id

    left join contacts
        on
            activities.source_instance = contacts.source_instance
            and activities.who_id = contacts.contact_id

),

identified_activities as (

    select
        *,
        case
            when named_account_id is not null
                then {{ conformed_id('source_system', 'source_instance', 'named_account_id') }}
        end as account_record_id,
        case
            when what_id like '006%' then {{ conformed_id('source_system', 'source_instance', 'what_id') }}
        end as opportunity_id

    from placed_activities

),

owned_activities as (

    select
        identified_activities.activity_id,
        account_owners.owner_record_id,
        account_owners.owner_basis

    from identified_activities

    inner join account_owners
        on
            identified_activities.account_record_id = account_owners.account_record_id
            and (
                account_owners.valid_from_at is null
                or identified_activities.owned_at >= account_owners.valid_from_at
            )
            and (
                account_owners.valid_to_at is null
                or identified_activities.owned_at < account_owners.valid_to_at
            )

    -- two versions of one second leave an empty interval, which is nobody's
    qualify row_number() over (
        partition by identified_activities.activity_id
        order by account_owners.interval_number desc nulls last
    ) = 1

),

opportunity_owners as (

    -- the first version that did not end before; an activity can be older than the deal that it was put under
    select
        identified_activities.activity_id,
        opportunity_versions.owner_record_id,
        case
            when opportunity_versions.valid_from_at <= identified_activities.owned_at then 'reconstructed'
            else 'carried_back'
        end as owner_basis

    from identified_activities

    inner join opportunity_versions
        on
            identified_activities.opportunity_id = opportunity_versions.opportunity_id
            and (
                opportunity_versions.valid_to_at is null
                or identified_activities.owned_at < opportunity_versions.valid_to_at
            )

    qualify row_number() over (
        partition by identified_activities.activity_id
        order by opportunity_versions.valid_from_at asc nulls last
    ) = 1

),

conformed_activities as (

    select
        identified_activities.activity_id,
        identified_activities.source_system,
        identified_activities.source_instance,
        identified_activities.source_object,
        identified_activities.source_activity_id,
        identified_activities.account_record_id,
        resolved_records.account_id,
        identified_activities.account_rule,
        identified_activities.opportunity_id,
        case
            when identified_activities.who_id is not null
                then {{ conformed_id(
                    'identified_activities.source_system',
                    'identified_activities.source_instance',
                    'identified_activities.who_id',
                ) }}
        end as person_id,
        coalesce(kinds.activity_kind, 'other') as activity_kind,
        identified_activities.source_kind,
        kinds.source_kind is not null as is_kind_mapped,
        identified_activities.direction,
        identified_activities.subject,
        identified_activities.source_status,
        identified_activities.priority,
        identified_activities.duration_seconds,
        identified_activities.due_date,
        identified_activities.activity_at,
        identified_activities.activity_date,
        identified_activities.moment_rule,
        identified_activities.is_completed,
        coalesce(kinds.is_touch and identified_activities.is_completed, false)
        and not identified_activities.is_deleted as is_touch,
        case
            when identified_activities.owner_id is not null
                then {{ conformed_id(
                    'identified_activities.source_system',
                    'identified_activities.source_instance',
                    'identified_activities.owner_id',
                ) }}
        end as owner_record_id,
        owned_activities.owner_record_id as account_owner_record_id,
        owned_activities.owner_basis as account_owner_basis,
        opportunity_owners.owner_record_id as opportunity_owner_record_id,
        opportunity_owners.owner_basis as opportunity_owner_basis,
        identified_activities.is_archived,
        identified_activities.is_deleted,
        identified_activities.is_carried_back,
        identified_activities.created_at,
        identified_activities.file_id

    from identified_activities

    left join kinds
        on
            identified_activities.source_object = kinds.source_object
            and identified_activities.source_kind = kinds.source_kind

    left join resolved_records
        on identified_activities.account_record_id = resolved_records.account_record_id

    left join owned_activities
        on identified_activities.activity_id = owned_activities.activity_id

    left join opportunity_owners
        on identified_activities.activity_id = opportunity_owners.activity_id

)

select * from conformed_activities
