"""What the simulation knows and the exports only hint at, written down as facts that tests measure against.

Facts about the company: accounts, identity, stages, the waterfall, currency, coverage, retention, revenue, support, usage.
"""

from __future__ import annotations

import duckdb

from ingestion.sample.activities import ARCHIVED_AFTER_DAYS
from ingestion.sample.truth import plant

# Every fact this side of the sample plants: the vocabulary is closed, and docs/sample_company.md explains it.
FACTS = {
    "account": (
        "account_story",
        "account_parent",
        "account_merged",
        "merge_chain",
        "account_deleted",
        "account_restored",
        "account_absent",
        "account_name_corrected",
        "account_owner_changed",
        "company_merged",
        "champion_left",
    ),
    "identity": (
        "same_company",
        "different_company_same_name",
        "ambiguous_domain",
        "no_company",
    ),
    "stage": (
        "stage_policy",
        "stage_renamed",
        "stage_removed",
        "deal_in_removed_stage",
        "stage_moved",
        "stage_moved_unrecorded",
        "history_starts_after_creation",
        "deal_never_changed",
        "two_changes_in_one_second",
        "pushed_out_and_back",
    ),
    "waterfall": (
        "deal_created",
        "deal_won",
        "deal_lost",
        "deal_no_decision",
        "deal_reopened",
        "close_date_pushed",
        "close_date_pulled_in",
        "amount_raised",
        "amount_lowered",
        "deal_owner_changed",
        "deal_deleted",
        "deal_restored",
        "deal_merged",
        "deal_archived",
    ),
    "currency": ("currency_without_rates", "rate_gap", "deal_without_rate"),
    "coverage": ("deal_committee", "activities_archived", "lead_converted", "lead_untouched"),
    "retention": (
        "churned",
        "churn_coming",
        "usage_trend",
        "milestone_overdue",
        "ticket_volume_up",
        "cancel_language",
        "renewal_missed",
        "renewal_due",
        "invoice_unpaid",
        "seats_unused",
        "onboarding_incomplete",
    ),
    "arr": ("arr_new", "arr_expansion", "arr_contraction", "arr_churn", "arr_reactivation", "arr_lapse"),
    "support": ("ticket_escalated", "ticket_reopened", "ticket_deleted", "ticket_unsolved", "ticket_rated_bad"),
    "usage": ("late_events", "event_ahead_of_clock", "event_sent_twice", "usage_before_contract", "usage_after_churn"),
}

_ACCOUNT = "case when accounts.in_salesforce then 'salesforce' else 'hubspot' end, case when accounts.in_salesforce then 'main' else 'acquired' end, 'account', accounts.crm_id"
_DEAL = "deals.crm, case deals.crm when 'salesforce' then 'main' else 'acquired' end, 'deal', deals.crm_id"


def plant_company_facts(connection: duckdb.DuckDBPyConnection) -> None:
    _plant_accounts(connection)
    _plant_identity(connection)
    _plant_stages(connection)
    _plant_waterfall(connection)
    _plant_currency(connection)
    _plant_coverage(connection)
    _plant_retention(connection)
    _plant_revenue(connection)
    _plant_support(connection)
    _plant_usage(connection)


