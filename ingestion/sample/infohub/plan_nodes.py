"""Decides who is who in the sample InfoHub: the state of every node, what is odd about it, and which blueprints it has.

Makes infohub_nodes and infohub_blueprints. What becomes of the assets is decided in plan_assets.py.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from ingestion.sample.infohub.catalogue import TRACKS, Catalogue
from ingestion.sample.infohub.sql import case_by_rank, case_of, or_null, texts

# Nodes whose archetype or choice of blueprints cannot be told from what lies in their folder: nothing about their items is planted.
# Where only the track is missing, the CRM tells it.
UNRESOLVED = ("blueprint_missing", "blueprint_unreadable", "unknown_archetype")


def make_nodes(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, *, full_nodes: int) -> None:
    count = connection.execute("select count(*) from sim.nodes").fetchall()[0][0]
    full_count = min(count, full_nodes)
    oddity = case_by_rank("node_rank", _shares_as_counts(catalogue.odd_nodes, full_count))
    stories = ", ".join(
        f"('{story}', {rates['fails']}, {rates['stale']}, {rates['missing']}, {rates['below']})"
        for story, rates in catalogue.stories.items()
    )
    staleness = ", ".join(
        f"('{archetype}', '{track}', {or_null(days)})"
        for archetype, by_track in catalogue.staleness_days.items()
        for track, days in by_track.items()
    )
    connection.execute(
        f"""
        create or replace temp table infohub_nodes as

        with

        stories (story, fails_share, stale_share, missing_share, below_share) as (values {stories}),

        staleness (archetype, track, staleness_days) as (values {staleness}),

        nodes as (

            select
                sim_nodes.* exclude (
                    track, has_poc, has_rfp, has_partner, uses_services, has_dse, is_reference, amount_usd, health_score,
                    owner_name, csm_name, started_on, signed_on, ended_on, last_touch_on
                ),
                realm || '/' || node as node_id,
                track as crm_track,
                archetype = 'pre_sales_governance' as is_pre_sales,
                coalesce(has_poc, false) or track = 'poc' as has_poc,
                coalesce(has_rfp, false) as has_rfp,
                coalesce(has_partner, false) as has_partner,
                -- whether a deal needs services is known to nobody but the people who keep its folder
                coalesce(uses_services, false) or (archetype = 'pre_sales_governance' and infohub_luck(
                    'deal needs services', realm || '/' || node
                ) < 0.3) as uses_services,
                coalesce(has_dse, false) as has_dse,
                coalesce(is_reference, false) as is_reference,
                competitor is not null and competitor <> '' as is_competitive,
                coalesce(amount_usd, 0) as amount_usd,
                coalesce(health_score, 60)::integer as health_score,
                coalesce(owner_name, 'Robin Ahlers') as owner_name,
                coalesce(csm_name, owner_name, 'Robin Ahlers') as csm_name,
                least(started_on, infohub_today())::date as started_on,
                signed_on::date as signed_on,
                case when ended_on <= infohub_today() then ended_on::date end as ended_on,
                least(last_touch_on, infohub_today())::date as last_touch_on

            from sim.nodes as sim_nodes

        ),

        ranked as (

            select
                *,
                row_number() over (order by infohub_luck('which nodes are complete', node_id), node_id) as node_rank,
                -- a short form of the folder's name, as people write it
                case
                    when infohub_luck('realm id', realm) < 0.05 and contains(realm, '_') then split_part(realm, '_', 1)
                    else realm
                end as realm_id,
                case crm_stage
                    when 'qualification' then 1 when 'discovery' then 2 when 'solution' then 3 when 'commercial' then 4
                    when 'commitment' then 5 when 'won' then 6
                end as stage_rank,
                ended_on is not null as is_ended,
                (coalesce(ended_on, infohub_today()) - started_on)::integer as span_days,
                least(
                    case when is_pre_sales then started_on else greatest(started_on, coalesce(signed_on, started_on)) end,
                    coalesce(ended_on, infohub_today())
                ) as anchor_on,
                least(started_on, signed_on) as first_day

            from nodes

        ),

        with_oddities as (

            select
                *,
                node_rank <= {full_count} as is_complete,
                (infohub_today() - anchor_on)::integer as node_age_days,
                -- since when people deal with each other who knew each other before this node
                infohub_today() - 400 as long_ago,
                case when node_rank <= {full_count} then {oddity} end as drawn_oddity

            from ranked

        ),

        with_tracks as (

            select
                * exclude (drawn_oddity),
                case when drawn_oddity = 'track_change' and node_age_days < 90 then null else drawn_oddity end as oddity,
                case
                    when drawn_oddity <> 'track_conflict' or drawn_oddity is null then crm_track
                    when crm_track = 'premium' then 'economy'
                    when crm_track = 'poc' then 'economy'
                    else 'premium'
                end as track,
                case when crm_track = 'economy' then 'premium' else 'economy' end as other_track,

                -- the trial
                case
                    when not is_pre_sales or not has_poc then 'none'
                    when is_ended or stage_rank >= 4 or stage_rank is null then 'completed'
                    when stage_rank = 3 then 'running'
                    when stage_rank = 2 and infohub_luck('early trial', node_id) < case track when 'poc' then 0.8 else 0.35 end
                        then 'running'
                    else 'planned'
                end as poc_state,
                case poc_state
                    when 'completed' then started_on + floor(span_days * 0.4)::integer
                    when 'running' then infohub_today() - least(span_days, 8 + infohub_upto(7, 'trial', node_id))
                    when 'planned' then infohub_today() + 10
                end as poc_starts_on,
                case poc_state
                    when 'completed' then poc_starts_on + least(21, floor(span_days * 0.4)::integer)
                    else poc_starts_on + 21
                end as poc_ends_on,
                case when poc_state = 'completed' then poc_ends_on end as poc_ended_on,

                -- the request for proposal
                case when has_rfp then started_on + floor(span_days * 0.1)::integer end as rfp_received_on,
                case when has_rfp then rfp_received_on + 30 end as rfp_due_on,
                case
                    when has_rfp and (is_ended or stage_rank >= 4 or rfp_due_on < infohub_today())
                        then greatest(rfp_received_on, least(rfp_due_on - 2, coalesce(ended_on, infohub_today()) - 1))
                end as rfp_submitted_on,

                -- specialists, product, services
                is_pre_sales and (
                    amount_usd >= 250000
                    or infohub_luck('specialist', node_id) < case when has_poc then 0.6 else 0.2 end
                ) as has_specialist,
                case
                    when not has_specialist then 'none'
                    when not is_ended and stage_rank <= 3 then 'active'
                    else 'closed'
                end as specialist_state,
                case when specialist_state = 'closed' then started_on + floor(span_days * 0.8)::integer end
                    as specialist_closed_on,
                is_pre_sales and infohub_luck('product', node_id) < 0.25 as has_product_ask,
                uses_services and infohub_luck('migration', node_id) < 0.6 as is_migration,
                case
                    when is_pre_sales or not uses_services then 'none'
                    when is_ended or (node_age_days > 60 and infohub_luck('services', node_id) < 0.4) then 'complete'
                    else 'active'
                end as services_state,
                case
                    when services_state = 'complete' then greatest(
                        anchor_on, coalesce(ended_on, infohub_today()) - 10 - infohub_upto(30, 'services end', node_id)
                    )
                end as services_completed_on,

                -- after the signature
                case when not is_pre_sales then signed_on + 5 + infohub_upto(15, 'onboarding', node_id) end as onboarded_on,
                case when not is_pre_sales then anchor_on + 45 end as first_value_due_on,
                coalesce(story = 'expansion', false) or infohub_luck('expansion', node_id) < 0.35 as has_expansion,
                case when is_pre_sales and is_ended then crm_stage end as outcome

            from with_oddities

        )

        select
            with_tracks.*,
            row_number() over (order by with_tracks.realm, with_tracks.node) as node_number,
            coalesce(with_tracks.oddity not in ({texts(UNRESOLVED)}), true) and is_complete as is_resolved,
            staleness.staleness_days,
            coalesce(stories.fails_share, 0.1) as fails_share,
            coalesce(stories.stale_share, 0.1) as stale_share,
            coalesce(stories.missing_share, 0.05) as missing_share,
            coalesce(stories.below_share, 0.1) as below_share

        from with_tracks

        -- left: a story or track this file does not know must not lose its node
        left join stories on with_tracks.story = stories.story
        left join staleness on with_tracks.archetype = staleness.archetype and with_tracks.track = staleness.track

        order by with_tracks.realm, with_tracks.node
        """
    )


def make_blueprints(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    rows = ", ".join(
        f"('{name}', '{blueprint.archetype}', '{track}', '{blueprint.asked.get(track, 'none')}')"
        for name, blueprint in catalogue.blueprints.items()
        for track in TRACKS
    )
    selected = case_of(
        "blueprint", {n: b.selected_when for n, b in catalogue.blueprints.items() if b.selected_when}, "false"
    )
    dropped = case_of(
        "blueprint", {n: b.dropped_when for n, b in catalogue.blueprints.items() if b.dropped_when}, "false"
    )
    connection.execute(
        f"""
        create or replace temp table infohub_blueprints as

        with

        asked (blueprint, archetype, track, asked) as (values {rows}),

        choices as (

            select
                nodes.node_id,
                asked.blueprint,
                asked.asked,
                {selected} as is_selected,
                {dropped} as is_dropped,
                infohub_luck('optional blueprint', nodes.node_id || asked.blueprint) < 0.5 as is_kept

            from infohub_nodes as nodes

            inner join asked on nodes.archetype = asked.archetype and nodes.track = asked.track

            where nodes.is_complete

        )

        select
            node_id,
            blueprint,
            asked,
            case asked
                when 'required' then true when 'conditional' then is_selected when 'optional' then is_kept else false
            end as is_in_force,
            is_in_force and is_dropped as is_dropped

        from choices
        """
    )


def _shares_as_counts(shares: Mapping[str, float], count: int) -> dict[str, int]:
    """One of each at least, unless the company is so small that nothing ordinary would be left."""
    least = 1 if count >= 60 else 0
    return {name: max(least, round(share * count)) for name, share in shares.items()}
