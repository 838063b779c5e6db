{# One row per lead, a person or company not yet qualified. #}

with

renamed_leads as (

    select
        'salesforce' as source_system,
        source_instance,
        id as lead_id,
        name as full_name,
        first_name,
        last_name,
        company as company_name,
        email,
        phone,
        title as job_title,
        status as lead_status,
        lead_source,
        rating as lead_rating,
        industry,
        annual_revenue,
        number_of_employees as employee_count,
        country,
        owner_id,
        owner_name,
        converted_account_id,
        converted_contact_id,
        converted_opportunity_id,
        master_record_id as merged_into_lead_id,
        is_converted,
        is_unread_by_owner,
        is_deleted,
        converted_date,
        last_activity_date,
        created_at,
        last_modified_at,
        system_modstamp_at as updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version,
        _is_restored as is_restored

    from {{ known_rows('raw', 'salesforce__leads') }}

)

select * from renamed_leads
