"""The help desks' exports: Zendesk as NDJSON, JSON and CSV, Jira as API pages, Freshdesk as JSON arrays, Intercom as JSON lines.

One simulated ticket is written in the shape of the desk that its customer uses.
"""

from __future__ import annotations

from datetime import date

from ingestion.sample.landing_files import LandingFiles
from ingestion.sample.presets import Period, Timeline

ZENDESK = "zendesk/main"
JIRA = "jira_service_management/main"
FRESHDESK = "freshdesk/acquired"
INTERCOM = "intercom/acquired"

# Freshdesk and Intercom number what Zendesk names.
_FRESHDESK_STATUSES = (
    "case status when 'pending' then 3 when 'hold' then 6 when 'solved' then 4 when 'closed' then 5 else 2 end"
)
_FRESHDESK_PRIORITIES = "case priority when 'low' then 1 when 'high' then 3 when 'urgent' then 4 else 2 end"
_FRESHDESK_SOURCES = "case channel when 'email' then 1 when 'chat' then 7 else 2 end"
_JIRA_STATUSES = (
    "case {0} when 'new' then 'Waiting for support' when 'open' then 'In progress' when 'pending' then 'Waiting for customer' "
    "when 'hold' then 'Pending' when 'solved' then 'Resolved' when 'closed' then 'Closed' when 'deleted' then 'Canceled' end"
)
_JIRA_PRIORITIES = (
    "case priority when 'urgent' then 'Highest' when 'high' then 'High' when 'low' then 'Low' else 'Medium' end"
)
_INTERCOM_STATES = (
    "case when {0} in ('solved', 'closed', 'deleted') then 'closed' when {0} = 'hold' then 'snoozed' else 'open' end"
)
_INTERCOM_TEAM = "6100"


def write_support(files: LandingFiles, line: Timeline) -> None:
    for month in line.months:
        _write_zendesk_tickets(files, month)
    for span in line.changes:
        _write_zendesk_changes(files, span)
        _write_jira(files, span)
        _write_freshdesk_tickets(files, span)
        _write_intercom_conversations(files, span)
    for day in line.deliveries:
        _write_zendesk_directory(files, day)
        _write_freshdesk_directory(files, day)
        _write_intercom_directory(files, day)


def _tickets_at(desk: str, span: Period) -> str:
    """The desk's tickets that changed in the span, as they stood at its end: the start of a `with` clause."""
    return f"""
        with

        touched as (

            -- what changed in the span; the rest of the desk's history need not be looked at
            select ticket_no from sim.ticket_statuses
            where changed_at >= date '{span.first}' and changed_at < date '{span.last}' + 1
            union
            select ticket_no from sim.tickets
            where rating is not null and rated_at >= date '{span.first}' and rated_at < date '{span.last}' + 1

        ),

        states as (

            select
                statuses.ticket_no,
                arg_max(statuses.status, (statuses.changed_at, statuses.place)) as status,
                max(statuses.changed_at) as status_changed_at

            from sim.ticket_statuses as statuses

            semi join touched using (ticket_no)

            inner join sim.tickets as tickets using (ticket_no)

            where tickets.desk = '{desk}' and statuses.changed_at < date '{span.last}' + 1

            group by statuses.ticket_no

        ),

        stamped as (

            select
                tickets.* replace (
                    case when first_reply_at < date '{span.last}' + 1 and deleted_at is null then first_reply_at end as first_reply_at,
                    case when solved_at < date '{span.last}' + 1 and deleted_at is null then solved_at end as solved_at,
                    case when reopened_at < date '{span.last}' + 1 and deleted_at is null then reopened_at end as reopened_at,
                    case when solved_again_at < date '{span.last}' + 1 and deleted_at is null then solved_again_at end as solved_again_at,
                    case when closed_at < date '{span.last}' + 1 and deleted_at is null then closed_at end as closed_at,
                    case when rated_at < date '{span.last}' + 1 and deleted_at is null then rating end as rating
                ),
                states.status,
                states.status_changed_at,
                greatest(
                    states.status_changed_at,
                    case when tickets.rated_at < date '{span.last}' + 1 and tickets.rating is not null and tickets.deleted_at is null then tickets.rated_at end
                ) as updated_at

            from states

            inner join sim.tickets as tickets using (ticket_no)

        ),

        changed as (

            select
                stamped.*,
                coalesce(solved_again_at, solved_at) as last_solved_at,
                accounts.name as account_name,
                accounts.domain,
                accounts.hubspot_id as account_hubspot_id,
                accounts.account_no * 100 + 7300000000 as organization_id,
                requesters.support_id as requester_id,
                -- where the name is all there is, people write from a private address
                case when links.rule = 'name_only' then 'contact' || requesters.contact_no || '@mail.example' else requesters.email end as requester_email,
                requesters.first_name || ' ' || requesters.last_name as requester_name,
                agents.support_id as agent_id,
                agents.name as agent_name

            from stamped

            inner join sim.accounts as accounts using (account_no)

            inner join sim.links as links on links.account_no = stamped.account_no and links.place = 'desk'

            inner join sim.contacts as requesters
                on requesters.account_no = stamped.account_no and requesters.place = stamped.requester_place

            inner join sim.users as agents on agents.user_no = stamped.agent_no

            where stamped.updated_at >= date '{span.first}'

        )
        """


