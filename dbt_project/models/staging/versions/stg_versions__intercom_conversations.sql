{# One row per version of a conversation, the current one too. #}

with

renamed_versions as (

    select
        'intercom' as source_system,
        source_instance,
        id as conversation_id,
        state as conversation_status,
        priority,
        admin_assignee_id as assignee_id,
        conversation_parts,
        first_admin_reply_at,
        first_close_at,
        last_close_at,
        created_at,
        updated_at,
        _file_id as file_id

    from {{ known_versions('raw', 'intercom__conversations') }}

)

select * from renamed_versions