def _plant_accounts(connection: duckdb.DuckDBPyConnection) -> None:
    plant(
        connection,
        "account",
        "account_story",
        f"""
        select {_ACCOUNT}, accounts.story_on, accounts.story, json_object(
            'name', accounts.name, 'realm', accounts.realm, 'segment', accounts.segment, 'region', accounts.region,
            'currency', accounts.currency, 'crm', accounts.crm_place, 'seats', accounts.seats,
            'contract_started_on', accounts.contract_started_on, 'health_score', accounts.health_score
        )
        from sim.accounts as accounts
        """,
    )
    plant(
        connection,
        "account",
        "account_parent",
        """
        select 'salesforce', 'main', 'account', accounts.salesforce_id, null, parents.salesforce_id, null
        from sim.account_parents as parented
        inner join sim.accounts as accounts on accounts.account_no = parented.account_no
        inner join sim.accounts as parents on parents.account_no = parented.parent_no
        """,
    )
    plant(
        connection,
        "account",
        "account_merged",
        """
        select 'salesforce', 'main', 'account', losers.salesforce_id, losers.merged_at::date, losers.merged_into_id,
            json_object('merged_at', losers.merged_at, 'survivor', accounts.salesforce_id)
        from sim.salesforce_accounts as losers
        inner join sim.accounts as accounts using (account_no)
        where losers.copy > 0
        """,
    )
    plant(
        connection,
        "account",
        "merge_chain",
        """
        select 'salesforce', 'main', 'account', firsts.salesforce_id, seconds.merged_at::date, seconds.merged_into_id,
            json_object('chain', [firsts.salesforce_id, firsts.merged_into_id, seconds.merged_into_id])
        from sim.salesforce_accounts as firsts
        inner join sim.salesforce_accounts as seconds on seconds.salesforce_id = firsts.merged_into_id
        where firsts.copy = 1 and seconds.copy = 2
        """,
    )
    for fact, moment, expected in (
        (
            "account_deleted",
            "deleted_at",
            "case when restored_at is null then 'deleted' else 'deleted, then restored' end",
        ),
        ("account_restored", "restored_at", "'restored'"),
        ("account_absent", "unseen_from", "'absent, not deleted'"),
    ):
        plant(
            connection,
            "account",
            fact,
            f"""
            select 'salesforce', 'main', 'account', salesforce_id, {moment}::date, {expected}, json_object('{moment}', {moment})
            from sim.salesforce_accounts where {moment} is not null
            """,
        )
    plant(
        connection,
        "account",
        "account_name_corrected",
        """
        select 'salesforce', 'main', 'account', records.salesforce_id, sim.first_delivery() + 1, records.name,
            json_object('name_before', upper(records.name))
        from sim.salesforce_accounts as records
        left join sim.account_casts as casts using (account_no)
        inner join sim.accounts as accounts using (account_no)
        where records.copy = 0 and casts.part is null and sim.roll('name typed wrong', account_no) < 0.03
            and least(records.created_on, accounts.created_on) <= sim.first_delivery()
        """,
    )
    plant(
        connection,
        "account",
        "account_owner_changed",
        """
        select 'salesforce', 'main', 'account', accounts.salesforce_id, spans.from_day, owners.salesforce_id,
            json_object('owner_before', leavers.salesforce_id)
        from sim.account_owners as spans
        inner join sim.accounts as accounts using (account_no)
        inner join sim.users as owners on owners.user_no = spans.owner_no
        inner join sim.users as leavers on leavers.user_no = accounts.first_owner_no
        where spans.from_day > date '1970-01-01'
        """,
    )
    plant(
        connection,
        "account",
        "company_merged",
        """
        select 'hubspot', 'acquired', 'company', loser_id, merged_at::date, winner_id, null
        from sim.hubspot_merges where kind = 'company'
        """,
    )
    plant(
        connection,
        "account",
        "champion_left",
        """
        select case when contacts.in_salesforce then 'salesforce' else 'hubspot' end,
            case when contacts.in_salesforce then 'main' else 'acquired' end, 'contact',
            case when contacts.in_salesforce then contacts.salesforce_id else contacts.hubspot_id end,
            contacts.left_on, accounts.crm_id, json_object('email', contacts.email)
        from sim.contacts as contacts
        inner join sim.accounts as accounts using (account_no)
        where contacts.left_on is not null
        """,
    )