def _write_zendesk_tickets(files: LandingFiles, month: Period) -> None:
    files.json_lines(
        f"{ZENDESK}/tickets/tickets_{month.label}.ndjson.gz",
        f"""
        {_tickets_at("zendesk", month)},

        written as (

            -- an incremental export that is resumed repeats some of what it had written
            select * from changed
            union all
            select * from changed where sim.roll('ticket repeated', ticket_no) < 0.01

        )

        select
            ticket_no as id,
            'https://larkspur.zendesk.example/api/v2/tickets/' || ticket_no || '.json' as url,
            null::varchar as external_id,
            {{'channel': channel}} as via,
            sim.zendesk_text(created_at) as created_at,
            sim.zendesk_text(updated_at) as updated_at,
            type,
            subject,
            subject || chr(10) || 'Sent by ' || requester_name as description,
            priority,
            status,
            requester_id,
            agent_id as assignee_id,
            case when sim.roll('ticket without organization', ticket_no) >= 0.02 then organization_id end as organization_id,
            list_filter([tag, case when is_escalated then 'escalated' end, case when is_cancel_request then 'cancellation' end], lambda word: word is not null) as tags,
            {{'score': coalesce(rating, case when last_solved_at is null then 'unoffered' else 'offered' end)}} as satisfaction_rating

        from written
        """,
        "id",
        delivered_on=month.last,
        table="zendesk__tickets",
    )


