"""The product's exports: one month of events in each vendor's shape, and the product's own tables of seats and entitlements."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import duckdb

from ingestion.sample.landing_files import LandingFiles
from ingestion.sample.presets import Period, Preset, Timeline
from ingestion.sample.usage import MONTH_WITHOUT_EXPORT, make_month_events

SEGMENT = "segment/main"
POSTHOG = "posthog/main"
AMPLITUDE = "amplitude/main"
MIXPANEL = "mixpanel/acquired"
PRODUCT = "product/main"
MIXPANEL_TIMEZONE = "America/New_York"
MIXPANEL_SETTINGS = f"""# An old project: it writes its own wall clock as if it were UTC.
timezone: {MIXPANEL_TIMEZONE}
""".encode()


def write_usage(
    connection: duckdb.DuckDBPyConnection,
    files: LandingFiles,
    line: Timeline,
    preset: Preset,
    on_month: Callable[[str], None],
) -> None:
    files.text(f"{MIXPANEL}/instance.yml", MIXPANEL_SETTINGS, delivered_on=line.as_of, table=None)
    for place, month in enumerate(line.months):
        on_month(f"{month.last:%Y-%m}")
        make_month_events(connection, month)
        _write_segment(files, month, as_parquet=preset.wide_usage_files)
        _write_posthog(files, month, as_parquet=month.last != line.as_of)
        if place != MONTH_WITHOUT_EXPORT:
            _write_amplitude(files, month)
        _write_mixpanel(files, month)
    connection.execute("drop table sim.month_events")
    for day in line.deliveries:
        _write_seats(files, day, as_parquet=preset.wide_usage_files)
        _write_entitlements(files, day)


def _events_of(stream: str) -> str:
    """The stream's events of the month, those sent twice among them twice, each with the account as the stream names it."""
    return f"""
        with

        once as (

            select
                events.event_id,
                events.event,
                events.happened_at,
                events.received_at,
                events.is_sent_twice,
                users.user_id,
                users.user_no,
                case
                    when links.rule = 'domain' and events.account_no % 2 = 0 then null
                    when links.rule = 'domain' then accounts.domain
                    else links.external_id
                end as group_id

            from sim.month_events as events

            inner join sim.product_users as users on users.account_no = events.account_no and users.place = events.place

            inner join sim.links as links on links.account_no = events.account_no and links.place = 'usage'

            inner join sim.accounts as accounts on accounts.account_no = events.account_no

            where events.usage_stream = '{stream}'

        ),

        sent as (

            select *, 1 as copy from once
            union all
            select *, 2 from once where is_sent_twice

        )
        """


def _write_segment(files: LandingFiles, month: Period, *, as_parquet: bool) -> None:
    if as_parquet:
        files.parquet(
            f"{SEGMENT}/tracks_{month.label}.parquet",
            f"""
            {_events_of("segment")}

            select
                event_id as id,
                event,
                user_id,
                'anon-' || user_no as anonymous_id,
                happened_at as "timestamp",
                received_at,
                group_id as context_group_id

            from sent
            """,
            "received_at, id",
            delivered_on=month.last,
            table="segment__tracks",
        )
        return
    files.json_lines(
        f"{SEGMENT}/tracks_{month.label}.jsonl.gz",
        f"""
        {_events_of("segment")}

        select
            event_id as "messageId",
            'track' as type,
            event,
            user_id as "userId",
            'anon-' || user_no as "anonymousId",
            strftime(happened_at, '%Y-%m-%dT%H:%M:%S.%gZ') as "timestamp",
            strftime(received_at, '%Y-%m-%dT%H:%M:%S.%gZ') as "receivedAt",
            {{'groupId': group_id}} as context

        from sent
        """,
        '"receivedAt", "messageId"',
        delivered_on=month.last,
        table="segment__tracks",
    )


def _write_posthog(files: LandingFiles, month: Period, *, as_parquet: bool) -> None:
    query = f"""
        {_events_of("posthog")}

        select
            substr(event_id, 1, 8) || '-' || substr(event_id, 9, 4) || '-7' || substr(event_id, 13, 3) || '-8' || substr(event_id, 1, 3) || '-' || substr(event_id, 4, 12) as uuid,
            event,
            user_id as distinct_id,
            to_json({{'$groups': {{'company': group_id}}, '$lib': 'web'}})::varchar as properties,
            {"happened_at" if as_parquet else "strftime(happened_at, '%Y-%m-%d %H:%M:%S.%g')"} as "timestamp",
            {"received_at" if as_parquet else "strftime(received_at, '%Y-%m-%d %H:%M:%S.%g')"} as created_at

        from sent
    """
    # The vendor's export changed its format in the last month: same columns, now as text.
    if as_parquet:
        files.parquet(
            f"{POSTHOG}/events_{month.label}.parquet",
            query,
            "created_at, uuid",
            delivered_on=month.last,
            table="posthog__events",
        )
    else:
        files.csv(
            f"{POSTHOG}/events_{month.label}.csv",
            query,
            "created_at, uuid",
            delivered_on=month.last,
            table="posthog__events",
        )