def _plant_identity(connection: duckdb.DuckDBPyConnection) -> None:
    """Pairs are told from the other system's side: this record there is that account in the CRM."""
    subjects = (
        ("hubspot", "'hubspot', 'acquired', 'company', accounts.hubspot_id", "true"),
        (
            "desk",
            "'zendesk', 'main', 'organization', (accounts.account_no::bigint * 100 + 7300000000)::varchar",
            "accounts.desk = 'zendesk'",
        ),
        (
            "desk",
            "'freshdesk', 'acquired', 'company', (accounts.account_no::bigint * 100 + 8400000000)::varchar",
            "accounts.desk = 'freshdesk'",
        ),
        ("desk", "'intercom', 'acquired', 'company', 'icc' || accounts.account_no", "accounts.desk = 'intercom'"),
        (
            "desk",
            "'jira_service_management', 'main', 'organization', accounts.name",
            # A Jira organization is a name inside its issues: no issue, no organization.
            "accounts.desk = 'jira_service_management' and accounts.account_no in (select account_no from sim.tickets)",
        ),
        ("billing", "'billing', 'main', 'customer', 'CUS-' || lpad(accounts.account_no::varchar, 6, '0')", "true"),
        (
            "usage",
            "'product', 'main', 'workspace', 'ws_' || lpad(accounts.account_no::varchar, 6, '0')",
            "links.rule <> 'domain'",
        ),
        (
            "usage",
            "accounts.usage_stream, case accounts.usage_stream when 'mixpanel' then 'acquired' else 'main' end, 'group', coalesce(links.external_id, accounts.domain)",
            "links.rule <> 'domain' or accounts.account_no % 2 = 1",
        ),
        (
            "usage",
            "accounts.usage_stream, case accounts.usage_stream when 'mixpanel' then 'acquired' else 'main' end, 'user_domain', accounts.domain",
            "links.rule = 'domain' and accounts.account_no % 2 = 0",
        ),
    )
    ambiguous = "(select domain from sim.accounts group by domain having count(*) > 1)"
    for place, subject, condition in subjects:
        plant(
            connection,
            "identity",
            "same_company",
            f"""
            select {subject}, null, accounts.crm_id, json_object(
                'rule', links.rule, 'link', links.external_id, 'name', accounts.name, 'domain', accounts.domain,
                'by_merged_record', links.is_by_merged_record
            )
            from sim.accounts as accounts
            inner join sim.links as links on links.account_no = accounts.account_no and links.place = '{place}'
            where ({condition}) and not (links.rule = 'domain' and accounts.domain in {ambiguous})
            """,
        )
    plant(
        connection,
        "identity",
        "ambiguous_domain",
        f"""
        select 'zendesk', 'main', 'organization', (accounts.account_no::bigint * 100 + 7300000000)::varchar, null, 'ambiguous',
            json_object('domain', accounts.domain, 'really', accounts.crm_id)
        from sim.accounts as accounts
        inner join sim.links as links on links.account_no = accounts.account_no and links.place = 'desk'
        where links.rule = 'domain' and accounts.desk = 'zendesk' and accounts.domain in {ambiguous}
        """,
    )
    plant(
        connection,
        "identity",
        "different_company_same_name",
        """
        select 'hubspot', 'acquired', 'company', namesakes.hubspot_id, null, 'not ' || accounts.salesforce_id,
            json_object('name', namesakes.name, 'domain', namesakes.domain, 'domain_of_the_other', accounts.domain)
        from sim.namesakes as namesakes
        inner join sim.accounts as accounts using (account_no)
        """,
    )
    plant(
        connection,
        "identity",
        "no_company",
        "select 'zendesk', 'main', 'organization', '7299999900', null, 'none', json_object('name', 'Larkspur internal tests')",
    )