def _write_zendesk_changes(files: LandingFiles, span: Period) -> None:
    files.json_lines(
        f"{ZENDESK}/ticket_metrics_{span.label}.ndjson",
        f"""
        {_tickets_at("zendesk", span)}

        select
            ticket_no + 50000000 as id,
            ticket_no as ticket_id,
            case when reopened_at is not null then 1 else 0 end as reopens,
            case when first_reply_at is null then 0 else 1 + sim.roll_int('replies', ticket_no, 0, 4) end as replies,
            case when first_reply_at is not null then {{'calendar': first_reply_minutes, 'business': (first_reply_minutes * 3) // 10}} end as reply_time_in_minutes,
            case when solved_at is not null then {{
                'calendar': date_diff('minute', created_at, solved_at),
                'business': date_diff('minute', created_at, solved_at) * 3 // 10
            }} end as first_resolution_time_in_minutes,
            case when last_solved_at is not null then {{
                'calendar': date_diff('minute', created_at, last_solved_at),
                'business': date_diff('minute', created_at, last_solved_at) * 3 // 10
            }} end as full_resolution_time_in_minutes,
            sim.zendesk_text(last_solved_at) as solved_at,
            sim.zendesk_text(status_changed_at) as status_updated_at,
            sim.zendesk_text(created_at) as created_at,
            sim.zendesk_text(updated_at) as updated_at

        from changed
        """,
        "id",
        delivered_on=span.last,
        table="zendesk__ticket_metrics",
    )
    # The backlog was taken in one piece and left unpacked; what came after it was packed.
    ending = "" if span.is_backlog else ".gz"
    files.json_lines(
        f"{ZENDESK}/ticket_events_{span.label}.ndjson{ending}",
        f"""
        select
            statuses.ticket_no * 10 + statuses.place as id,
            statuses.ticket_no as ticket_id,
            sim.zendesk_text(statuses.changed_at) as created_at,
            agents.support_id as author_id,
            {{'channel': 'web'}} as via,
            [{{
                'id': statuses.ticket_no * 100 + statuses.place,
                'type': case statuses.place when 1 then 'Create' else 'Change' end,
                'field_name': 'status',
                'value': statuses.status,
                'previous_value': statuses.previous_status
            }}] as events

        from sim.ticket_statuses as statuses

        inner join sim.tickets as tickets using (ticket_no)

        inner join sim.users as agents on agents.user_no = tickets.agent_no

        where tickets.desk = 'zendesk'
            and statuses.changed_at >= date '{span.first}' and statuses.changed_at < date '{span.last}' + 1
        """,
        "id",
        delivered_on=span.last,
        table="zendesk__ticket_events",
    )
    files.csv(
        f"{ZENDESK}/satisfaction_ratings_{span.label}.csv",
        f"""
        select
            (tickets.ticket_no + 90000000)::varchar as id,
            tickets.ticket_no::varchar as ticket_id,
            tickets.rating as score,
            case when tickets.rating = 'bad' then sim.pick(['Too slow', 'Not solved', 'Wrong answer'], 'rating reason', tickets.ticket_no) end as reason,
            case
                when tickets.rating = 'bad' then 'Took long.' || chr(10) || 'And then "it works for me".'
                when sim.roll('rating comment', tickets.ticket_no) < 0.3 then 'Thanks, quick and kind'
            end as comment,
            requesters.support_id::varchar as requester_id,
            agents.support_id::varchar as assignee_id,
            sim.zendesk_text(tickets.rated_at) as created_at,
            sim.zendesk_text(tickets.rated_at) as updated_at

        from sim.tickets as tickets

        inner join sim.contacts as requesters
            on requesters.account_no = tickets.account_no and requesters.place = tickets.requester_place

        inner join sim.users as agents on agents.user_no = tickets.agent_no

        where tickets.desk = 'zendesk'
            and tickets.rating is not null
            and tickets.deleted_at is null
            and tickets.rated_at >= date '{span.first}' and tickets.rated_at < date '{span.last}' + 1
        """,
        "id",
        delivered_on=span.last,
        table="zendesk__satisfaction_ratings",
        quote_all=False,
    )


def _write_zendesk_directory(files: LandingFiles, day: date) -> None:
    files.json_document(
        f"{ZENDESK}/organizations_{day}.json",
        f"""
        select
            accounts.account_no::bigint * 100 + 7300000000 as id,
            case links.rule when 'name_only' then upper(accounts.name) else accounts.name end as name,
            links.external_id,
            case links.rule when 'name_only' then []::varchar[] else [accounts.domain] end as domain_names,
            [accounts.segment] as tags,
            {{'region': accounts.region}} as organization_fields,
            sim.zendesk_text(accounts.contract_started_on::timestamp + interval '8 hours') as created_at,
            sim.zendesk_text(accounts.contract_started_on::timestamp + interval '8 hours') as updated_at,
            null::varchar as deleted_at

        from sim.accounts as accounts

        inner join sim.links as links on links.account_no = accounts.account_no and links.place = 'desk'

        where accounts.desk = 'zendesk' and accounts.contract_started_on <= date '{day}'

        union all

        -- the desk's own test organization: nobody's account
        select 7299999900, 'Larkspur internal tests', null, []::varchar[], ['internal'], {{'region': null}},
            sim.zendesk_text(sim.first_day()::timestamp), sim.zendesk_text(sim.first_day()::timestamp), null
        """,
        "id",
        delivered_on=day,
        table="zendesk__organizations",
        records_at="organizations",
    )
    files.csv(
        f"{ZENDESK}/users_{day}.csv",
        f"""
        select
            contacts.support_id::varchar as id,
            contacts.first_name || ' ' || contacts.last_name as name,
            case when links.rule = 'name_only' then 'contact' || contacts.contact_no || '@mail.example' else contacts.email end as email,
            'end-user' as role,
            (accounts.account_no::bigint * 100 + 7300000000)::varchar as organization_id,
            'true' as active,
            sim.zendesk_text(contacts.created_on::timestamp + interval '8 hours') as created_at,
            sim.zendesk_text(contacts.created_on::timestamp + interval '8 hours') as updated_at

        from sim.contacts as contacts

        inner join sim.accounts as accounts using (account_no)

        inner join sim.links as links on links.account_no = accounts.account_no and links.place = 'desk'

        where accounts.desk = 'zendesk' and accounts.contract_started_on <= date '{day}' and contacts.created_on <= date '{day}'

        union all

        select support_id::varchar, name, email, 'agent', null, 'true',
            sim.zendesk_text(sim.first_day()::timestamp), sim.zendesk_text(sim.first_day()::timestamp)

        from sim.users

        where role = 'agent'
        """,
        "id",
        delivered_on=day,
        table="zendesk__users",
        quote_all=False,
    )


