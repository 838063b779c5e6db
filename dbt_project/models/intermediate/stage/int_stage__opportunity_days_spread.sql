{#
    One row per deal and day that fct_opportunity_days is to hold after this run and may not hold yet.

    A deal has a row on each day at the end of which it is open, and on the day on which it stopped being open or changed in
    another way while closed. On the first build all days are here. Later: the days since the last one, every day of deals that
    a newer file tells of, and the days whose rates a newer file brought.
#}

{%- set reported = reported_days('fct_opportunity_days') %}

with

versions as (

    select
        opportunity_id,
        source_system,
        source_instance,
        valid_from_at,
        valid_to_at,
        created_at,
        pipeline,
        stage_name,
        policy_stage,
        amount,
        currency_code,
        close_date,
        probability_ratio,
        forecast_category,
        owner_record_id,
        account_record_id,
        record_status,
        state_basis,
        is_open,
        is_won

    from {{ ref('int_stage__opportunity_versions_reconstructed') }}

),

observations as (  -- noqa: ST03, used once there are days to go on from

    select
        opportunity_id,
        latest_file_id

    from {{ ref('int_stage__opportunity_observations_ordered') }}

),

rates as (

    select
        currency_code,
        rate_date,
        conversion_rate,
        start_date,
        file_id

    from {{ ref('int_stage__conversion_rates_spread') }}

),

corporate_currency as (

    select
        corporate_currency_code,
        rates_system,
        rates_instance

    from {{ ref('corporate_currency') }}

),

files as (

    select max(file_id) as known_file_id

    from {{ ref('stg_ledger__files') }}

),

dated_versions as (

    select
        versions.*,
        {{ business_date('valid_from_at') }} as from_date,
        {{ business_date('valid_to_at') }} as until_date,
        max(case when is_open then 1 else 0 end) over (
            partition by opportunity_id, {{ business_date('valid_from_at') }}
        ) = 1 as was_open_that_day

    from versions

),

ends_of_days as (

    -- What began and ended on one day is not what the day ended with.
    select dated_versions.*

    from dated_versions

    where until_date is null or from_date < until_date

),

compared_ends as (

    select
        ends_of_days.*,
        lag(is_open) over each_deal as was_open,
        lag(policy_stage) over each_deal as previous_policy_stage,
        lag(record_status) over each_deal as previous_record_status,
        row_number() over each_deal as place

    from ends_of_days

    window each_deal as (partition by opportunity_id order by from_date nulls first)

),

spans as (

    select
        compared_ends.*,
        case
            when not is_open then from_date
            when until_date is null then {{ as_of_date() }}
            else {{ add_days('until_date', -1) }}
        end as last_date

    from compared_ends

    where
        is_open
        or place = 1
        or was_open
        or was_open_that_day
        or policy_stage is distinct from previous_policy_stage
        or record_status <> previous_record_status

),
{% if reported is not none %}

stale_opportunities as (

    {{ stale_opportunities(reported, 'observations') | trim | indent(4) }}

),

first_unreported_day as (

    select
        case
            when max(as_of_date) < {{ as_of_date() }} then {{ add_days('max(as_of_date)', 1) }}
            else {{ as_of_date() }}
        end as unreported_from_date

    from {{ reported }}

),

reported_currency_days as (

    select
        currency_code,
        as_of_date,
        min(known_file_id) as known_file_id

    from {{ reported }}

    where as_of_date <= {{ as_of_date() }}

    group by currency_code, as_of_date

),

loaded_rates as (

    select distinct
        currency_code,
        start_date,
        file_id

    from rates

),

stale_currencies as (

    select
        reported_currency_days.currency_code,
        min(reported_currency_days.as_of_date) as stale_from_date

    from reported_currency_days

    inner join loaded_rates
        on
            reported_currency_days.currency_code = loaded_rates.currency_code
            and reported_currency_days.known_file_id < loaded_rates.file_id
            and reported_currency_days.as_of_date >= loaded_rates.start_date

    group by reported_currency_days.currency_code

),

spans_to_write as (

    select
        spans.*,
        case
            when stale_opportunities.opportunity_id is not null then spans.from_date
            else greatest(
                spans.from_date,
                least(
                    coalesce(stale_currencies.stale_from_date, first_unreported_day.unreported_from_date),
                    coalesce(first_unreported_day.unreported_from_date, spans.from_date)
                )
            )
        end as write_from_date

    from spans

    cross join first_unreported_day

    left join stale_opportunities
        on spans.opportunity_id = stale_opportunities.opportunity_id

    left join stale_currencies
        on spans.currency_code = stale_currencies.currency_code

),
{% else %}

spans_to_write as (

    select
        spans.*,
        from_date as write_from_date

    from spans

),
{% endif %}
spans_with_days as (

    select spans_to_write.*

    from spans_to_write

    where write_from_date <= last_date

),

{%- set kept = [
    'opportunity_id', 'source_system', 'source_instance', 'created_at', 'pipeline', 'stage_name', 'policy_stage', 'amount',
    'currency_code', 'close_date', 'probability_ratio', 'forecast_category', 'owner_record_id', 'account_record_id',
    'record_status', 'state_basis', 'is_open', 'is_won', 'was_open', 'from_date',
] %}

days as (

    {{ spread_over_days('spans_with_days', 'write_from_date', 'last_date', kept) }}

),

valued_days as (

    select
        days.day as as_of_date,
        days.opportunity_id,
        days.source_system,
        days.source_instance,
        days.account_record_id,
        days.owner_record_id,
        days.pipeline,
        days.stage_name,
        days.policy_stage,
        days.record_status,
        days.is_open,
        days.is_won,
        case when days.day = days.from_date then days.was_open else days.is_open end as was_open,
        days.amount,
        days.currency_code,
        {{ amount_corporate('days') }} as amount_corporate,
        {{ rate_status('days') }} as rate_status,
        days.close_date,
        days.probability_ratio,
        days.forecast_category,
        {{ business_date('days.created_at') }} as created_date,
        days.state_basis,
        files.known_file_id

    from days

    cross join corporate_currency

    cross join files

    left join rates
        on
            days.currency_code = rates.currency_code
            and {{ rate_date('days', 'days.day') }} = rates.rate_date

)

select * from valued_days