def _plant_stages(connection: duckdb.DuckDBPyConnection) -> None:
    plant(
        connection,
        "stage",
        "stage_policy",
        """
        select crm, case crm when 'salesforce' then 'main' else 'acquired' end, 'stage_name', name, null, policy_stage,
            json_object('pipeline', pipeline, 'label', label, 'probability', probability)
        from sim.stage_names
        """,
    )
    plant(
        connection,
        "stage",
        "stage_renamed",
        """
        select 'salesforce', 'main', 'stage_name', sim.salesforce_stage_name('solution', name, timestamp '1970-01-01'), sim.stage_renamed_on(), name,
            json_object('policy_stage', 'solution')
        from sim.stage_names where crm = 'salesforce' and policy_stage = 'solution'
        """,
    )
    plant(
        connection,
        "stage",
        "stage_removed",
        """
        select crm, case crm when 'salesforce' then 'main' else 'acquired' end, 'stage_name', name, sim.first_delivery() + 1, 'unmapped', null
        from sim.stage_names where policy_stage = 'unmapped'
        """,
    )
    plant(
        connection,
        "stage",
        "deal_in_removed_stage",
        f"""
        select {_DEAL}, deals.stage_since, 'unmapped', null
        from sim.deals as deals where deals.stage = 'unmapped' and deals.outcome = 'open'
        """,
    )
    ranks = "list_position(['qualification', 'discovery', 'unmapped', 'solution', 'commercial', 'commitment', 'won', 'lost', 'no_decision'], {0})"
    for fact, condition in (
        ("stage_moved", "states.changed_at >= sim.tracking_since()"),
        ("stage_moved_unrecorded", "states.changed_at < sim.tracking_since()"),
    ):
        plant(
            connection,
            "stage",
            fact,
            f"""
            select {_DEAL}, states.changed_at::date, states.previous_stage || ' > ' || states.stage, json_object(
                'at', strftime(states.changed_at, '%Y-%m-%dT%H:%M:%SZ'),
                'from', case deals.crm when 'salesforce' then sim.salesforce_stage_name(states.previous_stage, states.previous_stage_name, states.changed_at) else states.previous_stage_name end,
                'to', case deals.crm when 'salesforce' then sim.salesforce_stage_name(states.stage, states.stage_name, states.changed_at) else states.stage_name end,
                'direction', case
                    when states.previous_stage in ('lost', 'no_decision') then 'reopened'
                    when states.stage in ('won', 'lost', 'no_decision') then states.stage
                    when {ranks.format("states.stage")} < {ranks.format("states.previous_stage")} then 'back'
                    when {ranks.format("states.stage")} - {ranks.format("states.previous_stage")} > 1 + (
                        {ranks.format("states.previous_stage")} < 3 and {ranks.format("states.stage")} > 3
                    )::integer then 'skip'
                    else 'forward'
                end
            )
            from sim.deal_states as states
            inner join sim.deals as deals using (deal_no)
            where {condition} and states.stage is distinct from states.previous_stage and states.kind <> 'created'
            """,
        )
    plant(
        connection,
        "stage",
        "history_starts_after_creation",
        f"""
        select {_DEAL}, firsts.changed_at::date, strftime(firsts.changed_at, '%Y-%m-%dT%H:%M:%SZ'),
            json_object('created_on', deals.created_on)
        from sim.deals as deals
        inner join (
            select deal_no, min(changed_at) as changed_at
            from sim.deal_states where changed_at >= sim.tracking_since() and kind not in ('created', 'owner') group by deal_no
        ) as firsts using (deal_no)
        where deals.created_on < sim.tracking_since()
        """,
    )
    plant(
        connection,
        "stage",
        "deal_never_changed",
        f"""
        select {_DEAL}, deals.created_on, 'no history', null
        from sim.deals as deals
        where deals.crm = 'salesforce'
            and deals.created_on >= sim.tracking_since()
            and deals.deal_no not in (select deal_no from sim.deal_states where kind not in ('created', 'owner'))
        """,
    )
    plant(
        connection,
        "stage",
        "two_changes_in_one_second",
        f"""
        select {_DEAL}, states.changed_at::date, count(*)::varchar, json_object('at', strftime(states.changed_at, '%Y-%m-%dT%H:%M:%SZ'))
        from sim.deal_states as states
        inner join sim.deals as deals using (deal_no)
        where deals.part = 'two_changes_in_one_second'
        group by all
        having count(*) > 1
        """,
    )
    plant(
        connection,
        "stage",
        "pushed_out_and_back",
        f"""
        select {_DEAL}, states.changed_at::date, 'close date as before', json_object('close_date', arg_max(states.close_date, states.change_no))
        from sim.deal_states as states
        inner join sim.deals as deals using (deal_no)
        where deals.part = 'pushed_out_and_back' and states.kind = 'close_date'
        group by all
        having count(*) = 2
        """,
    )


