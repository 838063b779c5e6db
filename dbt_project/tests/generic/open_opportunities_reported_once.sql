{#
    Each deal that was open at the end of a day has one row of that day, and no other deal has one that says so. Days before the
    first one in the table were never written. A failing row is a deal and day that is told twice, not at all, or wrongly.
#}
{% test open_opportunities_reported_once(model, versions) %}
    with

    open_spans as (

        select
            opportunity_id,
            {{ business_date('valid_from_at') }} as from_date,
            case
                when valid_to_at is null then {{ as_of_date() }}
                else {{ add_days(business_date('valid_to_at'), -1) }}
            end as last_date
        from {{ versions }}
        where is_open

    ),

    filled_spans as (

        select opportunity_id, from_date, last_date
        from open_spans
        where from_date <= last_date

    ),

    open_days as (

        {{ spread_over_days('filled_spans', 'from_date', 'last_date', ['opportunity_id']) }}

    ),

    counted_days as (

        select opportunity_id, day, count(*) as open_count, 0 as reported_count
        from open_days
        group by opportunity_id, day

        union all

        select opportunity_id, as_of_date as day, 0 as open_count, count(*) as reported_count
        from {{ model }}
        where is_open and as_of_date <= {{ as_of_date() }}
        group by opportunity_id, as_of_date

    )

    select opportunity_id, day, sum(open_count) as open_count, sum(reported_count) as reported_count
    from counted_days
    group by opportunity_id, day
    having sum(open_count) <> 1 or sum(reported_count) <> 1
{% endtest %}
