{#
    One row per gap that was ever found up to the day, with its life.

    A gap is resolved on the first conclusive scan of its node that does not find it. A scan that could not look for it, or
    could not assess most of the node, changes nothing. All of it is read from the days, so the order in which they were
    scanned does not matter.
#}

with

gap_days as (

    select
        as_of_date,
        gap_id,
        node_id,
        source_instance,
        realm,
        node,
        account_id,
        opportunity_id,
        archetype,
        track,
        dimension,
        gap_kind,
        subject,
        gap_state,
        reason,
        severity,
        owner_role,
        playbook,
        blueprint,
        asset_path,
        evidence_path,
        observed_value,
        threshold,
        waiver_expires_date,
        due_days,
        policy_version

    from {{ ref('fct_gap_days') }}

    -- Later days may have been scanned already.
    where as_of_date <= {{ as_of_date() }}

),

node_scans as (

    select
        as_of_date,
        node_id,
        is_conclusive

    from {{ ref('fct_node_scans') }}

    where as_of_date <= {{ as_of_date() }}

),

number_scans as (

    select
        as_of_date,
        node_id,
        is_conclusive,
        sum(case when is_conclusive then 1 else 0 end) over (
            partition by node_id order by as_of_date asc nulls last
            rows between unbounded preceding and current row
        ) as conclusive_number,
        sum(case when is_conclusive then 1 else 0 end) over (partition by node_id) as conclusive_count,
        max(as_of_date) over (partition by node_id) as last_scan_date

    from node_scans

),

-- Conclusive scans between one row of a gap and the next have not found it.
place_days as (

    select
        gap_days.as_of_date,
        gap_days.gap_id,
        gap_days.node_id,
        gap_days.gap_state,
        number_scans.last_scan_date,
        number_scans.conclusive_number,
        coalesce(
            lead(number_scans.conclusive_number - case when number_scans.is_conclusive then 1 else 0 end) over (
                partition by gap_days.node_id, gap_days.gap_id order by gap_days.as_of_date asc nulls last
            ),
            number_scans.conclusive_count
        ) > number_scans.conclusive_number as is_last_of_episode

    from gap_days

    inner join number_scans
        on
            gap_days.node_id = number_scans.node_id
            and gap_days.as_of_date = number_scans.as_of_date

),

number_episodes as (

    select
        as_of_date,
        gap_id,
        node_id,
        gap_state,
        last_scan_date,
        conclusive_number,
        is_last_of_episode,
        coalesce(
            sum(case when is_last_of_episode then 1 else 0 end) over (
                partition by node_id, gap_id order by as_of_date asc nulls last
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as episode_number

    from place_days

),

find_waivers as (

    select
        as_of_date,
        gap_id,
        node_id,
        gap_state,
        last_scan_date,
        conclusive_number,
        is_last_of_episode,
        episode_number,
        max(case when gap_state = 'waived' then as_of_date end) over (
            partition by node_id, gap_id, episode_number
        ) as last_waived_date

    from number_episodes

),

summarise_episodes as (

    select
        gap_id,
        node_id,
        episode_number,
        max(last_scan_date) as last_scan_date,
        max(conclusive_number) as conclusive_number,
        max(case when is_last_of_episode then 1 else 0 end) = 1 as is_resolved,
        min(case when gap_state in ('open', 'waived') then as_of_date end) as first_seen_date,
        max(case when gap_state in ('open', 'waived') then as_of_date end) as last_seen_date,
        min(
            case
                when gap_state = 'open' and coalesce(as_of_date > last_waived_date, true) then as_of_date
            end
        ) as open_since_date

    from find_waivers

    group by
        gap_id,
        node_id,
        episode_number

    -- What could only not be looked for was never seen.
    having count(case when gap_state in ('open', 'waived') then 1 end) > 0

),

choose_last_episodes as (

    select
        gap_id,
        node_id,
        last_scan_date,
        -- Null if nothing resolved it. As a condition of the join below it would make DuckDB compare all gaps with all scans.
        case when is_resolved then conclusive_number + 1 end as resolving_number,
        first_seen_date as episode_first_seen_date,
        last_seen_date,
        open_since_date,
        min(first_seen_date) over (partition by node_id, gap_id) as first_seen_date,
        count(*) over (partition by node_id, gap_id) - 1 as regression_count

    from summarise_episodes

    qualify row_number() over (partition by node_id, gap_id order by episode_number desc nulls last) = 1

),

date_resolutions as (

    select
        choose_last_episodes.gap_id,
        choose_last_episodes.node_id,
        choose_last_episodes.last_scan_date,
        choose_last_episodes.first_seen_date,
        choose_last_episodes.episode_first_seen_date,
        choose_last_episodes.last_seen_date,
        choose_last_episodes.open_since_date,
        choose_last_episodes.regression_count,
        resolving_scans.as_of_date as resolved_date

    from choose_last_episodes

    -- left: most gaps are not resolved
    left join number_scans as resolving_scans
        on
            resolving_scans.is_conclusive
            and choose_last_episodes.node_id = resolving_scans.node_id
            and choose_last_episodes.resolving_number = resolving_scans.conclusive_number

),

describe_gaps as (

    select
        {{ as_of_date() }} as as_of_date,
        date_resolutions.gap_id,
        date_resolutions.node_id,
        last_days.source_instance,
        last_days.realm,
        last_days.node,
        last_days.account_id,
        last_days.opportunity_id,
        last_days.archetype,
        last_days.track,
        last_days.dimension,
        last_days.gap_kind,
        last_days.subject,
        case
            when date_resolutions.resolved_date is not null then 'resolved' else last_days.gap_state
        end as gap_status,
        last_days.reason,
        last_days.severity,
        last_days.owner_role,
        last_days.playbook,
        last_days.blueprint,
        last_days.asset_path,
        last_days.evidence_path,
        last_days.observed_value,
        last_days.threshold,
        date_resolutions.first_seen_date,
        date_resolutions.last_seen_date,
        date_resolutions.resolved_date,
        date_resolutions.episode_first_seen_date,
        date_resolutions.regression_count > 0 as is_regressed,
        cast(date_resolutions.regression_count as integer) as regression_count,
        {{ days_between(
            'date_resolutions.episode_first_seen_date',
            'coalesce(date_resolutions.resolved_date, ' ~ as_of_date() ~ ')',
        ) }} as age_days,
        case
            when date_resolutions.resolved_date is not null or last_days.gap_state = 'open'
                then {{ add_days('date_resolutions.open_since_date', 'last_days.due_days') }}
        end as due_date,
        last_days.waiver_expires_date,
        date_resolutions.last_scan_date = {{ as_of_date() }} as is_node_scanned,
        last_days.policy_version

    from date_resolutions

    inner join gap_days as last_days
        on
            date_resolutions.node_id = last_days.node_id
            and date_resolutions.gap_id = last_days.gap_id
            and date_resolutions.last_seen_date = last_days.as_of_date

),

mark_overdue_gaps as (

    select
        as_of_date,
        gap_id,
        node_id,
        source_instance,
        realm,
        node,
        account_id,
        opportunity_id,
        archetype,
        track,
        dimension,
        gap_kind,
        subject,
        gap_status,
        reason,
        severity,
        owner_role,
        playbook,
        blueprint,
        asset_path,
        evidence_path,
        observed_value,
        threshold,
        first_seen_date,
        last_seen_date,
        resolved_date,
        episode_first_seen_date,
        is_regressed,
        regression_count,
        age_days,
        due_date,
        gap_status = 'open' and coalesce(due_date < as_of_date, false) as is_overdue,
        waiver_expires_date,
        is_node_scanned,
        policy_version

    from describe_gaps

)

select * from mark_overdue_gaps