def _write_jira(files: LandingFiles, span: Period) -> None:
    files.json_document(
        f"{JIRA}/issues_{span.label}.json",
        f"""
        {_tickets_at("jira_service_management", span)}{_jira_histories(span) if span.is_backlog else ""}

        select
            (400000 + ticket_no)::varchar as id,
            'SUP-' || ticket_no as "key",
            {{
                'project': {{'key': 'SUP', 'name': 'Support'}},
                'issuetype': {{'name': case type when 'incident' then 'Incident' else 'Service Request' end}},
                'summary': subject,
                'status': {{
                    'name': {_JIRA_STATUSES.format("status")},
                    'statusCategory': {{'key': case when status in ('solved', 'closed', 'deleted') then 'done' when status = 'new' then 'new' else 'indeterminate' end}}
                }},
                'priority': {{'name': {_JIRA_PRIORITIES}}},
                'resolution': case when last_solved_at is not null then {{'name': 'Done'}} end,
                'customfield_10002': [{{'id': account_no::varchar, 'name': account_name}}],
                'customfield_10031': {{'rating': case rating when 'good' then 5 when 'bad' then 1 end}},
                'reporter': {{'accountId': '70121:' || requester_id, 'displayName': requester_name, 'emailAddress': requester_email}},
                'assignee': {{'accountId': '557058:' || agent_id, 'displayName': agent_name}},
                'labels': list_filter([tag, case when is_escalated then 'escalated' end], lambda word: word is not null),
                'resolutiondate': sim.jira_text(last_solved_at),
                'created': sim.jira_text(created_at),
                'updated': sim.jira_text(updated_at)
            }} as fields
            {", changelog" if span.is_backlog else ""}

        from changed
        {"left join changelogs using (ticket_no)" if span.is_backlog else ""}
        """,
        "id",
        delivered_on=span.last,
        table="jira_service_management__issues",
        records_at="issues",
    )
    files.json_document(
        f"{JIRA}/issue_changes_{span.label}.json",
        f"""
        select
            (7000000 + statuses.ticket_no * 10 + statuses.place)::varchar as id,
            {{'id': (400000 + statuses.ticket_no)::varchar, 'key': 'SUP-' || statuses.ticket_no}} as issue,
            {{'accountId': '557058:' || agents.support_id, 'displayName': agents.name}} as author,
            sim.jira_text(statuses.changed_at) as created,
            [{{
                'field': 'status',
                'fromString': {_JIRA_STATUSES.format("statuses.previous_status")},
                'toString': {_JIRA_STATUSES.format("statuses.status")}
            }}] as items

        from sim.ticket_statuses as statuses

        inner join sim.tickets as tickets using (ticket_no)

        inner join sim.users as agents on agents.user_no = tickets.agent_no

        where tickets.desk = 'jira_service_management'
            and statuses.place > 1
            and statuses.changed_at >= date '{span.first}' and statuses.changed_at < date '{span.last}' + 1
        """,
        "id",
        delivered_on=span.last,
        table="jira_service_management__issue_changes",
        records_at="values",
    )