def _plant_waterfall(connection: duckdb.DuckDBPyConnection) -> None:
    at = (
        "'at', strftime(states.changed_at, '%Y-%m-%dT%H:%M:%SZ'), 'recorded', states.changed_at >= sim.tracking_since()"
    )
    movements = (
        (
            "deal_created",
            "states.kind = 'created'",
            "states.amount::varchar",
            "'stage', states.stage, 'close_date', states.close_date",
        ),
        (
            "deal_won",
            "states.stage = 'won' and states.previous_stage <> 'won'",
            "states.amount::varchar",
            "'from', states.previous_stage",
        ),
        (
            "deal_lost",
            "states.stage = 'lost' and states.previous_stage <> 'lost'",
            "states.amount::varchar",
            "'from', states.previous_stage, 'reason', deals.loss_reason",
        ),
        (
            "deal_no_decision",
            "states.stage = 'no_decision' and states.previous_stage <> 'no_decision'",
            "states.amount::varchar",
            "'from', states.previous_stage, 'reason', deals.loss_reason",
        ),
        (
            "deal_reopened",
            "states.previous_stage in ('lost', 'no_decision') and states.stage not in ('lost', 'no_decision')",
            "states.amount::varchar",
            "'to', states.stage",
        ),
        (
            "close_date_pushed",
            "states.kind = 'close_date' and states.close_date > states.previous_close_date",
            "(states.close_date - states.previous_close_date)::varchar",
            "'from', states.previous_close_date, 'to', states.close_date",
        ),
        (
            "close_date_pulled_in",
            "states.kind = 'close_date' and states.close_date < states.previous_close_date",
            "(states.close_date - states.previous_close_date)::varchar",
            "'from', states.previous_close_date, 'to', states.close_date",
        ),
        (
            "amount_raised",
            "states.kind <> 'created' and states.amount > states.previous_amount",
            "(states.amount - states.previous_amount)::varchar",
            "'from', states.previous_amount, 'to', states.amount",
        ),
        (
            "amount_lowered",
            "states.kind <> 'created' and states.amount < states.previous_amount",
            "(states.amount - states.previous_amount)::varchar",
            "'from', states.previous_amount, 'to', states.amount",
        ),
    )
    for fact, condition, expected, detail in movements:
        plant(
            connection,
            "waterfall",
            fact,
            f"""
            select {_DEAL}, states.changed_at::date, {expected}, json_object({at}, 'currency', deals.currency, {detail})
            from sim.deal_states as states
            inner join sim.deals as deals using (deal_no)
            where {condition}
            """,
        )
    plant(
        connection,
        "waterfall",
        "deal_owner_changed",
        f"""
        select {_DEAL}, states.changed_at::date, owners.salesforce_id, json_object({at}, 'owner_before', leavers.salesforce_id)
        from sim.deal_states as states
        inner join sim.deals as deals using (deal_no)
        inner join sim.users as owners on owners.user_no = states.owner_no
        inner join sim.users as leavers on leavers.user_no = states.previous_owner_no
        where states.kind = 'owner'
        """,
    )
    for fact, moment in (("deal_deleted", "deleted_at"), ("deal_restored", "restored_at")):
        plant(
            connection,
            "waterfall",
            fact,
            f"""
            select {_DEAL}, deals.{moment}::date, deals.amount::varchar, json_object('{moment}', deals.{moment})
            from sim.deals as deals where deals.{moment} is not null
            """,
        )
    plant(
        connection,
        "waterfall",
        "deal_merged",
        "select 'hubspot', 'acquired', 'deal', loser_id, merged_at::date, winner_id, null from sim.hubspot_merges where kind = 'deal'",
    )
    plant(
        connection,
        "waterfall",
        "deal_archived",
        """
        select 'hubspot', 'acquired', 'deal', deals.hubspot_id, archives.archived_at::date, 'archived', json_object('archived_at', archives.archived_at)
        from sim.hubspot_archives as archives
        inner join sim.deals as deals using (deal_no)
        """,
    )


def _plant_currency(connection: duckdb.DuckDBPyConnection) -> None:
    plant(
        connection,
        "currency",
        "currency_without_rates",
        """
        select 'salesforce', 'main', 'currency', currency, null, 'no rate', json_object('deals', count(*))
        from sim.deals where currency not in (select currency from sim.rates) group by currency
        """,
    )
    gaps = """
        select currency, next_starts_on as gap_from, following as gap_to
        from (select *, lead(starts_on) over (partition by currency order by starts_on) as following from sim.rates)
        where following > next_starts_on
    """
    plant(
        connection,
        "currency",
        "rate_gap",
        f"select 'salesforce', 'main', 'currency', currency, gap_from, 'no rate', json_object('from', gap_from, 'until', gap_to) from ({gaps})",
    )
    plant(
        connection,
        "currency",
        "deal_without_rate",
        f"""
        select {_DEAL}, states.close_date, 'no rate', json_object('currency', deals.currency, 'amount', states.amount)
        from sim.deals as deals
        inner join (
            select deal_no, arg_max(close_date, change_no) as close_date, arg_max(amount, change_no) as amount
            from sim.deal_states group by deal_no
        ) as states using (deal_no)
        left join ({gaps}) as gaps
            on gaps.currency = deals.currency and states.close_date >= gaps.gap_from and states.close_date < gaps.gap_to
        where gaps.currency is not null or deals.currency not in (select currency from sim.rates)
        """,
    )


