{# One row per invoice in its latest state; credit notes are rows with negative amounts. #}

with

renamed_invoices as (

    select
        'billing' as source_system,
        source_instance,
        id as invoice_id,
        number as invoice_number,
        account_id as billing_account_id,
        account_name as billing_account_name,
        crm_account_id,
        subscription_id,
        status as invoice_status,
        currency as currency_code,
        amount,
        tax_amount,
        amount_paid,
        amount_remaining,
        issue_date,
        due_date,
        period_start_date,
        period_end_date,
        paid_at,
        voided_at,
        created_at,
        updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version

    from {{ known_rows('raw', 'billing__invoices') }}

)

select * from renamed_invoices
