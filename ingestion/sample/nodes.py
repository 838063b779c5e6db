"""The engagements that get a place in the InfoHub: sim.nodes, one row per deal or customer worth governing.

Only which engagements there are and what is true of them; the YAML they get is written by infohub.py.
"""

from __future__ import annotations

import duckdb

# Accounts below mid-market are served without an engagement of their own, except for this share of them.
_SMALL_ACCOUNTS_GOVERNED_RATIO = 0.4
# Days for which a closed deal or a lost customer keeps its node.
_CLOSED_DEALS_KEPT_DAYS = 120
_LOST_CUSTOMERS_KEPT_DAYS = 90
# A deal that has sat in its stage for this long is stalling, whatever its account does.
_STALLING_AFTER_DAYS = 45


def make_track_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """The track of an account, and that of a deal where it is another: its trial. The CRMs' exports tell both."""
    connection.execute(
        """
        create macro sim.account_track(segment, account_no) as case segment
            when 'enterprise' then case when sim.roll('track', account_no) < 0.85 then 'premium' else 'fast_track' end
            when 'mid_market' then case
                when sim.roll('track', account_no) < 0.25 then 'fast_track' when sim.roll('track', account_no) < 0.40 then 'premium' else 'economy' end
            else case when sim.roll('track', account_no) < 0.12 then 'fast_track' else 'economy' end
        end;
        create macro sim.deal_track(has_poc, stage) as
            case when has_poc and stage in ('qualification', 'discovery', 'solution') then 'poc' end;
        create macro sim.track_label(track) as
            case track when 'poc' then 'POC' when 'fast_track' then 'Fast Track' else upper(track[1]) || track[2:] end;
        """
    )


