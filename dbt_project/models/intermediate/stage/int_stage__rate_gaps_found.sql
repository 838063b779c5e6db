{# One row per currency and span of days up to the day asked about for which no rate is known, with the deals that it leaves without an amount. #}

with

rates as (

    select
        currency_code,
        rate_date

    from {{ ref('int_stage__conversion_rates_spread') }}

),

opportunities as (

    select
        opportunity_id,
        currency_code,
        rate_date,
        rate_status

    from {{ ref('int_stage__opportunities_valued') }}

),

following_rates as (

    select
        currency_code,
        rate_date,
        lead(rate_date) over (partition by currency_code order by rate_date nulls first) as next_rate_date

    from rates

),

gaps_between_rates as (

    select
        currency_code,
        'gap' as gap_kind,
        {{ add_days('rate_date', 1) }} as gap_from_date,
        next_rate_date as gap_until_date

    from following_rates

    where
        {{ days_between('rate_date', 'coalesce(next_rate_date, ' ~ add_days(as_of_date(), 1) ~ ')') }} > 1

),

first_rates as (

    select
        currency_code,
        min(rate_date) as first_rate_date

    from rates

    group by currency_code

),

gaps_before_rates as (

    -- Rates begin some day, and nobody misses those of days before unless a deal is of one.
    select distinct
        first_rates.currency_code,
        'gap' as gap_kind,
        cast(null as date) as gap_from_date,
        first_rates.first_rate_date as gap_until_date

    from first_rates

    inner join opportunities
        on
            first_rates.currency_code = opportunities.currency_code
            and first_rates.first_rate_date > opportunities.rate_date

    where opportunities.rate_status = 'missing'

),

currencies_without_rates as (

    -- A deal without a currency is a gap, too, where nobody knows which one it is in.
    select distinct
        opportunities.currency_code,
        'no_rates' as gap_kind,
        cast(null as date) as gap_from_date,
        cast(null as date) as gap_until_date

    from opportunities

    where
        opportunities.rate_status = 'missing'
        and not exists (
            select 1
            from rates
            where rates.currency_code = opportunities.currency_code
        )

),

unioned_gaps as (

    select * from gaps_between_rates

    union all

    select * from gaps_before_rates

    union all

    select * from currencies_without_rates

),

counted_gaps as (

    select
        coalesce(unioned_gaps.currency_code, 'unknown') as currency_code,
        unioned_gaps.gap_kind,
        unioned_gaps.gap_from_date,
        unioned_gaps.gap_until_date,
        count(opportunities.opportunity_id) as opportunity_count

    from unioned_gaps

    left join opportunities
        on
            opportunities.currency_code is not distinct from unioned_gaps.currency_code
            and opportunities.rate_status = 'missing'
            and (unioned_gaps.gap_from_date is null or unioned_gaps.gap_from_date <= opportunities.rate_date)
            and (unioned_gaps.gap_until_date is null or unioned_gaps.gap_until_date > opportunities.rate_date)

    group by
        coalesce(unioned_gaps.currency_code, 'unknown'),
        unioned_gaps.gap_kind,
        unioned_gaps.gap_from_date,
        unioned_gaps.gap_until_date

)

select * from counted_gaps