def _plant_coverage(connection: duckdb.DuckDBPyConnection) -> None:
    plant(
        connection,
        "coverage",
        "deal_committee",
        f"""
        select {_DEAL}, null, count(roles.role)::varchar,
            json_object('roles', coalesce(list(distinct roles.role order by roles.role) filter (where roles.role is not null), []))
        from sim.deals as deals
        left join sim.contact_roles as roles using (deal_no)
        where deals.crm = 'salesforce' and deals.outcome = 'open'
        group by all
        """,
    )
    plant(
        connection,
        "coverage",
        "activities_archived",
        f"""
        select {_ACCOUNT}, max(activities.on_date), count(*)::varchar, json_object('last_of_them_on', max(activities.on_date))
        from sim.activities as activities
        inner join sim.accounts as accounts using (account_no)
        where activities.on_date <= sim.first_delivery() - {ARCHIVED_AFTER_DAYS}
        group by all
        """,
    )
    plant(
        connection,
        "coverage",
        "lead_converted",
        """
        select 'salesforce', 'main', 'lead', salesforce_id, converted_on, deal_id, json_object('account', account_id, 'created_on', created_on)
        from sim.leads where converted_on <= sim.as_of()
        """,
    )
    plant(
        connection,
        "coverage",
        "lead_untouched",
        """
        select 'salesforce', 'main', 'lead', salesforce_id, created_on, (sim.as_of() - created_on)::varchar, json_object('source', lead_source)
        from sim.leads where (touched_on is null or touched_on > sim.as_of()) and converted_on is null
        """,
    )