def _jira_histories(span: Period) -> str:
    """The backlog was taken with each issue's history in it, by somebody an hour east of Greenwich; what came after it was not.

    That a rule gave each issue to an agent when it came in is told nowhere else: the export of changes is of statuses.
    """
    return f""",

        entries as (

            select ticket_no, 0 as place, created_at as changed_at, 'assignee' as field,
                null::varchar as old_id, '557058:' || agent_id as new_id, null::varchar as old_name, agent_name as new_name
            from changed
            union all
            select statuses.ticket_no, statuses.place, statuses.changed_at, 'status', null, null,
                {_JIRA_STATUSES.format("statuses.previous_status")}, {_JIRA_STATUSES.format("statuses.status")}
            from sim.ticket_statuses as statuses
            where statuses.place > 1 and statuses.changed_at < date '{span.last}' + 1

        ),

        changelogs as (

            select
                entries.ticket_no,
                {{
                    'startAt': 0,
                    'maxResults': count(*),
                    'total': count(*),
                    'histories': list({{
                        'id': (7000000 + entries.ticket_no * 10 + entries.place)::varchar,
                        'author': {{'accountId': '557058:' || changed.agent_id, 'displayName': changed.agent_name}},
                        'created': strftime(entries.changed_at + interval '1 hour', '%Y-%m-%dT%H:%M:%S.000+0100'),
                        'items': [{{
                            'field': entries.field,
                            'fieldtype': 'jira',
                            'from': entries.old_id,
                            'fromString': entries.old_name,
                            'to': entries.new_id,
                            'toString': entries.new_name
                        }}]
                    }} order by entries.changed_at desc, entries.place desc)
                }} as changelog

            from entries

            inner join changed using (ticket_no)

            group by entries.ticket_no

        )
        """


def _write_freshdesk_tickets(files: LandingFiles, span: Period) -> None:
    files.json_document(
        f"{FRESHDESK}/tickets_{span.label}.json",
        f"""
        {_tickets_at("freshdesk", span)}

        select
            ticket_no as id,
            subject,
            {_FRESHDESK_STATUSES} as status,
            {_FRESHDESK_PRIORITIES} as priority,
            {_FRESHDESK_SOURCES} as source,
            case type when 'incident' then 'Incident' when 'problem' then 'Problem' else 'Question' end as type,
            requester_id,
            account_no::bigint * 100 + 8400000000 as company_id,
            agent_id as responder_id,
            list_filter([tag, case when is_cancel_request then 'cancellation' end], lambda word: word is not null) as tags,
            is_escalated,
            false as spam,
            status = 'deleted' as deleted,
            {{
                'first_responded_at': sim.zendesk_text(first_reply_at),
                'status_updated_at': sim.zendesk_text(status_changed_at),
                'reopened_at': sim.zendesk_text(reopened_at),
                'resolved_at': sim.zendesk_text(last_solved_at),
                'closed_at': sim.zendesk_text(closed_at)
            }} as stats,
            sim.zendesk_text(created_at) as created_at,
            sim.zendesk_text(updated_at) as updated_at

        from changed
        """,
        "id",
        delivered_on=span.last,
        table="freshdesk__tickets",
    )


