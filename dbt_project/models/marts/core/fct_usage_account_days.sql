{#
    One row per account and day on which it used the product, or on which its use was not exported, up to
    the day asked about. No row for a day up to then: nothing was used.
#}
{{ config(materialized='view') }}

with

account_days as (

    select
        account_id,
        activity_date,
        workspace_count,
        missed_workspace_count,
        event_count,
        active_user_count,
        late_event_count,
        first_event_at,
        last_event_at

    from {{ ref('int_usage__account_days_combined') }}

),

service_spans as (

    select
        account_id,
        first_service_date,
        last_service_date

    from {{ ref('int_commercial__service_spans_merged') }}

),

served_accounts as (

    select
        account_id,
        min(first_service_date) as first_service_date,
        max(last_service_date) as last_service_date

    from service_spans

    group by account_id

),

described_days as (

    select
        account_days.account_id,
        account_days.activity_date,
        case when account_days.missed_workspace_count > 0 then 'missing' else 'observed' end as state_basis,
        account_days.workspace_count,
        account_days.missed_workspace_count,
        account_days.event_count,
        account_days.active_user_count,
        account_days.late_event_count,
        account_days.first_event_at,
        account_days.last_event_at,
        case
            when service_spans.account_id is not null then 'in_contract'
            when served_accounts.account_id is null then 'no_contract'
            when account_days.activity_date < served_accounts.first_service_date then 'before_contract'
            when account_days.activity_date > served_accounts.last_service_date then 'after_contract'
            else 'between_contracts'
        end as contract_state

    from account_days

    left join served_accounts
        on account_days.account_id = served_accounts.account_id

    -- Spans of an account have gaps between them, so a day lies in one of them or in none.
    left join service_spans
        on
            account_days.account_id = service_spans.account_id
            and account_days.activity_date >= service_spans.first_service_date
            and account_days.activity_date <= service_spans.last_service_date

)

select * from described_days
