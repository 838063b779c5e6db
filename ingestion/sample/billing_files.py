"""The billing system's exports: CSV as European accounting writes it, with semicolons and, on its own machines, in cp1252."""

from __future__ import annotations

from datetime import date

from ingestion.sample.landing_files import LandingFiles
from ingestion.sample.presets import Period, Timeline

FOLDER = "billing/main"


def write_billing(files: LandingFiles, line: Timeline) -> None:
    for day in line.deliveries:
        _write_subscriptions(files, day)
    for span in line.changes:
        _write_invoices(files, span)


def _write_subscriptions(files: LandingFiles, day: date) -> None:
    path = f"{FOLDER}/subscriptions_{day}.csv"
    files.csv(
        path,
        f"""
        with

        terms as (

            select
                terms.*,
                accounts.legal_name,
                accounts.term_months,
                accounts.story,
                links.rule,
                links.external_id,
                case when terms.is_last and accounts.cancelled_on <= date '{day}' then accounts.cancelled_on end as cancelled_on,
                case when terms.is_last and accounts.cancelled_on <= date '{day}' then accounts.churned_on end as churned_on,
                accounts.churn_reason,
                renewals.notice_days,
                deals.crm_id as deal_id,
                case terms.currency when 'EUR' then '€' when 'GBP' then '£' when 'USD' then '$' else terms.currency || ' ' end as sign

            from sim.terms as terms

            inner join sim.accounts as accounts using (account_no)

            inner join sim.links as links on links.account_no = terms.account_no and links.place = 'billing'

            left join sim.renewals as renewals on renewals.account_no = terms.account_no

            left join sim.deals as deals
                on deals.account_no = terms.account_no
                and deals.serves_from = terms.started_on
                and deals.source = case when terms.term = 0 then 1 when terms.term = 100 then 3 else 2 end

        )

        select
            sim.subscription_id(account_no, term) as subscription_id,
            'CUS-' || lpad(account_no::varchar, 6, '0') as customer_id,
            case rule when 'name_only' then upper(legal_name) else legal_name end as customer_name,
            external_id as crm_account_id,
            deal_id as crm_opportunity_id,
            case when term between 1 and 99 then sim.subscription_id(account_no, term - 1) end as previous_id,
            product,
            plan,
            sign || (mrr / seats)::integer || ' per seat' as price_label,
            case
                when churned_on <= date '{day}' then 'cancelled'
                when cancelled_on is not null then 'non_renewing'
                when ended_on < date '{day}' and is_last then 'past_due'
                when ended_on < date '{day}' then 'expired'
                else 'active'
            end as status,
            seats::varchar as seats,
            mrr::varchar as mrr,
            (mrr * 12)::varchar as arr,
            discount_pct::varchar as discount_percent,
            currency,
            case when term = 100 then null else term_months::varchar end as term_months,
            notice_days::varchar as notice_days,
            (cancelled_on is null)::varchar as auto_renew,
            strftime(started_on, '%Y-%m-%d') as start_date,
            strftime(coalesce(churned_on, ended_on), '%Y-%m-%d') as end_date,
            case when ended_on < date '2050-01-01' and cancelled_on is null then strftime(ended_on + 1, '%Y-%m-%d') end as renewal_date,
            sim.utc_text(cancelled_on::timestamp + interval '11 hours') as cancelled_at,
            case when cancelled_on is not null then churn_reason end as cancellation_reason,
            sim.utc_text(started_on::timestamp - interval '5 days') as created_at,
            sim.utc_text(greatest(
                started_on::timestamp - interval '5 days',
                cancelled_on::timestamp + interval '11 hours',
                case when churned_on <= date '{day}' then churned_on::timestamp + interval '1 hour' end,
                case when ended_on < date '{day}' then (ended_on + 1)::timestamp + interval '1 hour' end
            )) as updated_at

        from terms

        where started_on - 5 <= date '{day}'
        """,
        "subscription_id",
        delivered_on=day,
        table="billing__subscriptions",
        delimiter=";",
        quote_all=False,
    )
    files.encode(path, "cp1252")


def _write_invoices(files: LandingFiles, span: Period) -> None:
    path = f"{FOLDER}/invoices_{span.label}.csv"
    files.csv(
        path,
        f"""
        with

        stamped as (

            select
                invoices.*,
                accounts.legal_name,
                sim.is_miscounted(invoices.invoice_no, invoices.issued_on) as is_miscounted,
                -- an amount entered with a digit too many, put right after the second full export
                sim.is_miscounted(invoices.invoice_no, invoices.issued_on) and date '{span.last}' > sim.second_delivery() as is_corrected,
                greatest(
                    issued_on::timestamp + interval '6 hours',
                    case when paid_on <= date '{span.last}' then paid_on::timestamp + interval '15 hours' end,
                    case when sim.is_miscounted(invoices.invoice_no, invoices.issued_on) and date '{span.last}' > sim.second_delivery()
                        then sim.second_delivery()::timestamp + interval '34 hours' end
                ) as updated_at

            from sim.invoices as invoices

            inner join sim.accounts as accounts using (account_no)

            where issued_on <= date '{span.last}'

        )

        select
            'INV-' || lpad(invoice_no::varchar, 10, '0') as invoice_id,
            (2000000 + invoice_no % 7919999)::varchar as invoice_number,
            'CUS-' || lpad(account_no::varchar, 6, '0') as customer_id,
            legal_name as customer_name,
            sim.subscription_id(account_no, term) as subscription_id,
            case when paid_on <= date '{span.last}' then 'paid' when due_on < date '{span.last}' then 'overdue' else 'open' end as status,
            currency,
            case when is_miscounted and not is_corrected then amount * 10 else amount end::varchar as total,
            strftime(issued_on, '%Y-%m-%d') as issued_on,
            strftime(due_on, '%Y-%m-%d') as due_on,
            case when paid_on <= date '{span.last}' then sim.utc_text(paid_on::timestamp + interval '15 hours') end as paid_at,
            sim.utc_text(updated_at) as updated_at

        from stamped

        where updated_at >= date '{span.first}'
        """,
        "invoice_id",
        delivered_on=span.last,
        table="billing__invoices",
        delimiter=";",
        quote_all=False,
    )
    files.encode(path, "cp1252")
