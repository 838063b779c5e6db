{# One row per currency and day up to the day asked about, with the rate that held on it. A day without a row had no rate. #}

{{ config(materialized='table') }}

with

rates as (

    select
        source_system,
        source_instance,
        currency_code,
        start_date,
        next_start_date,
        conversion_rate,
        file_id

    from {{ ref('stg_salesforce__dated_conversion_rates') }}

    -- A rate that is not positive is no rate.
    where conversion_rate > 0 and start_date <= {{ as_of_date() }}

),

corporate_currency as (

    select
        corporate_currency_code,
        rates_system,
        rates_instance

    from {{ ref('corporate_currency') }}

),

spans_of_rates as (

    select
        rates.source_instance,
        rates.currency_code,
        corporate_currency.corporate_currency_code,
        rates.conversion_rate,
        rates.file_id,
        rates.start_date,
        case
            when rates.next_start_date <= {{ as_of_date() }} then {{ add_days('rates.next_start_date', -1) }}
            else {{ as_of_date() }}
        end as last_date

    from rates

    inner join corporate_currency
        on
            rates.source_system = corporate_currency.rates_system
            and rates.source_instance = corporate_currency.rates_instance

),

spans_with_days as (

    select
        source_instance,
        currency_code,
        corporate_currency_code,
        conversion_rate,
        file_id,
        start_date,
        last_date

    from spans_of_rates

    where start_date <= last_date

),

days_of_rates as (

    {{ spread_over_days(
        'spans_with_days',
        'start_date',
        'last_date',
        ['source_instance', 'currency_code', 'corporate_currency_code', 'conversion_rate', 'file_id', 'start_date'],
    ) }}

),

dated_rates as (

    select
        currency_code,
        day as rate_date,
        corporate_currency_code,
        conversion_rate,
        start_date,
        source_instance,
        file_id

    from days_of_rates

    -- Where two periods overlap, the later one replaced the earlier.
    qualify
        row_number()
            over (
                partition by currency_code, day order by start_date desc nulls last, file_id desc nulls last
            )
        = 1

)

select * from dated_rates
