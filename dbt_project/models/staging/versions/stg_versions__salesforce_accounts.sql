{# One row per version of an account, the current one too. #}

with

renamed_versions as (

    select
        'salesforce' as source_system,
        source_instance,
        id as account_id,
        owner_id,
        is_deleted,
        created_at,
        system_modstamp_at as updated_at,
        _file_id as file_id

    from {{ known_versions('raw', 'salesforce__accounts') }}

)

select * from renamed_versions
