{# One row per issue of Jira Service Management and organization that it was shared with, with who asked. #}

with

issues as (

    select
        source_system,
        source_instance,
        issue_id,
        organizations,
        requester_email

    from {{ ref('stg_jira_service_management__issues') }}

    where organizations is not null

),

shared_issues as (

    {{ json_array_items(
        'issues',
        'organizations',
        ['source_system', 'source_instance', 'issue_id', 'requester_email'],
        item_name='organization',
    ) }}

),

unpacked_organizations as (

    -- Some exports list names alone: the name is the id then.
    select
        source_system,
        source_instance,
        issue_id,
        coalesce(
            {{ json_text('organization', 'id') }},
            {{ json_text('organization', 'name') }},
            translate(organization, '"', '')
        ) as organization_id,
        coalesce({{ json_text('organization', 'name') }}, translate(organization, '"', ''))
            as organization_name,
        requester_email

    from shared_issues

)

select * from unpacked_organizations
