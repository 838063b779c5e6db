"""Decides the outcome of every checklist item and cadence of the sample InfoHub, and which failures are waived.

Makes infohub_cadences, infohub_items and infohub_waivers out of what plan_assets.py has decided about the assets.
"""

from __future__ import annotations

import duckdb

from ingestion.sample.infohub.catalogue import TRACKS, Catalogue
from ingestion.sample.infohub.sql import case_of, first_case, item_id, or_null, text


def make_cadences(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """Which recurring duties are overdue. A duty that different readings would judge differently has no row."""
    carriers = [
        (asset.event.cadence, asset) for asset in catalogue.assets.values() if asset.event and asset.event.cadence
    ]
    duties = ", ".join(
        f"('{cadence}', '{asset.path}', '{asset.blueprint}', '{catalogue.archetype_of(asset)}', '{track}', "
        f"'{catalogue.cadences[cadence].get(track, 'none')}')"
        for cadence, asset in carriers
        for track in TRACKS
    )
    connection.execute(
        f"""
        create or replace temp table infohub_cadences as

        with

        duties (activity, asset, blueprint, archetype, track, rhythm) as (values {duties}),

        due as (

            select
                nodes.node_id,
                nodes.is_ended,
                nodes.ended_on,
                duties.activity,
                duties.asset,
                duties.rhythm,
                files.state,
                files.holds_evidence,
                files.event_source,
                files.event_on,
                files.is_live,
                files.is_event_list_empty,
                files.cadence_good,
                files.cadence_bad,
                files.oldest_days,
                files.oldest_days_at_most,
                infohub_today() - files.event_on as days_ago

            from infohub_nodes as nodes

            inner join duties on nodes.archetype = duties.archetype and nodes.track = duties.track
            -- left: a duty whose blueprint the node does not have is not applicable, which is a row too
            left join infohub_assets as files on nodes.node_id = files.node_id and duties.asset = files.asset

            where nodes.is_resolved

        ),

        judged as (

            select
                *,
                case
                    when state is null or state = 'dropped' or rhythm = 'none' then 'not_applicable'
                    when rhythm = 'end_only' and not is_ended then 'not_applicable'
                    when rhythm <> 'end_only' and not is_live then 'not_applicable'
                    when state in ('missing', 'unreadable', 'ambiguous') then 'insufficient_data'
                    -- a blank file still has a content date: whether that counts is a matter of reading
                    when not holds_evidence and event_source = 'content' then null
                    when not holds_evidence then 'insufficient_data'
                    when rhythm = 'end_only' then
                        case
                            when event_on between ended_on and ended_on + 7 then 'on_time'
                            when infohub_today() <= ended_on + 7 then 'too_early'
                            when event_on is null or event_on <= ended_on - 20 then 'overdue'
                        end
                    when event_on is null and oldest_days_at_most <= cadence_good then 'too_early'
                    when event_on is null and oldest_days >= cadence_bad then 'overdue'
                    when days_ago <= cadence_good then 'on_time'
                    when days_ago >= cadence_bad then 'overdue'
                end as status

            from due

        )

        select
            node_id,
            activity,
            asset,
            rhythm,
            status,
            event_on,
            days_ago

        from judged

        where status is not null
        """
    )


def make_items(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """The outcome of every checklist item of every node, with the reason, and the fields that the file needs for it."""
    rows = ", ".join(
        f"('{item.blueprint}', '{item.item}', '{item.asset}', '{item.kind}', {max(1, len(item.passes))}, "
        f"{max(1, len(item.fails))}, {item.fails_when_overdue}, "
        f"{or_null(item.deadline and item.deadline.no_anchor)}, {or_null(item.deadline and item.deadline.no_anchor_why)})"
        for item in catalogue.items
    )
    node_case = case_of("item_id", {item_id(item): first_case(item, "node") for item in catalogue.items}, "null")
    asset_case = case_of("item_id", {item_id(item): first_case(item, "asset") for item in catalogue.items}, "null")
    cases = ", ".join(
        f"('{item_id(item)}', {number}, '{case.status}', {text(case.why)})"
        for item in catalogue.items
        for number, case in enumerate(item.cases)
    )
    fails = ", ".join(
        f"('{item_id(item)}', {number}, {text(variant.why or '')})"
        for item in catalogue.items
        for number, variant in enumerate(item.fails)
    )
    connection.execute(
        f"""
        create or replace temp table infohub_items as

        with

        items (blueprint, item, asset, kind, pass_count, fail_count, fails_when_overdue, no_anchor, no_anchor_why)
            as (values {rows}),

        cases (item_id, case_number, case_status, case_why) as (values {cases}),

        fails (item_id, fail_number, fail_why) as (values {fails}),

        asked as (

            select
                nodes.*,
                items.blueprint || '/' || items.item as item_id,
                items.*,
                infohub_luck('case', nodes.node_id || '|' || item_id) as luck,
                blueprints.asked,
                blueprints.is_in_force,
                files.state,
                files.holds_evidence,
                files.event_source,
                files.is_live,
                files.is_event_list_empty,
                files.recent_good,
                files.recent_bad,
                files.oldest_days,
                files.oldest_days_at_most,
                files.event_on,
                files.deadline_from,
                files.deadline_on,
                files.done_on,
                files.content_on,
                coalesce(cadences.status = 'overdue', false) and items.fails_when_overdue as is_overdue

            from infohub_nodes as nodes

            inner join infohub_blueprints as blueprints on nodes.node_id = blueprints.node_id
            inner join items on blueprints.blueprint = items.blueprint
            -- left: a blueprint that is not in force has no files
            left join infohub_assets as files on nodes.node_id = files.node_id and items.asset = files.asset
            left join infohub_cadences as cadences on nodes.node_id = cadences.node_id and items.asset = cadences.asset

            where nodes.is_complete

        ),

        with_cases as (

            select
                *,
                {node_case} as node_case,
                {asset_case} as asset_case,
                infohub_today() - event_on as days_ago

            from asked

        ),

        judged as (

            select
                *,
                case
                    when not is_in_force and asked = 'optional' then null
                    when not is_in_force then 'no blueprint'
                    when state = 'dropped' then 'dropped'
                    when node_case is not null then 'case'
                    when kind = 'deadline' and deadline_from is null then 'no anchor'
                    when kind = 'recent' and not is_live then 'over'
                    when state in ('unreadable', 'ambiguous') then 'unreadable'
                    when kind = 'deadline' and holds_evidence and done_on <= deadline_on then 'pass'
                    when kind = 'deadline' and infohub_today() <= deadline_on then 'before deadline'
                    when kind = 'deadline' and holds_evidence and done_on is not null then 'late'
                    when kind = 'deadline' then 'never done'
                    when state = 'missing' then 'missing'
                    -- a blank file still has a content date: whether that counts is a matter of reading
                    when not holds_evidence and kind = 'recent' and event_source = 'content' then null
                    when not holds_evidence then 'blank'
                    when kind = 'recent' and event_on is null and oldest_days_at_most <= recent_good then 'none yet'
                    when kind = 'recent' and event_on is null and oldest_days >= recent_bad then 'never'
                    when kind = 'recent' and days_ago <= recent_good then 'pass'
                    when kind = 'recent' and days_ago >= recent_bad then 'too long ago'
                    when kind = 'recent' then null
                    when asset_case is not null then 'case'
                    when is_overdue then 'overdue'
                    else 'chance'
                end as reached,
                coalesce(node_case, asset_case) as case_number

            from with_cases

        ),

        drawn as (

            select
                *,
                row_number() over (
                    partition by item_id, reached, is_resolved
                    order by infohub_luck('item rank', node_id || '|' || item_id), node_id
                ) as chance_rank,
                case
                    when reached = 'overdue' then true
                    when reached <> 'chance' then null
                    when is_resolved and chance_rank <= 2 then chance_rank = 2
                    else infohub_luck('item', node_id || '|' || item_id) < fails_share
                end as fails_by_chance,
                infohub_upto(pass_count - 1, 'way to pass', node_id || '|' || item_id) as pass_number,
                infohub_upto(fail_count - 1, 'way to fail', node_id || '|' || item_id) as fail_number

            from judged

            where reached is not null

        )

        select
            drawn.node_id,
            drawn.blueprint,
            drawn.item,
            drawn.asset,
            drawn.is_resolved,
            drawn.reached,
            case
                when drawn.reached in ('no blueprint', 'dropped', 'over') then 'not_applicable'
                when drawn.reached = 'case' then cases.case_status
                when drawn.reached in ('unreadable', 'missing', 'blank') then 'insufficient_data'
                when drawn.reached = 'no anchor' then drawn.no_anchor
                when drawn.reached in ('before deadline', 'none yet') then 'too_early'
                when drawn.reached in ('late', 'never done', 'never', 'too long ago') then 'fail'
                when drawn.reached = 'pass' then 'pass'
                when drawn.fails_by_chance then 'fail'
                else 'pass'
            end as status,
            case
                when drawn.reached = 'no blueprint' then
                    case drawn.asked
                        when 'none' then 'the track does not ask for the blueprint' else 'the blueprint is not selected'
                    end
                when drawn.reached = 'dropped' then 'the node has customised the asset away'
                when drawn.reached = 'over' then 'what recurs is over'
                when drawn.reached = 'case' then cases.case_why
                when drawn.reached = 'unreadable' then 'the asset cannot be read'
                when drawn.reached = 'missing' then 'the asset is missing'
                when drawn.reached = 'blank' then 'the asset is a blank template'
                when drawn.reached = 'no anchor' then drawn.no_anchor_why
                when drawn.reached = 'before deadline' then 'the deadline is ' || drawn.deadline_on
                when drawn.reached = 'none yet' then 'the node is too young for it'
                when drawn.reached = 'late' then 'done on ' || drawn.done_on || ', due by ' || drawn.deadline_on
                when drawn.reached = 'never done' then 'not done, due by ' || drawn.deadline_on
                when drawn.reached = 'never' then 'it never took place'
                when drawn.reached = 'too long ago' then 'last on ' || drawn.event_on || ', ' || drawn.days_ago || ' days ago'
                when drawn.kind = 'recent' then 'last on ' || drawn.event_on
                when drawn.kind = 'deadline' then 'done on ' || drawn.done_on
                when drawn.fails_by_chance then fails.fail_why
                else 'the evidence is complete'
            end as why,
            -- which of the catalogue's sets of fields the file holds
            case
                when cases.case_status is not null and drawn.reached not in ('no blueprint', 'dropped') then 'case'
                when drawn.fails_by_chance then 'fail'
                else 'pass'
            end as variant,
            case variant
                when 'case' then drawn.case_number when 'fail' then drawn.fail_number else drawn.pass_number
            end as variant_number

        from drawn

        -- left: most items reach no case and do not fail
        left join cases
            on
                drawn.item_id = cases.item_id
                and drawn.case_number = cases.case_number
                and drawn.reached = 'case'
        left join fails on drawn.item_id = fails.item_id and drawn.fail_number = fails.fail_number and drawn.fails_by_chance
        """
    )


def make_waivers(connection: duckdb.DuckDBPyConnection) -> None:
    """A few of the failing items are waived, and a few were until recently."""
    connection.execute(
        """
        create or replace temp table infohub_waivers as

        with

        failing as (

            select
                node_id,
                blueprint,
                item,
                node_id || '|' || blueprint || '/' || item as waiver_id,
                count(*) over (partition by blueprint, item) as failures,
                row_number() over (
                    partition by blueprint, item order by infohub_luck('waiver', waiver_id), waiver_id
                ) as failure_rank

            from infohub_items

            where is_resolved and status = 'fail'

        ),

        chosen as (

            select
                *,
                row_number() over (order by infohub_luck('whose waiver', waiver_id), waiver_id) as waiver_number

            from failing

            -- a waived failure is none any more: two unwaived ones of each item stay
            where failures >= 3 and failure_rank <= greatest(1, failures // 12)
                and infohub_luck('is waived', waiver_id) < 0.6

        )

        select
            node_id,
            blueprint,
            item,
            -- the first one ends today, which is its last day
            case
                when waiver_number = 1 then infohub_today()
                when waiver_number % 2 = 1 then infohub_today() + infohub_upto(60, 'waiver end', waiver_id)
                else infohub_today() - 1 - infohub_upto(60, 'waiver end', waiver_id)
            end as expires_on,
            expires_on >= infohub_today() as is_active,
            case waiver_number % 3
                when 0 then 'The customer is replacing the team in charge'
                when 1 then 'Agreed until the audit is over'
                else 'The evidence is kept in the tool of the customer'
            end as reason

        from chosen
        """
    )
