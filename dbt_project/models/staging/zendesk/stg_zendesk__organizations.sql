{# One row per organization, the company behind requesters. #}

with

renamed_organizations as (

    select
        'zendesk' as source_system,
        source_instance,
        cast(id as string) as organization_id,
        name as organization_name,
        external_id,
        domain_names,
        cast(group_id as string) as group_id,
        tags,
        organization_fields,
        details,
        notes,
        is_sharing_tickets,
        created_at,
        updated_at,
        deleted_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version

    from {{ known_rows('raw', 'zendesk__organizations') }}

)

select * from renamed_organizations
