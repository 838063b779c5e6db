"""Decides what becomes of every asset a node is asked for: its fate, level, place, what is dated inside it, and its age.

Makes infohub_candidates, infohub_dated_assets and infohub_assets. Order matters: a file's content date must not be older than
anything dated inside it. So recurring events and deadlines are dated first, the file's age is then at most theirs, and whether it is
stale follows from that.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from ingestion.sample.infohub.catalogue import LEVELS, TRACKS, Asset, Catalogue, Item
from ingestion.sample.infohub.sql import case_by_rank, case_of, no_node_case, or_null, text, texts

UNREADABLE = (
    "not_yaml",
    "tab_indentation",
    "not_utf8",
    "oversized",
    "alias_bomb",
    "recursive_alias",
    "too_deep",
    "empty",
    "symlink",
)
READABLE_ODDITIES = ("multi_document", "duplicate_key", "utf8_bom", "windows_lines")
ODD_FILES = (*UNREADABLE, "ambiguous", *READABLE_ODDITIES)

# Twenty, as often as each is to be seen. Null: only the file's time of modification tells its date.
_DATE_KEYS = (
    ["last_updated"] * 6
    + ["updated_at"] * 5
    + ["metadata.last_updated"] * 3
    + ["metadata.updated_at", "date", "created_at", "created", None, None]
)

_LEVEL_NUMBER = {level: number for number, level in enumerate(LEVELS, start=1)} | {"premium_sla": 3}


def make_assets(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    _make_candidates(connection, catalogue)
    _date_assets(connection, catalogue)
    _age_assets(connection, catalogue)


def _make_candidates(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """Every asset a node is asked for, with the fate of its file."""
    count = connection.execute("select count(*) from infohub_nodes where is_complete").fetchall()[0][0]
    # In a company of a few nodes bad files would be most of what there is.
    copies = 0 if count < 20 else max(1, min(3, count // 150))
    odd_file = case_by_rank("odd_rank", dict.fromkeys(ODD_FILES, copies))
    assets = ", ".join(
        f"('{asset.path}', '{asset.blueprint}', {len(asset.aliases) > 0}, {asset.stem not in catalogue.shared_stems}, "
        f"{asset.droppable}, {asset.never_missing}, {_LEVEL_NUMBER.get(asset.can_contradict_itself or '', 9)})"
        for asset in catalogue.assets.values()
    )
    demands = ", ".join(
        f"('{asset.path}', '{track}', '{asset.demanded_level(track)}', {_LEVEL_NUMBER[asset.demanded_level(track)]})"
        for asset in catalogue.assets.values()
        for track in TRACKS
    )
    connection.execute(
        f"""
        create or replace temp table infohub_candidates as

        with

        assets (asset, blueprint, has_alias, has_own_stem, is_droppable, is_never_missing, contradicts_from)
            as (values {assets}),

        demands (asset, track, demanded, demanded_number) as (values {demands}),

        asked_for as (

            select
                nodes.node_id,
                nodes.is_resolved,
                nodes.missing_share,
                nodes.below_share,
                assets.*,
                demands.demanded,
                demands.demanded_number,
                blueprints.asked,
                blueprints.is_dropped,
                nodes.node_id || '|' || assets.asset as file_id

            from infohub_blueprints as blueprints

            inner join infohub_nodes as nodes on blueprints.node_id = nodes.node_id
            inner join assets on blueprints.blueprint = assets.blueprint
            inner join demands on assets.asset = demands.asset and nodes.track = demands.track

            where blueprints.is_in_force

        ),

        ranked as (

            select
                *,
                -- the files that come out bad, or odd; only where it is certain what is asked for and how the file would be found
                is_resolved and not is_dropped and has_own_stem and not is_never_missing and asked = 'required'
                    and asset like '%.yaml' as can_be_odd,
                row_number() over (partition by can_be_odd order by infohub_luck('odd file', file_id), file_id) as odd_rank,
                row_number() over (
                    partition by node_id
                    order by is_droppable and not is_dropped desc, infohub_luck('which is dropped', file_id), file_id
                ) as drop_rank

            from asked_for

        ),

        with_fates as (

            select
                *,
                case when can_be_odd then {odd_file} end as odd_file,
                case
                    when is_dropped or odd_file is not null or not is_droppable or drop_rank > 1 then null
                    when infohub_luck('dropped asset', node_id) < 0.06 then 'dropped'
                    when infohub_luck('dropped asset', node_id) < 0.09 then 'dropped_without_reason'
                end as customisation,
                case
                    when is_dropped or customisation = 'dropped' then 'dropped'
                    when customisation = 'dropped_without_reason' then 'missing'
                    when odd_file in ({texts(UNREADABLE)}) then 'unreadable'
                    when odd_file = 'ambiguous' then 'ambiguous'
                    when asked <> 'optional' and not is_never_missing and odd_file is null
                        and infohub_luck('missing', file_id) < missing_share then 'missing'
                    else 'present'
                end as state

            from ranked

        ),

        with_levels as (

            select
                *,
                infohub_luck('level', file_id) < below_share * case when demanded_number = 2 then 0.5 else 1 end
                    and demanded_number > 1 as is_below,
                case
                    when state <> 'present' then null
                    when is_below then 1 + infohub_upto(demanded_number - 2, 'how far below', file_id)
                    when demanded_number = 1 then
                        case when infohub_luck('above', file_id) < 0.2 then 1 else 2 + infohub_upto(1, 'how far above', file_id) end
                    else least(4, demanded_number + (infohub_luck('above', file_id) < 0.3)::integer)
                end as level_number

            from with_fates

        ),

        with_contradictions as (

            select
                *,
                -- one of each at least, and a few more
                level_number >= contradicts_from and odd_file is null and (
                    infohub_luck('contradiction', file_id) < 0.06
                    or row_number() over (
                        partition by asset, level_number >= contradicts_from and odd_file is null
                        order by infohub_luck('first contradiction', file_id), file_id
                    ) = 1
                ) as contradicts_itself

            from with_levels

        )

        select
            node_id,
            file_id,
            asset,
            blueprint,
            asked,
            demanded,
            odd_file,
            customisation,
            state,
            level_number,
            demanded = 'premium_sla' and level_number >= 3 and infohub_luck('sla terms', file_id) < 0.85 as has_premium_sla,
            coalesce(level_number >= demanded_number, false) and (demanded <> 'premium_sla' or has_premium_sla) as meets_demand,
            coalesce(level_number >= 2, false) as holds_evidence,
            coalesce(contradicts_itself, false) as contradicts_itself,
            case
                when state <> 'present' or odd_file is not null then 'exact'
                when infohub_luck('place', file_id) < 0.03 then 'internal_infohub'
                when infohub_luck('place', file_id) < 0.05 then 'external_infohub'
                when infohub_luck('place', file_id) < 0.065 and has_own_stem then 'stem'
                when infohub_luck('place', file_id) > 0.9 and has_alias then 'alias'
                else 'exact'
            end as found_by,
            state = 'missing' and infohub_luck('decoy', file_id) < 0.15 as has_decoy

        from with_contradictions
        """
    )


def _date_assets(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """When the asset's event last took place, and when what had a deadline was done."""
    with_events = [asset for asset in catalogue.assets.values() if asset.event]
    events = {asset.path: asset.event for asset in with_events if asset.event}
    recent_items = {item.asset: item for item in catalogue.items if item.recent}
    deadline_items = {item.asset: item for item in catalogue.items if item.deadline}

    source = case_of("candidates.asset", {path: f"'{event.source}'" for path, event in events.items()}, "null")
    since = case_of("asset", {path: e.since for path, e in events.items() if e.since}, "anchor_on")
    active = case_of("asset", {path: f"({e.active_when})" for path, e in events.items() if e.active_when}, "true")
    otherwise = case_of("asset", {path: e.otherwise_on for path, e in events.items() if e.otherwise_on}, "null::date")
    may_be_empty = texts(path for path, event in events.items() if event.may_be_empty)
    recent_applies = case_of("asset", {path: no_node_case(item) for path, item in recent_items.items()}, "false")
    anchor = case_of("asset", {p: i.deadline.after for p, i in deadline_items.items() if i.deadline}, "null::date")
    days = case_of("asset", {p: str(i.deadline.days) for p, i in deadline_items.items() if i.deadline}, "null::integer")

    rhythm_rows = [
        (asset.path, track, cadence, rhythm)
        for asset in with_events
        for track in TRACKS
        for cadence, rhythm in [_rhythms(asset, track, catalogue, recent_items)]
    ]
    rhythms = ", ".join(
        f"('{path}', '{track}', {or_null(cadence and cadence[0])}, {or_null(cadence and cadence[1])}, "
        f"{or_null(recent and recent[0])}, {or_null(recent and recent[1])})"
        for path, track, cadence, recent in rhythm_rows
    )
    connection.execute(
        f"""
        create or replace temp table infohub_dated_assets as

        with

        rhythms (asset, track, cadence_good, cadence_bad, recent_good, recent_bad) as (values {rhythms}),

        files as (

            select
                candidates.*,
                nodes.* exclude (node_id),
                {source} as event_source,
                rhythms.cadence_good,
                rhythms.cadence_bad,
                rhythms.recent_good,
                rhythms.recent_bad,
                candidates.asset in ({may_be_empty}) as may_be_empty

            from infohub_candidates as candidates

            inner join infohub_nodes as nodes on candidates.node_id = nodes.node_id
            -- left: assets without an event have no rhythm
            left join rhythms on candidates.asset = rhythms.asset and nodes.track = rhythms.track

        ),

        limited as (

            select
                *,
                not is_ended and coalesce({active}, false) as is_live,
                {otherwise} as over_on,
                greatest(infohub_today() - coalesce({since}, anchor_on), 0)::integer as oldest_days,
                -- the same for whoever counts from the signature when that came before the start
                greatest(oldest_days, infohub_today() - first_day)::integer as oldest_days_at_most,
                coalesce(least(cadence_good, recent_good), 30) as good_days,
                least(cadence_bad, recent_bad) as bad_days,
                {anchor} as deadline_from,
                {days} as deadline_days,
                deadline_from + deadline_days as deadline_on,
                coalesce({recent_applies}, false) as recent_applies

            from files

        ),

        ranked as (

            select
                *,
                -- the first of each kind passes and the second fails, so that both occur however small the company is
                case when recent_applies then recent_good else cadence_good end as tested_good,
                case when recent_applies then recent_bad else cadence_bad end as tested_bad,
                event_source <> 'last_touch' and is_live and is_resolved and holds_evidence
                    and oldest_days > tested_bad + 2 as can_fail_event,
                row_number() over (
                    partition by asset, can_fail_event order by infohub_luck('event rank', file_id), file_id
                ) as event_rank,
                deadline_on < infohub_today() - 3 and is_resolved and holds_evidence as can_fail_deadline,
                row_number() over (
                    partition by asset, can_fail_deadline order by infohub_luck('deadline rank', file_id), file_id
                ) as deadline_rank

            from limited

        ),

        drawn as (

            select
                *,
                case
                    when can_fail_event and event_rank <= 2 then event_rank = 2
                    else infohub_luck('event', file_id) < fails_share
                end as draws_bad_event,
                case
                    when can_fail_deadline and deadline_rank <= 2 then deadline_rank = 2
                    else infohub_luck('deadline', file_id) < fails_share
                end as draws_late,
                coalesce(can_fail_event and event_rank <= 2, false) as is_forced,
                case
                    -- on the first day that is too late, and on the last that is not
                    when is_forced and draws_bad_event then tested_bad
                    when is_forced then tested_good
                    when draws_bad_event and bad_days is not null and oldest_days >= bad_days
                        then bad_days + infohub_upto(least(25, oldest_days - bad_days), 'how late', file_id)
                    when event_source = 'content' and staleness_days is not null
                        then infohub_upto(least(good_days, oldest_days, staleness_days), 'how recent', file_id)
                    else infohub_upto(least(good_days, oldest_days), 'how recent', file_id)
                end as drawn_days

            from ranked

        ),

        -- where readings of a rhythm differ nothing may happen: such an event moves to where it is overdue for certain
        clear_of_items as (

            select
                *,
                case when drawn_days > recent_good and drawn_days < recent_bad then recent_bad else drawn_days end as days_1

            from drawn

        ),

        clear_of_cadences as (

            select
                *,
                case when days_1 > cadence_good and days_1 < cadence_bad then cadence_bad else days_1 end as days_2

            from clear_of_items

        ),

        clear_of_both as (

            select
                *,
                case when days_2 > recent_good and days_2 < recent_bad then recent_bad else days_2 end as days_3,
                case
                    when days_3 > oldest_days then infohub_upto(least(good_days, oldest_days), 'how recent', file_id)
                    else days_3
                end as days_ago

            from clear_of_cadences

        )

        select
            * exclude (drawn_days, days_1, days_2, days_3, event_rank, deadline_rank, can_fail_event, can_fail_deadline),
            coalesce(
                may_be_empty and is_live and not is_forced and (
                    (not draws_bad_event and oldest_days_at_most < good_days and infohub_luck('none yet', file_id) < 0.6)
                    or (
                        draws_bad_event and infohub_luck('never', file_id) < 0.3
                        and oldest_days > greatest(cadence_bad, recent_bad)
                    )
                ),
                false
            ) as is_event_list_empty,
            case
                when event_source is null or is_event_list_empty then null
                when event_source = 'last_touch' then last_touch_on
                when is_ended and track = 'poc' and asset = 'governance/deal_review_log.yaml' then
                    case
                        when draws_bad_event then greatest(started_on, ended_on - 25)
                        else least(ended_on + infohub_upto(6, 'last review', file_id), infohub_today())
                    end
                when is_ended then greatest(
                    anchor_on, coalesce(over_on, ended_on - infohub_upto(9, 'last event', file_id))
                )
                when not is_live then over_on
                else infohub_today() - days_ago
            end as event_on,
            case
                when deadline_from is null then null
                when draws_late and deadline_on >= infohub_today() then null
                when draws_late and infohub_luck('never done', file_id) < 0.3 then null
                when draws_late then
                    case
                        -- often by a single day
                        when deadline_on + 1 > infohub_today() then null
                        else least(deadline_on + greatest(1, infohub_upto(20, 'how late', file_id) - 5), infohub_today())
                    end
                when deadline_from > infohub_today() then null
                else least(deadline_from + infohub_upto(deadline_days, 'how soon', file_id), infohub_today())
            end as done_on

        from clear_of_both
        """
    )