def _write_freshdesk_directory(files: LandingFiles, day: date) -> None:
    files.json_document(
        f"{FRESHDESK}/companies_{day}.json",
        f"""
        select
            accounts.account_no::bigint * 100 + 8400000000 as id,
            case links.rule when 'name_only' then upper(accounts.name) else accounts.name end as name,
            case links.rule when 'domain' then [accounts.domain] else []::varchar[] end as domains,
            accounts.industry,
            {{'crm_account_id': links.external_id}} as custom_fields,
            sim.zendesk_text(accounts.contract_started_on::timestamp + interval '8 hours') as created_at,
            sim.zendesk_text(accounts.contract_started_on::timestamp + interval '8 hours') as updated_at

        from sim.accounts as accounts

        inner join sim.links as links on links.account_no = accounts.account_no and links.place = 'desk'

        where accounts.desk = 'freshdesk' and accounts.contract_started_on <= date '{day}'
        """,
        "id",
        delivered_on=day,
        table="freshdesk__companies",
    )
    files.csv(
        f"{FRESHDESK}/contacts_{day}.csv",
        f"""
        select
            contacts.support_id::varchar as "Contact ID",
            contacts.first_name || ' ' || contacts.last_name as "Full name",
            contacts.title as "Title",
            case when links.rule <> 'name_only' then contacts.email else 'contact' || contacts.contact_no || '@mail.example' end as "Email",
            (accounts.account_no::bigint * 100 + 8400000000)::varchar as "Company ID",
            strftime(contacts.created_on, '%Y-%m-%d 09:00:00') as "Created time",
            strftime(contacts.created_on, '%Y-%m-%d 09:00:00') as "Last update time"

        from sim.contacts as contacts

        inner join sim.accounts as accounts using (account_no)

        inner join sim.links as links on links.account_no = accounts.account_no and links.place = 'desk'

        where accounts.desk = 'freshdesk' and accounts.contract_started_on <= date '{day}' and contacts.created_on <= date '{day}'
        """,
        '"Contact ID"',
        delivered_on=day,
        table="freshdesk__contacts",
        quote_all=False,
    )


def _write_intercom_conversations(files: LandingFiles, span: Period) -> None:
    files.json_lines(
        f"{INTERCOM}/conversations_{span.label}.jsonl",
        f"""
        {_tickets_at("intercom", span)},

        turns as (

            select
                statuses.ticket_no,
                statuses.changed_at,
                statuses.place,
                {_INTERCOM_STATES.format("statuses.status")} as state,
                {_INTERCOM_STATES.format("statuses.previous_status")} as previous_state

            from sim.ticket_statuses as statuses

            where statuses.place > 1

        ),

        parts as (

            -- a rule hands each conversation to the team and, within the second, to a teammate
            select ticket_no, created_at as happened_at, 1 as place, 'assignment' as kind, null::varchar as body,
                {{'type': 'team', 'id': '{_INTERCOM_TEAM}'}} as assigned_to, {{'type': 'bot', 'id': '1'}} as author
            from changed
            union all
            select ticket_no, created_at, 2, 'default_assignment', null, {{'type': 'admin', 'id': agent_id::varchar}}, {{'type': 'bot', 'id': '1'}}
            from changed
            union all
            select ticket_no, first_reply_at, 3, 'comment', '<p>Hello ' || requester_name || ', let us see.</p>', null,
                {{'type': 'admin', 'id': agent_id::varchar}}
            from changed
            where first_reply_at is not null
            union all
            -- a state that stays the same is no part
            select
                turns.ticket_no,
                turns.changed_at,
                3 + turns.place,
                case
                    when turns.state = 'closed' then 'close'
                    when turns.state = 'snoozed' then 'snoozed'
                    when turns.previous_state = 'snoozed' then 'unsnoozed'
                    when sim.roll('reopened with a note', turns.ticket_no) < 0.2 then 'note_and_reopen'
                    else 'open'
                end as kind,
                case
                    when kind = 'open' then '<p>It is back. ' || changed.requester_name || '</p>'
                    when kind = 'note_and_reopen' then '<p>It is back for ' || changed.requester_name || '</p>'
                end,
                null,
                case when kind = 'open' then {{'type': 'user', 'id': 'ic' || changed.requester_id}} else {{'type': 'admin', 'id': changed.agent_id::varchar}} end

            from turns

            inner join changed using (ticket_no)

            where turns.state <> turns.previous_state
            union all
            select ticket_no, rated_at, 20, 'conversation_rating_changed', null, null, {{'type': 'user', 'id': 'ic' || requester_id}}
            from changed
            where rating is not null

        ),

        numbered_parts as (

            select parts.*, row_number() over (partition by parts.ticket_no order by parts.happened_at, parts.place) as part_no

            from parts

            inner join changed using (ticket_no)

            where parts.happened_at <= changed.updated_at

        ),

        part_lists as (

            select
                ticket_no,
                list({{
                    'type': 'conversation_part',
                    'id': (ticket_no * 100 + part_no)::varchar,
                    'part_type': kind,
                    'body': body,
                    'created_at': epoch(happened_at)::bigint,
                    'assigned_to': assigned_to,
                    'author': author
                }} order by part_no) as parts,
                count(*) as part_count

            from numbered_parts

            group by ticket_no

        )

        select
            (215400000000000 + ticket_no)::varchar as id,
            'conversation' as type,
            subject as title,
            {_INTERCOM_STATES.format("status")} as state,
            status not in ('solved', 'closed', 'deleted') as open,
            case when priority in ('urgent', 'high') then 'priority' else 'not_priority' end as priority,
            epoch(created_at)::bigint as created_at,
            epoch(updated_at)::bigint as updated_at,
            {{
                'type': 'conversation',
                'subject': subject,
                'author': {{'type': 'user', 'id': 'ic' || requester_id, 'email': requester_email}}
            }} as source,
            {{'type': 'company', 'id': 'icc' || account_no}} as company,
            agent_id::varchar as admin_assignee_id,
            '{_INTERCOM_TEAM}' as team_assignee_id,
            {{'type': 'tag.list', 'tags': [{{'name': tag}}, {{'name': case when is_escalated then 'escalated' else 'normal' end}}]}} as tags,
            case when rating is not null then {{
                'rating': case rating when 'good' then 5 else 1 end,
                'created_at': epoch(rated_at)::bigint
            }} end as conversation_rating,
            {{
                'time_to_admin_reply': case when first_reply_at is not null then first_reply_minutes * 60 end,
                'first_admin_reply_at': epoch(first_reply_at)::bigint,
                'first_close_at': epoch(solved_at)::bigint,
                'last_close_at': epoch(last_solved_at)::bigint,
                'time_to_first_close': date_diff('second', created_at, solved_at),
                'count_reopens': case when reopened_at is null then 0 else 1 end,
                'count_conversation_parts': part_count
            }} as statistics,
            {{
                'type': 'conversation_part.list',
                'conversation_parts': parts,
                'total_count': part_count
            }} as conversation_parts

        from changed

        inner join part_lists using (ticket_no)
        """,
        "id",
        delivered_on=span.last,
        table="intercom__conversations",
    )


