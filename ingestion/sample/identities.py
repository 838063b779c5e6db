"""One company, many records: the CRM's duplicates and deleted records, and what other systems call the same company.

Makes sim.account_casts (accounts picked to play an awkward part), sim.salesforce_accounts, sim.links and sim.namesakes.
"""

from __future__ import annotations

import duckdb


def make_identities(connection: duckdb.DuckDBPyConnection) -> None:
    _make_account_casts(connection)
    _make_salesforce_accounts(connection)
    _make_links(connection)
    _make_namesakes(connection)


def _make_account_casts(connection: duckdb.DuckDBPyConnection) -> None:
    """Accounts picked for something that must occur at any size; each plays one part only."""
    connection.execute(
        """
        create table sim.account_casts as
        with

        candidates as (

            select
                account_no,
                is_customer,
                row_number() over (partition by is_customer order by sim.roll('cast', account_no), account_no) as place,
                count(*) over () as accounts

            from sim.accounts

            where in_salesforce
                and crm_place = 'salesforce'
                and story in ('healthy', 'prospect')
                and created_on < sim.first_delivery() - 60
                and account_no not in (select parent_no from sim.account_parents)

        ),

        sized as (

            select *, greatest(2, accounts // 100) as wanted from candidates

        )

        select
            account_no,
            case
                when is_customer and place <= wanted then 'merge_chain'
                when is_customer and place <= 3 * wanted then 'simple_merge'
                when is_customer and place <= 4 * wanted then 'shared_domain'
                when not is_customer and place <= wanted then 'deleted'
                when not is_customer and place <= 2 * wanted then 'restored'
                when not is_customer and place <= 3 * wanted then 'absent'
            end as part

        from sized

        where place <= case when is_customer then 4 else 3 end * wanted
        """
    )
    # A subsidiary that uses the domain of the company it is taken for: no rule on domains can tell the two apart.
    connection.execute(
        """
        update sim.accounts
        set domain = pairs.domain
        from (
            select
                account_no,
                lag(domain) over (order by account_no) as domain,
                row_number() over (order by account_no) as place

            from sim.accounts

            inner join sim.account_casts using (account_no)

            where part = 'shared_domain'
        ) as pairs
        where pairs.account_no = accounts.account_no and pairs.place % 2 = 0
        """
    )


def _make_salesforce_accounts(connection: duckdb.DuckDBPyConnection) -> None:
    """The CRM's records: one per account, plus the duplicates that were merged away and the ones that were deleted."""
    connection.execute(
        """
        create table sim.salesforce_accounts as
        with

        losers as (

            select account_no, part, copy

            from sim.account_casts

            inner join (values (1), (2)) as copies (copy) on copy = 1 or part = 'merge_chain'

            where part in ('merge_chain', 'simple_merge')

        )

        select
            accounts.account_no,
            accounts.salesforce_id,
            0 as copy,
            accounts.legal_name as name,
            accounts.created_on,
            null::varchar as merged_into_id,
            null::timestamp as merged_at,
            case casts.part
                when 'deleted' then (sim.second_delivery() - 4)::timestamp + interval '10 hours'
                when 'restored' then (sim.second_delivery() - 3)::timestamp + interval '11 hours'
            end as deleted_at,
            case casts.part when 'restored' then (sim.second_delivery() + 1)::timestamp + interval '9 hours' end as restored_at,
            -- missing from the last export although nobody deleted it: the exporting user lost sight of it
            case casts.part when 'absent' then sim.second_delivery() + 1 end as unseen_from

        from sim.accounts as accounts

        left join sim.account_casts as casts using (account_no)

        where accounts.in_salesforce

        union all

        -- chain: copy 1 was merged into copy 2, and copy 2 later into the account itself
        select
            losers.account_no,
            sim.salesforce_id('001', 9000000 + losers.account_no * 2 + losers.copy),
            losers.copy,
            accounts.name || case losers.copy when 1 then ' (old)' else '' end,
            (accounts.created_on + 20)::date,
            case when losers.part = 'merge_chain' and losers.copy = 1
                then sim.salesforce_id('001', 9000000 + losers.account_no * 2 + 2)
                else accounts.salesforce_id end,
            case when losers.copy = 1 then (sim.first_delivery() - 5)::timestamp + interval '13 hours'
                else (sim.second_delivery() - 8)::timestamp + interval '14 hours' end,
            null,
            null,
            null

        from losers

        inner join sim.accounts as accounts using (account_no)
        """
    )


def _make_links(connection: duckdb.DuckDBPyConnection) -> None:
    """How each system names the account, and by which rule it can be recognised there."""
    connection.execute(
        """
        create table sim.links as
        with

        wishes as (

            select account_no, 'desk' as place,
                case
                    when desk = 'jira_service_management' or casts.part = 'shared_domain' then 'domain'
                    else desk_link_wish
                end as wish

            from sim.accounts

            left join sim.account_casts as casts using (account_no)

            where is_customer

            union all

            select account_no, 'usage', case when casts.part = 'shared_domain' then 'external_id_18' else usage_link_wish end

            from sim.accounts

            left join sim.account_casts as casts using (account_no)

            where is_customer

            union all

            select account_no, 'billing', case when casts.part = 'shared_domain' then 'external_id_18' else billing_link_wish end

            from sim.accounts

            left join sim.account_casts as casts using (account_no)

            where is_customer

            union all

            select account_no, 'hubspot', hubspot_link from sim.accounts where crm_place = 'both'

        ),

        firsts as (

            -- an account that other systems knew before the merge is still known there by the record that lost
            select account_no, salesforce_id from sim.salesforce_accounts where copy = 1

        )

        select
            wishes.account_no,
            wishes.place,
            case
                when not accounts.in_salesforce and wishes.wish like 'external_id%' then 'external_id'
                else wishes.wish
            end as rule,
            case
                when wishes.wish not like 'external_id%' then null
                when not accounts.in_salesforce then accounts.hubspot_id
                when wishes.wish = 'external_id_15'
                    then substr(case when wishes.place = 'desk' then coalesce(firsts.salesforce_id, accounts.salesforce_id) else accounts.salesforce_id end, 1, 15)
                else case when wishes.place = 'desk' then coalesce(firsts.salesforce_id, accounts.salesforce_id) else accounts.salesforce_id end
            end as external_id,
            wishes.place = 'desk' and wishes.wish like 'external_id%' and firsts.salesforce_id is not null as is_by_merged_record

        from wishes

        inner join sim.accounts as accounts using (account_no)

        left join firsts using (account_no)
        """
    )


def _make_namesakes(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table sim.namesakes as
        -- companies in HubSpot that share a name with a Salesforce account and nothing else
        select
            account_no,
            legal_name as name,
            replace(domain, '.example', '-group.example') as domain,
            (20900000000 + account_no * 19)::varchar as hubspot_id

        from sim.accounts

        where crm_place = 'salesforce' and account_no not in (select account_no from sim.account_casts)

        qualify row_number() over (order by sim.roll('namesake', account_no), account_no) <= greatest(2, count(*) over () // 150)
        """
    )
