{# One row per invoice or credit note as of the day: what is owed, and for how long. #}
{{ config(materialized='table') }}

with

invoices as (

    select
        source_system,
        source_instance,
        invoice_id as source_invoice_id,
        invoice_number,
        billing_account_id,
        subscription_id as source_subscription_id,
        invoice_status,
        currency_code,
        amount,
        amount_paid,
        amount_remaining,
        issue_date,
        due_date,
        paid_at,
        voided_at,
        is_later_version,
        file_id

    from {{ ref('stg_billing__invoices') }}

),

invoice_statuses as (

    select
        source_status,
        invoice_state

    from {{ ref('invoice_statuses') }}

),

account_links as (

    select
        source_system,
        source_instance,
        object_id,
        account_id

    from {{ ref('int_identity__account_links_matched') }}

    where object_type = 'customer'

),

known_invoices as (

    select
        invoices.*,
        case when invoices.paid_at < {{ as_of_end() }} then invoices.paid_at end as known_paid_at,
        case when invoices.voided_at < {{ as_of_end() }} then invoices.voided_at end as known_voided_at,
        -- A word that carries no moment is believed only where the row is as old as the day.
        case when not invoices.is_later_version then invoice_statuses.invoice_state end as invoice_state

    from invoices

    left join invoice_statuses
        on {{ source_word('invoices.invoice_status') }} = invoice_statuses.source_status

),

judged_invoices as (

    select
        *,
        case
            when known_voided_at is not null then 'void'
            when invoice_state = 'void' and voided_at is null then 'void'
            when invoice_state = 'written_off' then 'written_off'
            when issue_date > {{ as_of_date() }} then 'draft'
            when invoice_state = 'draft' then 'draft'
            when amount < 0 then 'credit'
            when known_paid_at is not null then 'paid'
            when invoice_state = 'paid' and paid_at is null then 'paid'
            when amount = 0 then 'paid'
            when due_date < {{ as_of_date() }} then 'overdue'
            else 'open'
        end as invoice_status_of_day

    from known_invoices

),

conformed_invoices as (

    select
        {{ conformed_id(
            'judged_invoices.source_system',
            'judged_invoices.source_instance',
            'judged_invoices.source_invoice_id',
        ) }} as invoice_id,
        judged_invoices.source_system,
        judged_invoices.source_instance,
        judged_invoices.source_invoice_id,
        judged_invoices.invoice_number,
        {{ conformed_id(
            'judged_invoices.source_system',
            'judged_invoices.source_instance',
            'judged_invoices.billing_account_id',
        ) }} as customer_id,
        account_links.account_id,
        {{ conformed_id(
            'judged_invoices.source_system',
            'judged_invoices.source_instance',
            'judged_invoices.source_subscription_id',
        ) }} as subscription_id,
        judged_invoices.invoice_status_of_day as invoice_status,
        judged_invoices.invoice_status as source_invoice_status,
        coalesce(judged_invoices.currency_code, 'unknown') as currency_code,
        cast(judged_invoices.amount as decimal(18, 2)) as amount,
        case
            when judged_invoices.invoice_status_of_day in ('open', 'overdue')
                then cast(
                    case
                        when judged_invoices.is_later_version then judged_invoices.amount
                        else coalesce(
                            judged_invoices.amount_remaining,
                            judged_invoices.amount - judged_invoices.amount_paid,
                            judged_invoices.amount
                        )
                    end as decimal(18, 2)
                )
            else cast(0 as decimal(18, 2))
        end as open_amount,
        judged_invoices.issue_date,
        judged_invoices.due_date,
        judged_invoices.known_paid_at as paid_at,
        case
            when judged_invoices.invoice_status_of_day in ('open', 'overdue')
                then {{ days_between('judged_invoices.issue_date', as_of_date()) }}
        end as unpaid_days,
        case
            when judged_invoices.invoice_status_of_day = 'overdue'
                then {{ days_between('judged_invoices.due_date', as_of_date()) }}
        end as overdue_days,
        case
            when judged_invoices.known_paid_at is not null
                then
                    {{ days_between(
                        'judged_invoices.due_date',
                        business_date('judged_invoices.known_paid_at'),
                    ) }}
        end as paid_late_days,
        judged_invoices.file_id

    from judged_invoices

    -- A left join: a customer that no rule ties to an account owes all the same.
    left join account_links
        on
            judged_invoices.source_system = account_links.source_system
            and judged_invoices.source_instance = account_links.source_instance
            and judged_invoices.billing_account_id = account_links.object_id

)

select * from conformed_invoices
