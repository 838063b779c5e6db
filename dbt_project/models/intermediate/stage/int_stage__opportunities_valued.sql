{# One row per deal at the end of the day asked about: where it stands, and what it is worth in its own and in the corporate currency. #}

{{ config(materialized='table') }}

with

records as (

    select
        opportunity_id,
        source_opportunity_id,
        opportunity_name,
        opportunity_type,
        lead_source,
        main_competitors,
        primary_person_id,
        is_later_version,
        file_id

    from {{ ref('int_stage__opportunity_records_unioned') }}

),

last_versions as (

    select
        opportunity_id,
        source_system,
        source_instance,
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
        next_step,
        loss_reason,
        record_status,
        state_basis,
        is_open_stage,
        is_open,
        is_won

    from {{ ref('int_stage__opportunity_versions_reconstructed') }}

    where valid_to_at is null

),

current_stays as (

    select
        opportunity_id,
        entered_at,
        stay_days,
        cumulative_stage_days

    from {{ ref('int_stage__stage_intervals_derived') }}

    where is_current

),

status_changes as (

    select
        opportunity_id,
        changed_at,
        old_value,
        new_value,
        source_row_id

    from {{ ref('int_stage__opportunity_changes_unioned') }}

    where attribute = 'record_status'

),

accounts as (

    select
        account_record_id,
        account_id

    from {{ ref('int_accounts__records_resolved') }}

),

rates as (

    select
        currency_code,
        rate_date,
        conversion_rate

    from {{ ref('int_stage__conversion_rates_spread') }}

),

corporate_currency as (

    select
        corporate_currency_code,
        rates_system,
        rates_instance

    from {{ ref('corporate_currency') }}

),

summed_up_statuses as (

    select
        opportunity_id,
        max(changed_at) as record_status_changed_at,
        max(case when old_value in ('deleted', 'archived') and new_value = 'active' then 1 else 0 end)
        = 1 as is_restored,
        max(case when new_value = 'merged' then source_row_id end) as merged_into_source_id

    from status_changes

    group by opportunity_id

),

valued_opportunities as (

    select
        last_versions.opportunity_id,
        last_versions.source_system,
        last_versions.source_instance,
        records.source_opportunity_id,
        accounts.account_id,
        last_versions.account_record_id,
        last_versions.owner_record_id,
        records.primary_person_id,
        records.opportunity_name,
        records.opportunity_type,
        records.lead_source,
        records.main_competitors,
        last_versions.pipeline,
        last_versions.stage_name,
        last_versions.policy_stage,
        current_stays.entered_at as stage_entered_at,
        current_stays.stay_days as stage_days,
        current_stays.cumulative_stage_days,
        last_versions.is_open,
        last_versions.is_won,
        case when not last_versions.is_open_stage then current_stays.entered_at end as closed_at,
        case when not last_versions.is_open_stage then last_versions.loss_reason end as loss_reason,
        last_versions.next_step,
        last_versions.record_status,
        summed_up_statuses.record_status_changed_at,
        coalesce(summed_up_statuses.is_restored, false) as is_restored,
        case
            when last_versions.record_status = 'merged'
                then {{ conformed_id(
                    'last_versions.source_system', 'last_versions.source_instance', 'summed_up_statuses.merged_into_source_id'
                ) }}
        end as merged_into_opportunity_id,
        last_versions.amount,
        last_versions.currency_code,
        {{ amount_corporate('last_versions') }} as amount_corporate,
        corporate_currency.corporate_currency_code,
        {{ rate_date('last_versions', as_of_date()) }} as rate_date,
        rates.conversion_rate,
        {{ rate_status('last_versions') }} as rate_status,
        last_versions.close_date,
        last_versions.probability_ratio,
        last_versions.forecast_category,
        last_versions.created_at,
        {{ business_date('last_versions.created_at') }} as created_date,
        last_versions.state_basis,
        records.is_later_version,
        records.file_id

    from last_versions

    inner join records
        on last_versions.opportunity_id = records.opportunity_id

    cross join corporate_currency

    left join current_stays
        on last_versions.opportunity_id = current_stays.opportunity_id

    left join summed_up_statuses
        on last_versions.opportunity_id = summed_up_statuses.opportunity_id

    -- A deal without an account, or with one that no export holds, keeps its place.
    left join accounts
        on last_versions.account_record_id = accounts.account_record_id

    left join rates
        on
            last_versions.currency_code = rates.currency_code
            and {{ rate_date('last_versions', as_of_date()) }} = rates.rate_date

)

select * from valued_opportunities
