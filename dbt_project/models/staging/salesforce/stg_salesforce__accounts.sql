{# One row per account, a company. #}

with

renamed_accounts as (

    select
        'salesforce' as source_system,
        source_instance,
        id as account_id,
        name as account_name,
        parent_id as parent_account_id,
        parent_name as parent_account_name,
        master_record_id as merged_into_account_id,
        owner_id,
        owner_name,
        type as account_type,
        industry,
        rating as account_rating,
        account_source,
        annual_revenue,
        number_of_employees as employee_count,
        website,
        billing_country,
        engagement_track,
        billing_state,
        billing_city,
        currency_iso_code as currency_code,
        record_type_id,
        created_by_id,
        last_modified_by_id,
        is_person_account,
        is_deleted,
        last_activity_date,
        created_at,
        last_modified_at,
        system_modstamp_at as updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version,
        _is_restored as is_restored

    from {{ known_rows('raw', 'salesforce__accounts') }}

)

select * from renamed_accounts