def make_nodes(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        f"""
        create table sim.nodes as
        with

        rates as (

            select currency, arg_max(rate, starts_on) as rate from sim.rates group by currency

        ),

        deal_touches as (

            select deal_no, max(on_date) as last_on

            from sim.activities

            where on_date <= sim.as_of() and deal_no is not null

            group by deal_no

        ),

        account_touches as (

            select account_no, max(on_date) as last_on

            from sim.activities

            where on_date <= sim.as_of()

            group by account_no

        ),

        owners as (

            select spans.account_no, users.name, users.email

            from sim.account_owners as spans

            inner join sim.users as users on users.user_no = spans.owner_no

            where sim.as_of() >= spans.from_day and sim.as_of() < spans.to_day

        ),

        deals as (

            select
                *,
                row_number() over (
                    partition by account_no
                    order by (outcome = 'open') desc, abs(amount) desc, deal_no
                ) as place

            from sim.deals

            where (outcome = 'open' or closed_on >= sim.as_of() - {_CLOSED_DEALS_KEPT_DAYS})
                and coalesce(deleted_at < sim.as_of() + 1 and restored_at is null, false) = false

        ),

        pre_sales as (

            select
                accounts.account_no,
                accounts.realm,
                case deals.kind when 'new' then 'PLATFORM_DEAL' when 'renewal' then 'RENEWAL_DEAL' else 'INSIGHTS_DEAL' end as wished_node,
                deals.place,
                'pre_sales_governance' as archetype,
                sim.deal_track(deals.has_poc, deals.stage) as own_track,
                deals.crm_id as opportunity_id,
                case deals.stage when 'unmapped' then 'discovery' when 'no_decision' then 'lost' else deals.stage end as crm_stage,
                deals.amount / rates.rate as amount_usd,
                case when deals.crm = 'hubspot' then hubspot_owners.name else owners.name end as owner_name,
                case when deals.crm = 'hubspot' then hubspot_owners.email else owners.email end as owner_email,
                deals.created_on as started_on,
                case when deals.stage = 'won' then deals.closed_on end as signed_on,
                deals.closed_on as ended_on,
                case
                    when deals.outcome = 'open' and sim.as_of() - deals.stage_since > {_STALLING_AFTER_DAYS}
                        then least(accounts.health_score, 45)
                    else accounts.health_score
                end as health_score,
                case
                    when deals.outcome = 'open' and sim.as_of() - deals.stage_since > {_STALLING_AFTER_DAYS} then 'stalling'
                    when accounts.story <> 'prospect' then accounts.story
                    when sim.roll('deep discount', deals.deal_no) < 0.08 then 'over_discounted'
                    else 'healthy'
                end as story,
                deals.has_poc,
                deals.has_rfp,
                deals.has_partner,
                deals.competitor,
                coalesce(deal_touches.last_on, deals.stage_since) as last_touch_on,
                null::date as renewal_on

            from deals

            inner join sim.accounts as accounts using (account_no)

            inner join sim.users as hubspot_owners on hubspot_owners.user_no = accounts.hubspot_owner_no

            left join owners on owners.account_no = accounts.account_no

            -- no rate, no amount in dollars: it stays unknown
            left join rates on rates.currency = deals.currency

            left join deal_touches on deal_touches.deal_no = deals.deal_no

            where deals.place <= case when accounts.segment = 'small' then 1 else 2 end
                and (accounts.segment <> 'small' or sim.roll('governed', accounts.account_no) < {_SMALL_ACCOUNTS_GOVERNED_RATIO})

        ),

        post_sales as (

            select
                accounts.account_no,
                accounts.realm,
                'IMPLEMENTATION' as wished_node,
                0 as place,
                'post_sales_governance',
                null::varchar,
                null::varchar,
                'won',
                renewals.mrr * 12 / rates.rate,
                coalesce(owners.name, hubspot_owners.name),
                coalesce(owners.email, hubspot_owners.email),
                accounts.contract_started_on,
                coalesce(firsts.closed_on, accounts.contract_started_on),
                case when accounts.churned_on <= sim.as_of() then accounts.churned_on end,
                accounts.health_score,
                accounts.story,
                false,
                false,
                coalesce(firsts.has_partner, false),
                null::varchar,
                coalesce(account_touches.last_on, accounts.contract_started_on),
                case when accounts.story = 'renewal_missed' then accounts.story_on else renewals.renewal_on end

            from sim.accounts as accounts

            inner join sim.renewals as renewals using (account_no)

            inner join sim.users as hubspot_owners on hubspot_owners.user_no = accounts.hubspot_owner_no

            left join owners on owners.account_no = accounts.account_no

            left join rates on rates.currency = accounts.currency

            left join sim.deals as firsts on firsts.account_no = accounts.account_no and firsts.source = 1

            left join account_touches on account_touches.account_no = accounts.account_no

            where (accounts.churned_on is null or accounts.churned_on > sim.as_of() - {_LOST_CUSTOMERS_KEPT_DAYS})
                and (accounts.segment <> 'small' or sim.roll('governed', accounts.account_no) < {_SMALL_ACCOUNTS_GOVERNED_RATIO})

        ),

        nodes as (

            select * from pre_sales
            union all
            select * from post_sales

        ),

        named as (

            select
                nodes.*,
                row_number() over (partition by nodes.realm, nodes.wished_node order by nodes.place, nodes.opportunity_id) as copy,
                accounts.segment,
                accounts.name as account_name,
                accounts.crm_id as account_id,
                csms.name as csm_name

            from nodes

            inner join sim.accounts as accounts using (account_no)

            left join sim.users as csms on csms.user_no = accounts.csm_no

        )

        select
            realm,
            wished_node || case when copy > 1 then '_' || copy else '' end as node,
            archetype,
            coalesce(own_track, sim.account_track(segment, account_no)) as track,
            account_id,
            account_name,
            opportunity_id,
            crm_stage,
            round(amount_usd, 2) as amount_usd,
            owner_name,
            owner_email,
            csm_name,
            started_on,
            signed_on,
            ended_on,
            health_score,
            story,
            has_poc,
            has_rfp,
            has_partner,
            competitor,
            archetype = 'post_sales_governance' and segment <> 'small' and sim.roll('services', account_no) < 0.5 as uses_services,
            segment = 'enterprise' and sim.roll('dedicated engineer', account_no) < 0.6 as has_dse,
            story in ('healthy', 'expansion') and sim.roll('reference', account_no) < 0.15 as is_reference,
            last_touch_on,
            renewal_on

        from named

        order by realm, node
        """
    )
