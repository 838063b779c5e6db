{#
    One row per support case as its desk shows it on the day: who asked what, under one set of names and in the desk's words.
#}

with

zendesk_tickets as (

    select
        source_system,
        source_instance,
        ticket_id,
        subject,
        description,
        channel,
        ticket_type,
        organization_id,
        requester_id,
        requester_name,
        requester_email,
        tags,
        satisfaction_rating,
        first_reply_business_minutes,
        first_resolution_business_minutes,
        full_resolution_business_minutes,
        created_at,
        updated_at,
        is_later_version,
        file_id

    from {{ ref('stg_zendesk__tickets') }}

),

zendesk_metrics as (

    select
        source_instance,
        ticket_id,
        first_reply_business_minutes,
        first_resolution_business_minutes,
        full_resolution_business_minutes,
        is_later_version

    from {{ ref('stg_zendesk__ticket_metrics') }}

),

zendesk_ratings as (

    select
        source_instance,
        satisfaction_rating_id,
        ticket_id,
        satisfaction_rating,
        satisfaction_comment,
        created_at,
        updated_at

    from {{ ref('stg_zendesk__satisfaction_ratings') }}

),

zendesk_users as (

    select
        source_instance,
        user_id,
        full_name,
        email,
        organization_id

    from {{ ref('stg_zendesk__users') }}

),

jira_issues as (

    select
        source_system,
        source_instance,
        issue_id,
        issue_key,
        issue_type,
        subject,
        organizations,
        requester_id,
        requester_name,
        requester_email,
        labels,
        satisfaction_rating,
        created_at,
        updated_at,
        is_later_version,
        file_id

    from {{ ref('stg_jira_service_management__issues') }}

),

freshdesk_tickets as (

    select
        source_system,
        source_instance,
        ticket_id,
        subject,
        channel,
        ticket_type,
        company_id,
        requester_id,
        requester_name,
        requester_email,
        tags,
        is_escalated,
        satisfaction_rating,
        created_at,
        updated_at,
        is_later_version,
        file_id

    from {{ ref('stg_freshdesk__tickets') }}

),

freshdesk_contacts as (

    select
        source_instance,
        contact_id,
        full_name,
        email,
        company_id

    from {{ ref('stg_freshdesk__contacts') }}

),

intercom_conversations as (

    select
        source_system,
        source_instance,
        conversation_id,
        conversation_title,
        subject,
        channel,
        author_id,
        author_email,
        company_id,
        tags,
        satisfaction_rating,
        satisfaction_comment,
        time_to_admin_reply_seconds,
        time_to_first_close_seconds,
        time_to_last_close_seconds,
        rated_at,
        reopen_count,
        created_at,
        updated_at,
        is_later_version,
        file_id

    from {{ ref('stg_intercom__conversations') }}

),

intercom_contacts as (

    select
        source_instance,
        contact_id,
        full_name,
        email

    from {{ ref('stg_intercom__contacts') }}

),

last_zendesk_ratings as (

    -- a rating can be changed: what was last said by the day's end
    select
        source_instance,
        ticket_id,
        satisfaction_rating,
        satisfaction_comment,
        coalesce(updated_at, created_at) as rated_at

    from zendesk_ratings

    where coalesce(updated_at, created_at) < {{ as_of_end() }}

    qualify row_number() over (
        partition by source_instance, ticket_id
        order by coalesce(updated_at, created_at) desc nulls last, satisfaction_rating_id desc nulls last
    ) = 1

),

zendesk_cases as (

    select
        zendesk_tickets.source_system,
        zendesk_tickets.source_instance,
        zendesk_tickets.ticket_id as source_case_id,
        zendesk_tickets.ticket_id as source_case_number,
        'organization' as organization_object_type,
        -- a ticket without an organization is its requester's
        coalesce(zendesk_tickets.organization_id, requesters.organization_id) as organization_object_id,
        zendesk_tickets.subject,
        zendesk_tickets.description,
        lower(zendesk_tickets.channel) as channel,
        zendesk_tickets.ticket_type as case_type,
        zendesk_tickets.requester_id,
        coalesce(zendesk_tickets.requester_name, requesters.full_name) as requester_name,
        lower(coalesce(zendesk_tickets.requester_email, requesters.email)) as requester_email,
        replace(zendesk_tickets.tags, ' ', ',') as tags,
        cast(null as boolean) as is_marked_escalated,
        lower(trim(coalesce(last_zendesk_ratings.satisfaction_rating, zendesk_tickets.satisfaction_rating)))
            as source_rating,
        last_zendesk_ratings.satisfaction_rating is not null as has_dated_rating,
        last_zendesk_ratings.rated_at,
        last_zendesk_ratings.satisfaction_comment,
        coalesce(zendesk_metrics.first_reply_business_minutes, zendesk_tickets.first_reply_business_minutes)
            as first_reply_business_minutes,
        coalesce(
            zendesk_metrics.first_resolution_business_minutes,
            zendesk_tickets.first_resolution_business_minutes
        ) as first_resolution_business_minutes,
        coalesce(
            zendesk_metrics.full_resolution_business_minutes, zendesk_tickets.full_resolution_business_minutes
        )
            as full_resolution_business_minutes,
        cast(null as bigint) as counted_reopens,
        coalesce(zendesk_tickets.created_at, zendesk_tickets.updated_at) as created_at,
        zendesk_tickets.is_later_version,
        zendesk_tickets.file_id

    from zendesk_tickets

    left join zendesk_users as requesters
        on
            zendesk_tickets.source_instance = requesters.source_instance
            and zendesk_tickets.requester_id = requesters.user_id

    left join zendesk_metrics
        on
            zendesk_tickets.source_instance = zendesk_metrics.source_instance
            and zendesk_tickets.ticket_id = zendesk_metrics.ticket_id
            and not zendesk_metrics.is_later_version

    left join last_zendesk_ratings
        on
            zendesk_tickets.source_instance = last_zendesk_ratings.source_instance
            and zendesk_tickets.ticket_id = last_zendesk_ratings.ticket_id

),

jira_organizations as (

-- the API lists organizations with their ids; a CSV export has no more than a name
    {{ json_array_items(
        "(select source_instance, issue_id, organizations from jira_issues where organizations like '[%') as listed_issues",
        'organizations',
        ['source_instance', 'issue_id'],
    ) }}

),

jira_cases as (

    select
        jira_issues.source_system,
        jira_issues.source_instance,
        jira_issues.issue_id as source_case_id,
        jira_issues.issue_key as source_case_number,
        'organization' as organization_object_type,
        coalesce(
            {{ json_text('jira_organizations.item', 'id') }},
            case when jira_issues.organizations not like '[%' then jira_issues.organizations end
        ) as organization_object_id,
        jira_issues.subject,
        cast(null as string) as description,
        cast(null as string) as channel,
        jira_issues.issue_type as case_type,
        jira_issues.requester_id,
        jira_issues.requester_name,
        lower(jira_issues.requester_email) as requester_email,
        jira_issues.labels as tags,
        cast(null as boolean) as is_marked_escalated,
        cast(jira_issues.satisfaction_rating as string) as source_rating,
        false as has_dated_rating,
        cast(null as timestamp) as rated_at,
        cast(null as string) as satisfaction_comment,
        cast(null as bigint) as first_reply_business_minutes,
        cast(null as bigint) as first_resolution_business_minutes,
        cast(null as bigint) as full_resolution_business_minutes,
        cast(null as bigint) as counted_reopens,
        coalesce(jira_issues.created_at, jira_issues.updated_at) as created_at,
        jira_issues.is_later_version,
        jira_issues.file_id

    from jira_issues

    left join jira_organizations
        on
            jira_issues.source_instance = jira_organizations.source_instance
            and jira_organizations.issue_id = jira_issues.issue_id
            -- a request shared with several organizations counts for the first
            and jira_organizations.item_index = 1

),

freshdesk_cases as (

    select
        freshdesk_tickets.source_system,
        freshdesk_tickets.source_instance,
        freshdesk_tickets.ticket_id as source_case_id,
        freshdesk_tickets.ticket_id as source_case_number,
        'company' as organization_object_type,
        coalesce(freshdesk_tickets.company_id, requesters.company_id) as organization_object_id,
        freshdesk_tickets.subject,
        cast(null as string) as description,
        lower(freshdesk_tickets.channel) as channel,
        freshdesk_tickets.ticket_type as case_type,
        freshdesk_tickets.requester_id,
        coalesce(freshdesk_tickets.requester_name, requesters.full_name) as requester_name,
        lower(coalesce(freshdesk_tickets.requester_email, requesters.email)) as requester_email,
        freshdesk_tickets.tags,
        freshdesk_tickets.is_escalated as is_marked_escalated,
        lower(trim(freshdesk_tickets.satisfaction_rating)) as source_rating,
        false as has_dated_rating,
        cast(null as timestamp) as rated_at,
        cast(null as string) as satisfaction_comment,
        cast(null as bigint) as first_reply_business_minutes,
        cast(null as bigint) as first_resolution_business_minutes,
        cast(null as bigint) as full_resolution_business_minutes,
        cast(null as bigint) as counted_reopens,
        coalesce(freshdesk_tickets.created_at, freshdesk_tickets.updated_at) as created_at,
        freshdesk_tickets.is_later_version,
        freshdesk_tickets.file_id

    from freshdesk_tickets

    left join freshdesk_contacts as requesters
        on
            freshdesk_tickets.source_instance = requesters.source_instance
            and freshdesk_tickets.requester_id = requesters.contact_id

),

intercom_cases as (

    select
        intercom_conversations.source_system,
        intercom_conversations.source_instance,
        intercom_conversations.conversation_id as source_case_id,
        intercom_conversations.conversation_id as source_case_number,
        'company' as organization_object_type,
        intercom_conversations.company_id as organization_object_id,
        coalesce(intercom_conversations.conversation_title, intercom_conversations.subject) as subject,
        cast(null as string) as description,
        lower(intercom_conversations.channel) as channel,
        cast(null as string) as case_type,
        intercom_conversations.author_id as requester_id,
        authors.full_name as requester_name,
        lower(coalesce(intercom_conversations.author_email, authors.email)) as requester_email,
        cast(intercom_conversations.tags as string) as tags,
        cast(null as boolean) as is_marked_escalated,
        cast(intercom_conversations.satisfaction_rating as string) as source_rating,
        intercom_conversations.rated_at is not null as has_dated_rating,
        intercom_conversations.rated_at,
        intercom_conversations.satisfaction_comment,
        -- the vendor counts office hours, and all hours where none are set
        cast(floor(intercom_conversations.time_to_admin_reply_seconds / 60.0) as bigint)
            as first_reply_business_minutes,
        cast(floor(intercom_conversations.time_to_first_close_seconds / 60.0) as bigint)
            as first_resolution_business_minutes,
        cast(floor(intercom_conversations.time_to_last_close_seconds / 60.0) as bigint)
            as full_resolution_business_minutes,
        cast(intercom_conversations.reopen_count as bigint) as counted_reopens,
        coalesce(intercom_conversations.created_at, intercom_conversations.updated_at) as created_at,
        intercom_conversations.is_later_version,
        intercom_conversations.file_id

    from intercom_conversations

    left join intercom_contacts as authors
        on
            intercom_conversations.source_instance = authors.source_instance
            and intercom_conversations.author_id = authors.contact_id

),

unioned_cases as (

    select * from zendesk_cases
    union all
    select * from jira_cases
    union all
    select * from freshdesk_cases
    union all
    select * from intercom_cases

),

existing_cases as (

    select
        {{ conformed_id('source_system', 'source_instance', 'source_case_id') }} as support_case_id,
        *

    from unioned_cases

    where created_at < {{ as_of_end() }}

)

select * from existing_cases
