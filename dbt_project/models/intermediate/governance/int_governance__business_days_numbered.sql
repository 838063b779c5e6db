{{ config(materialized='table') }}
{#
    One row per day from the first that a duty is counted from until the next one is due: whether people work on it, and how
    many business days there have been by then.
#}

with

duty_evidence as (

    select last_date

    from {{ ref('int_governance__duty_evidence_read') }}

),

situations as (

    select
        began_date,
        poc_starts_date

    from {{ ref('int_governance__node_situations_read') }}

),

business_weekdays as (

    select
        weekday,
        is_business_day

    from {{ ref('business_weekdays') }}

),

business_holidays as (

    select
        holiday_date,
        holiday_name

    from {{ ref('business_holidays') }}

),

rhythms as (

    select
        maximum_days,
        day_kind

    from {{ ref('rhythms') }}

),

list_ends as (

    select
        {{ as_of_date() }} as first_date,
        {{ as_of_date() }} as last_date

    union all

    select
        min(last_date) as first_date,
        cast(null as date) as last_date

    from duty_evidence

    union all

    select
        least(min(began_date), min(poc_starts_date)) as first_date,
        cast(null as date) as last_date

    from situations

    union all

    select
        cast(null as date) as first_date,
        max(holiday_date) as last_date

    from business_holidays

),

measure_rhythms as (

    select coalesce(max(maximum_days), 0) as longest_business_days

    from rhythms

    where day_kind = 'business'

),

-- Whole weeks, to tell their first business day. Behind the last holiday each week has one, so that many weeks hold what any
-- rhythm asks for.
find_ends as (  -- noqa: ST03, used by the macro that generates days

    select
        {{ add_days('min(list_ends.first_date)', '1 - ' ~ weekday('min(list_ends.first_date)')) }} as first_date,
        {{ add_days('max(list_ends.last_date)', '7 * (1 + max(measure_rhythms.longest_business_days))') }} as last_date

    from list_ends

    cross join measure_rhythms

),

list_days as (

    {{ generate_days('(select first_date from find_ends)', '(select last_date from find_ends)') }}

),

judge_days as (

    select
        list_days.day,
        {{ add_days('list_days.day', '1 - ' ~ weekday('list_days.day')) }} as week_start_date,
        business_holidays.holiday_name,
        business_weekdays.is_business_day and business_holidays.holiday_date is null as is_business_day,
        extract(day from {{ add_days('list_days.day', 1) }}) = 1 as is_last_day_of_month

    from list_days

    inner join business_weekdays on {{ weekday('list_days.day') }} = business_weekdays.weekday

    -- left: most days are no holidays
    left join business_holidays on list_days.day = business_holidays.holiday_date

),

number_days as (

    select
        day,
        week_start_date,
        holiday_name,
        is_business_day,
        cast(
            sum(case when is_business_day then 1 else 0 end)
                over (order by day asc nulls last rows between unbounded preceding and current row)
            as integer
        ) as business_day_number,
        coalesce(
            is_business_day
            and day = min(case when is_business_day then day end) over (partition by week_start_date),
            false
        ) as is_first_business_day_of_week,
        is_last_day_of_month

    from judge_days

)

select * from number_days
