{#
    A grouping of the portfolio in which a gap falls out: each open gap of a scanned engagement is in one realm, track, blueprint
    and role. Engagements are in one realm and one track.
#}

with

portfolio as (

    select
        grouping_name,
        sum(node_count) as node_count,
        sum(open_gap_count) as open_gap_count

    from {{ ref('rpt_governance_portfolio') }}

    group by grouping_name

),

scans as (

    select count(*) as node_count

    from {{ ref('fct_node_scans') }}

    where as_of_date = {{ as_of_date() }}

),

gaps as (

    select count(*) as open_gap_count

    from {{ ref('fct_gaps') }}

    where
        gap_status = 'open'
        and is_node_scanned

),

find_wrong_totals as (

    select
        portfolio.grouping_name,
        portfolio.node_count,
        portfolio.open_gap_count,
        gaps.open_gap_count as listed_gap_count

    from portfolio

    cross join scans
    cross join gaps

    where
        portfolio.open_gap_count <> gaps.open_gap_count
        or (portfolio.grouping_name in ('all', 'realm', 'track') and portfolio.node_count <> scans.node_count)

)

select * from find_wrong_totals