def _write_intercom_directory(files: LandingFiles, day: date) -> None:
    files.json_document(
        f"{INTERCOM}/companies_{day}.json",
        f"""
        select
            'icc' || accounts.account_no as id,
            'company' as type,
            links.external_id as company_id,
            case links.rule when 'name_only' then upper(accounts.name) else accounts.name end as name,
            case links.rule when 'domain' then 'https://' || accounts.domain end as website,
            {{'type': 'plan', 'name': accounts.segment}} as plan,
            accounts.employees as size,
            epoch(accounts.contract_started_on::timestamp)::bigint as created_at,
            epoch(accounts.contract_started_on::timestamp)::bigint as updated_at

        from sim.accounts as accounts

        inner join sim.links as links on links.account_no = accounts.account_no and links.place = 'desk'

        where accounts.desk = 'intercom' and accounts.contract_started_on <= date '{day}'
        """,
        "id",
        delivered_on=day,
        table="intercom__companies",
        records_at="data",
    )
    files.json_document(
        f"{INTERCOM}/contacts_{day}.json",
        f"""
        select
            'ic' || contacts.support_id as id,
            'contact' as type,
            'user' as role,
            contacts.first_name || ' ' || contacts.last_name as name,
            case when links.rule <> 'name_only' then contacts.email else 'contact' || contacts.contact_no || '@mail.example' end as email,
            {{'type': 'list', 'data': [{{'id': 'icc' || accounts.account_no, 'type': 'company'}}]}} as companies,
            false as unsubscribed_from_emails,
            epoch(contacts.created_on::timestamp)::bigint as created_at,
            epoch(contacts.created_on::timestamp)::bigint as updated_at

        from sim.contacts as contacts

        inner join sim.accounts as accounts using (account_no)

        inner join sim.links as links on links.account_no = accounts.account_no and links.place = 'desk'

        where accounts.desk = 'intercom' and accounts.contract_started_on <= date '{day}' and contacts.created_on <= date '{day}'
        """,
        "id",
        delivered_on=day,
        table="intercom__contacts",
        records_at="data",
    )
