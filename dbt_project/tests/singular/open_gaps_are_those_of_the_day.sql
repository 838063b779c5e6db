{# A gap that the day's scan found and the list of gaps does not show as open or waived, or the other way round. #}

with

found_gaps as (

    select
        node_id,
        gap_id,
        gap_state

    from {{ ref('fct_gap_days') }}

    where
        as_of_date = {{ as_of_date() }}
        and gap_state in ('open', 'waived')

),

listed_gaps as (

    select
        node_id,
        gap_id,
        gap_status

    from {{ ref('fct_gaps') }}

    where
        gap_status in ('open', 'waived')
        and last_seen_date = {{ as_of_date() }}

),

compare_gaps as (

    select
        coalesce(found_gaps.node_id, listed_gaps.node_id) as node_id,
        coalesce(found_gaps.gap_id, listed_gaps.gap_id) as gap_id,
        found_gaps.gap_state,
        listed_gaps.gap_status

    from found_gaps

    -- full: either can lack what the other has
    full outer join listed_gaps
        on
            found_gaps.node_id = listed_gaps.node_id
            and found_gaps.gap_id = listed_gaps.gap_id

    where found_gaps.gap_state is distinct from listed_gaps.gap_status

)

select * from compare_gaps