def _age_assets(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """The content date of every file, and whether the file is stale."""
    date_keys = ", ".join(or_null(key) for key in _DATE_KEYS)
    alias = case_of(
        "asset", {path: text(asset.aliases[0]) for path, asset in catalogue.assets.items() if asset.aliases}, "asset"
    )
    not_before = case_of("asset", {path: asset.not_before for path, asset in catalogue.assets.items()}, "null::date")
    connection.execute(
        f"""
        create or replace temp table infohub_assets as

        with

        drawn as (

            select
                *,
                case
                    when is_ended then infohub_today() - greatest(
                        anchor_on, ended_on - infohub_upto(5, 'last edit', file_id)
                    )
                    when event_source = 'content' then infohub_today() - event_on
                    when staleness_days is null then infohub_upto(least(45, node_age_days), 'age', file_id)
                    when infohub_luck('stale', file_id) < stale_share and node_age_days > staleness_days then least(
                        node_age_days, staleness_days + 1 + infohub_upto(50, 'age', file_id)
                    )
                    else infohub_upto(least(staleness_days, node_age_days), 'age', file_id)
                end as drawn_age

            from infohub_dated_assets

        ),

        aged as (

            select
                *,
                {not_before} as not_before_on,
                -- never older than what is dated inside: least() leaves out what is null
                greatest(
                    least(drawn_age, infohub_today() - event_on, infohub_today() - done_on, infohub_today() - not_before_on), 0
                )::integer as age_days

            from drawn

        )

        select
            node_id,
            file_id,
            asset,
            blueprint,
            asked,
            demanded,
            odd_file,
            customisation,
            state,
            level_number,
            has_premium_sla,
            meets_demand,
            holds_evidence,
            contradicts_itself,
            found_by,
            has_decoy,
            event_source,
            is_live,
            is_event_list_empty,
            event_on,
            cadence_good,
            cadence_bad,
            recent_good,
            recent_bad,
            oldest_days,
            oldest_days_at_most,
            deadline_from,
            deadline_on,
            done_on,
            age_days,
            infohub_today() - age_days as content_on,
            coalesce(not is_ended and age_days > staleness_days, false) as is_stale,
            [{date_keys}][1 + infohub_upto(19, 'date key', file_id)] as date_key,
            case found_by
                when 'internal_infohub' then 'internal-infohub/' || asset
                when 'external_infohub' then 'external-infohub/' || asset
                when 'alias' then {alias}
                when 'stem' then
                    ['internal-infohub/journey/', 'working-papers/', 'internal-infohub/context/'][
                        1 + infohub_upto(2, 'which folder', file_id)
                    ] || split_part(asset, '/', 2)
                else asset
            end as found_at

        from aged
        """
    )


def _rhythms(
    asset: Asset, track: str, catalogue: Catalogue, recent_items: Mapping[str, Item]
) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    """The rhythm of the asset's cadence and that of its checklist item, on one track."""
    assert asset.event is not None
    cadence = catalogue.cadences[asset.event.cadence].get(track) if asset.event.cadence else None
    recent = recent_items[asset.path].recent.get(track) if asset.path in recent_items else None
    return catalogue.rhythms.get(cadence or ""), catalogue.rhythms.get(recent or "")