def _write_amplitude(files: LandingFiles, month: Period) -> None:
    files.json_lines(
        f"{AMPLITUDE}/events_{month.label}.jsonl.gz",
        f"""
        {_events_of("amplitude")}

        select
            event_id as "$insert_id",
            event_id || '-' || copy as uuid,
            event as event_type,
            user_id,
            'dev-' || user_no as device_id,
            user_no as amplitude_id,
            -1 as session_id,
            {{'company': list_filter([group_id], lambda name: name is not null)}} as groups,
            strftime(happened_at, '%Y-%m-%d %H:%M:%S.%f') as event_time,
            strftime(received_at, '%Y-%m-%d %H:%M:%S.%f') as server_upload_time

        from sent
        """,
        "server_upload_time, uuid",
        delivered_on=month.last,
        table="amplitude__events",
    )


def _write_mixpanel(files: LandingFiles, month: Period) -> None:
    files.json_lines(
        f"{MIXPANEL}/events_{month.label}.jsonl",
        f"""
        {_events_of("mixpanel")}

        select
            event,
            {{
                'time': epoch(timezone('{MIXPANEL_TIMEZONE}', timezone('UTC', happened_at)))::bigint,
                'distinct_id': user_id,
                '$insert_id': event_id,
                '$user_id': user_id,
                'company_id': group_id,
                'mp_processing_time_ms': epoch_ms(received_at)
            }} as properties

        from sent
        """,
        "properties",
        delivered_on=month.last,
        table="mixpanel__events",
    )


def _write_seats(files: LandingFiles, day: date, *, as_parquet: bool) -> None:
    query = f"""
        select
            'seat_' || lpad(users.user_no::varchar, 9, '0') as seat_id,
            'ws_' || lpad(users.account_no::varchar, 6, '0') as workspace_id,
            links.external_id as crm_account_id,
            users.product_user_id as user_id,
            users.email,
            case users.place when 1 then 'admin' else 'member' end as role,
            case when users.removed_on <= date '{day}' then 'released' else 'active' end as status,
            sim.utc_text(users.assigned_on::timestamp + interval '9 hours') as assigned_at,
            case when users.removed_on <= date '{day}' then sim.utc_text(users.removed_on::timestamp + interval '9 hours') end as released_at,
            sim.utc_text(users.assigned_on::timestamp + interval '9 hours') as created_at,
            sim.utc_text(greatest(users.assigned_on, case when users.removed_on <= date '{day}' then users.removed_on end)::timestamp + interval '9 hours') as updated_at

        from sim.product_users as users

        inner join sim.links as links on links.account_no = users.account_no and links.place = 'usage'

        where users.assigned_on <= date '{day}'
    """
    if as_parquet:
        files.parquet(f"{PRODUCT}/seats_{day}.parquet", query, "seat_id", delivered_on=day, table="product__seats")
    else:
        files.csv(
            f"{PRODUCT}/seats_{day}.csv", query, "seat_id", delivered_on=day, table="product__seats", quote_all=False
        )


def _write_entitlements(files: LandingFiles, day: date) -> None:
    files.csv(
        f"{PRODUCT}/entitlements_{day}.csv",
        f"""
        with

        features as (

            select * from (values
                (1, 'seats', 'seat', 1), (2, 'api_calls', 'call', 1000), (3, 'storage', 'gigabyte', 5), (4, 'sso', null, null), (5, 'audit_log', null, null)
            ) as features (feature_no, feature, unit, per_seat)

        )

        select
            'ent_' || lpad((terms.account_no::bigint * 100000 + (terms.term + 2) * 100 + features.feature_no)::varchar, 10, '0') as entitlement_id,
            'ws_' || lpad(terms.account_no::varchar, 6, '0') as workspace_id,
            links.external_id as crm_account_id,
            sim.subscription_id(terms.account_no, terms.term) as subscription_id,
            terms.product,
            features.feature,
            (terms.seats * features.per_seat)::varchar as limit_value,
            features.unit,
            (features.unit is not null or terms.plan = 'Enterprise')::varchar as enabled,
            strftime(terms.started_on, '%Y-%m-%d') as valid_from,
            strftime(terms.ended_on, '%Y-%m-%d') as valid_until,
            sim.utc_text(terms.started_on::timestamp + interval '1 hour') as updated_at

        from sim.terms as terms

        inner join features on features.feature_no <= case terms.term when 100 then 1 else 5 end

        inner join sim.links as links on links.account_no = terms.account_no and links.place = 'usage'

        where terms.started_on <= date '{day}'
        """,
        "entitlement_id",
        delivered_on=day,
        table="product__entitlements",
        quote_all=False,
    )