def _plant_retention(connection: duckdb.DuckDBPyConnection) -> None:
    plant(
        connection,
        "retention",
        "churned",
        f"""
        select {_ACCOUNT}, accounts.churned_on, accounts.churn_reason,
            json_object('cancelled_on', accounts.cancelled_on, 'decline_from', accounts.story_on)
        from sim.accounts as accounts where accounts.churned_on <= sim.as_of()
        """,
    )
    plant(
        connection,
        "retention",
        "churn_coming",
        f"""
        select {_ACCOUNT}, accounts.churned_on, accounts.churn_reason, json_object(
            'cancelled_on', accounts.cancelled_on, 'decline_from', accounts.story_on, 'notice_given', accounts.cancelled_on <= sim.as_of()
        )
        from sim.accounts as accounts where accounts.churned_on > sim.as_of()
        """,
    )
    plant(
        connection,
        "retention",
        "usage_trend",
        f"""
        with weeks as (
            select account_no,
                count(distinct event_id) filter (where used_on > sim.as_of() - 21 and used_on <= sim.as_of() - 14) as week_2,
                count(distinct event_id) filter (where used_on > sim.as_of() - 14 and used_on <= sim.as_of() - 7) as week_1,
                count(distinct event_id) filter (where used_on > sim.as_of() - 7) as week_0
            from sim.recent_usage group by account_no
        )
        select {_ACCOUNT}, sim.as_of(),
            case
                when week_1 <= week_2 * 0.6 and week_0 <= week_1 * 0.6 then 'down_40_twice'
                when week_1 <= week_2 * 0.8 and week_0 <= week_1 * 0.8 then 'down_20_twice'
                else 'steady'
            end,
            json_object('events_by_week', [week_2, week_1, week_0], 'stream', accounts.usage_stream)
        from weeks
        inner join sim.accounts as accounts using (account_no)
        where accounts.churned_on is null or accounts.churned_on > sim.as_of()
        """,
    )
    plant(
        connection,
        "retention",
        "milestone_overdue",
        f"""
        select {_ACCOUNT}, activities.on_date, (sim.as_of() - activities.on_date)::varchar, json_object('subject', activities.subject)
        from sim.activities as activities
        inner join sim.accounts as accounts using (account_no)
        where activities.kind = 'milestone' and activities.completed_at is null and activities.on_date < sim.as_of()
        """,
    )
    plant(
        connection,
        "retention",
        "ticket_volume_up",
        f"""
        select {_ACCOUNT}, sim.as_of(), count(*) filter (where tickets.created_at >= sim.as_of() - 27)::varchar, json_object(
            'four_weeks_before', count(*) filter (where tickets.created_at < sim.as_of() - 27)
        )
        from sim.tickets as tickets
        inner join sim.accounts as accounts using (account_no)
        where tickets.created_at >= sim.as_of() - 55
        group by all
        having count(*) filter (where tickets.created_at >= sim.as_of() - 27) >= 1.5 * count(*) filter (where tickets.created_at < sim.as_of() - 27)
            and count(*) filter (where tickets.created_at < sim.as_of() - 27) > 0
        """,
    )
    plant(
        connection,
        "retention",
        "cancel_language",
        f"""
        select {_ACCOUNT}, tickets.created_at::date, tickets.desk, json_object('ticket', tickets.ticket_no, 'subject', tickets.subject)
        from sim.tickets as tickets
        inner join sim.accounts as accounts using (account_no)
        where tickets.is_cancel_request
        """,
    )
    plant(
        connection,
        "retention",
        "renewal_missed",
        f"""
        select {_ACCOUNT}, accounts.story_on, 'no signed renewal',
            json_object('has_deal', accounts.account_no in (select account_no from sim.deals where source = 5))
        from sim.accounts as accounts where accounts.story = 'renewal_missed'
        """,
    )
    plant(
        connection,
        "retention",
        "renewal_due",
        f"""
        select {_ACCOUNT}, renewals.renewal_on, (renewals.renewal_on - sim.as_of())::varchar,
            json_object('has_motion', accounts.account_no in (select account_no from sim.deals where source = 4), 'notice_days', renewals.notice_days)
        from sim.renewals as renewals
        inner join sim.accounts as accounts using (account_no)
        where renewals.renewal_on between sim.as_of() and sim.as_of() + 120
        """,
    )
    plant(
        connection,
        "retention",
        "invoice_unpaid",
        """
        select 'billing', 'main', 'invoice', 'INV-' || lpad(invoice_no::varchar, 10, '0'), due_on, (sim.as_of() - due_on)::varchar,
            json_object('customer', 'CUS-' || lpad(account_no::varchar, 6, '0'), 'amount', amount, 'currency', currency)
        from sim.invoices where due_on < sim.as_of() and (paid_on is null or paid_on > sim.as_of())
        """,
    )
    plant(
        connection,
        "retention",
        "seats_unused",
        f"""
        select {_ACCOUNT}, null, (renewals.seats - users.seats_used)::varchar, json_object('paid', renewals.seats, 'assigned', users.seats_used)
        from sim.renewals as renewals
        inner join sim.accounts as accounts using (account_no)
        inner join (
            select account_no, count(*) as seats_used from sim.product_users
            where assigned_on <= sim.as_of() and (removed_on is null or removed_on > sim.as_of()) group by account_no
        ) as users using (account_no)
        where accounts.story = 'over_discounted' and renewals.seats > users.seats_used
        """,
    )
    plant(
        connection,
        "retention",
        "onboarding_incomplete",
        f"""
        select {_ACCOUNT}, max(steps.done_at)::date, count(steps.step)::varchar, json_object('contract_started_on', accounts.contract_started_on)
        from sim.accounts as accounts
        left join sim.onboarding_steps as steps using (account_no)
        where accounts.contract_started_on >= sim.first_day()
        group by all
        having count(steps.step) < 5
        """,
    )


def _plant_revenue(connection: duckdb.DuckDBPyConnection) -> None:
    for movement in ("new", "expansion", "contraction", "churn", "reactivation", "lapse"):
        plant(
            connection,
            "arr",
            f"arr_{movement}",
            f"""
            select {_ACCOUNT}, movements.moved_on, movements.arr::varchar, json_object(
                'currency', movements.currency, 'customer', 'CUS-' || lpad(accounts.account_no::varchar, 6, '0')
            )
            from sim.arr_movements as movements
            inner join sim.accounts as accounts using (account_no)
            where movements.movement = '{movement}'
            """,
        )


def _plant_support(connection: duckdb.DuckDBPyConnection) -> None:
    ticket = """tickets.desk, case when tickets.desk in ('zendesk', 'jira_service_management') then 'main' else 'acquired' end, 'ticket',
        case tickets.desk when 'jira_service_management' then 'SUP-' || tickets.ticket_no
            when 'intercom' then (215400000000000 + tickets.ticket_no)::varchar else tickets.ticket_no::varchar end"""
    for fact, condition, moment, expected in (
        ("ticket_escalated", "tickets.is_escalated", "tickets.created_at", "coalesce(tickets.priority, 'none')"),
        (
            "ticket_reopened",
            "tickets.reopened_at < sim.as_of() + 1 and tickets.deleted_at is null",
            "tickets.reopened_at",
            "'1'",
        ),
        ("ticket_deleted", "tickets.deleted_at < sim.as_of() + 1", "tickets.deleted_at", "'deleted'"),
        (
            "ticket_unsolved",
            "tickets.deleted_at is null and (tickets.solved_at is null or tickets.solved_at >= sim.as_of() + 1)",
            "tickets.created_at",
            "coalesce(tickets.priority, 'none')",
        ),
        (
            "ticket_rated_bad",
            "tickets.rating = 'bad' and tickets.rated_at < sim.as_of() + 1 and tickets.deleted_at is null",
            "tickets.rated_at",
            "'bad'",
        ),
    ):
        plant(
            connection,
            "support",
            fact,
            f"""
            select {ticket}, {moment}::date, {expected}, json_object('account', accounts.crm_id)
            from sim.tickets as tickets
            inner join sim.accounts as accounts using (account_no)
            where {condition}
            """,
        )


def _plant_usage(connection: duckdb.DuckDBPyConnection) -> None:
    stream = "accounts.usage_stream, case accounts.usage_stream when 'mixpanel' then 'acquired' else 'main' end"
    plant(
        connection,
        "usage",
        "late_events",
        f"""
        select {stream}, 'account', accounts.crm_id, sim.first_day() + days.day_no::integer, days.events::varchar,
            json_object('late_days', days.late_days, 'arrived_on', sim.first_day() + days.day_no::integer + days.late_days::integer)
        from sim.account_days as days
        inner join sim.accounts as accounts using (account_no)
        where days.late_days > 0
            -- what was not received by today is in no export
            and sim.first_day() + days.day_no::integer + days.late_days::integer <= sim.as_of()
            and sim.is_delivered(accounts.usage_stream, sim.first_day() + days.day_no::integer + days.late_days::integer)
        """,
    )
    for fact, kind in (("event_ahead_of_clock", "ahead_of_clock"), ("event_sent_twice", "sent_twice")):
        plant(
            connection,
            "usage",
            fact,
            f"""
            select {stream}, 'event', oddities.event_id, oddities.happened_at::date,
                case when '{kind}' = 'sent_twice' then 'once' when oddities.happened_at >= sim.as_of() + 1 then 'after today' else 'after its receipt' end,
                json_object('account', accounts.crm_id, 'happened_at', oddities.happened_at, 'received_at', oddities.received_at)
            from sim.event_oddities as oddities
            inner join sim.accounts as accounts using (account_no)
            where oddities.kind = '{kind}' and sim.is_delivered(accounts.usage_stream, oddities.received_at::date)
            """,
        )
    for fact, condition in (
        ("usage_before_contract", "sim.first_day() + days.day_no::integer < accounts.contract_started_on"),
        ("usage_after_churn", "sim.first_day() + days.day_no::integer >= accounts.churned_on"),
    ):
        plant(
            connection,
            "usage",
            fact,
            f"""
            select {stream}, 'account', accounts.crm_id, min(sim.first_day() + days.day_no::integer), sum(days.events)::varchar,
                json_object('until', max(sim.first_day() + days.day_no::integer))
            from sim.account_days as days
            inner join sim.accounts as accounts using (account_no)
            where {condition}
                and sim.first_day() + days.day_no::integer + days.late_days::integer <= sim.as_of()
                and sim.is_delivered(accounts.usage_stream, sim.first_day() + days.day_no::integer + days.late_days::integer)
            group by all
            """,
        )
