{# What the control models go through, each list in one place. #}


{% macro event_tables() -%}
    {#- Staging views of what happened, with the column that says when. -#}
    {{ return([
        ('salesforce__opportunity_histories', 'changed_at'),
        ('salesforce__opportunity_field_histories', 'changed_at'),
        ('hubspot__property_histories', 'changed_at'),
        ('zendesk__ticket_events', 'changed_at'),
        ('jira_service_management__issue_changes', 'changed_at'),
        ('segment__tracks', 'occurred_at'),
        ('posthog__events', 'occurred_at'),
        ('amplitude__events', 'occurred_at'),
        ('mixpanel__events', 'occurred_at'),
    ]) }}
{%- endmacro %}


{% macro conformed_objects() -%}
    {#-
        Every loaded table, with the model that its rows end up in. A conformed model joins the control totals here: name it,
        and say by `rows` which of its rows are the table's, where it holds those of others too. `counted` is what stands for
        a row of the export where it is not a row, `instance` what tells the instance where no column does.

        A table that nothing conforms names no model and says why by `ends_in_staging`.

        `left_out` names rows of staging (staged_rows) that the model leaves out, and why; of two reasons for one row, the
        first counts. Reasons look at staging, at the policy and at tables whose own totals are proven, never at what the
        model holds: what it lost would then be explained.
    -#}
    {%- set later_cases = {'came_in_after_as_of': 'coalesce(created_at, updated_at) >= ' ~ as_of_end()} -%}
    {#- A deal without a date is known from the day on which its first file was delivered. -#}
    {%- set later_deals = {'came_in_after_as_of': later_cases.came_in_after_as_of
        ~ ' or (coalesce(created_at, updated_at) is null and file_id in (select file_id from ' ~ ref('stg_ledger__files')
        ~ ' where delivered_at >= ' ~ as_of_end() ~ '))'} -%}
    {%- set later_rows = {'came_in_after_as_of': 'created_at >= ' ~ as_of_end()} -%}
    {%- set later_usage = {'happened_after_as_of': 'occurred_at >= ' ~ as_of_end()} -%}
    {%- set later_changes = {'happened_after_as_of': 'changed_at >= ' ~ as_of_end()} -%}
    {%- set told_of_a_deal = 'observed_at < ' ~ as_of_end() ~ ' and opportunity_id in (select opportunity_id from '
        ~ ref('int_stage__opportunity_record_versions_unioned') ~ ')' -%}
    {%- set instance_of_deal = "split_part(opportunity_id, ':', 2)" -%}
    {%- set instance_of_case = "split_part(support_case_id, ':', 2)" -%}
    {%- set seats_not_given = {'not_given_by_as_of': 'least(assigned_at, invited_at) >= ' ~ as_of_end()} -%}
    {{ return([
        {
            'table': 'salesforce__accounts',
            'model': 'int_accounts__records_unioned',
            'rows': "source_system = 'salesforce'",
        },
        {
            'table': 'salesforce__opportunities',
            'model': 'int_stage__opportunities_valued',
            'rows': "source_system = 'salesforce'",
            'left_out': later_deals,
        },
        {
            'table': 'salesforce__opportunity_histories',
            'model': 'int_stage__salesforce_changes_conformed',
            'instance': instance_of_deal,
            'counted': 'count(distinct source_row_id)',
            'rows': "change_source = 'opportunity_history' and " ~ told_of_a_deal,
            'left_out': dict(
                later_changes,
                of_no_known_deal=_of_no_known_deal('salesforce', 'opportunity_id'),
                repeats_the_entry_before=_opportunity_history_where('is_repetition'),
                told_by_field_history=_opportunity_history_where('is_told_by_field_history'),
            ),
        },
        {
            'table': 'salesforce__opportunity_field_histories',
            'model': 'int_stage__salesforce_changes_conformed',
            'instance': instance_of_deal,
            'rows': "change_source = 'field_history' and " ~ told_of_a_deal,
            'left_out': dict(
                later_changes,
                of_no_known_deal=_of_no_known_deal('salesforce', 'opportunity_id'),
                field_not_followed='not ' ~ _is_of_attributes('salesforce', 'field_name'),
                name_beside_an_id=_is_of_attributes('salesforce', 'field_name', ['owner_record_id', 'account_record_id'])
                ~ ' and not coalesce(' ~ matches('coalesce(new_value, old_value)', "'^(005|00G|001)[0-9A-Za-z]{12}([A-Z0-5]{3})?$'")
                ~ ', false)',
            ),
        },
        {
            'table': 'salesforce__opportunity_contact_roles',
            'model': 'int_people__committee_roles_conformed',
            'rows': "source_system = 'salesforce'",
            'left_out': {'deleted_in_the_crm': 'is_deleted and not is_later_version'},
        },
        {
            'table': 'salesforce__contacts',
            'model': 'int_people__people_unioned',
            'rows': "source_system = 'salesforce'",
        },
        {
            'table': 'salesforce__leads',
            'model': 'int_leads__leads_conformed',
            'rows': "source_system = 'salesforce'",
            'left_out': later_rows,
        },
        {
            'table': 'salesforce__tasks',
            'model': 'int_activities__activities_conformed',
            'rows': "source_system = 'salesforce' and source_object = 'task'",
            'left_out': later_rows,
        },
        {
            'table': 'salesforce__events',
            'model': 'int_activities__activities_conformed',
            'rows': "source_system = 'salesforce' and source_object = 'event'",
            'left_out': later_rows,
        },
        {
            'table': 'salesforce__users',
            'model': 'int_people__users_unioned',
            'rows': "source_system = 'salesforce'",
        },
        {
            'table': 'salesforce__dated_conversion_rates',
            'model': 'int_stage__conversion_rates_spread',
            'counted': "count(distinct currency_code || ' ' || cast(start_date as string))",
            'left_out': {
                'begins_after_as_of': 'start_date > ' ~ as_of_date(),
                'not_positive': 'coalesce(conversion_rate <= 0, true)',
                'ends_before_it_begins': 'next_start_date <= start_date',
                'not_the_corporate_rates': 'not exists (select 1 from ' ~ ref('corporate_currency') ~ ' as corporate_currency'
                ~ " where corporate_currency.rates_system = 'salesforce'"
                ~ ' and corporate_currency.rates_instance = staged_rows.source_instance)',
            },
        },
        {
            'table': 'hubspot__deals',
            'model': 'int_stage__opportunities_valued',
            'rows': "source_system = 'hubspot'",
            'left_out': later_deals,
        },
        {
            'table': 'hubspot__companies',
            'model': 'int_accounts__records_unioned',
            'rows': "source_system = 'hubspot'",
        },
        {
            'table': 'hubspot__contacts',
            'model': 'int_people__people_unioned',
            'rows': "source_system = 'hubspot'",
        },
        {
            'table': 'hubspot__owners',
            'model': 'int_people__users_unioned',
            'rows': "source_system = 'hubspot'",
        },
        {
            'table': 'hubspot__pipelines',
            'ends_in_staging': 'Nothing is read from it: deals have the id, and what stages are called is in pipeline_stages.',
        },
        {'table': 'hubspot__pipeline_stages', 'model': 'int_stage__pipeline_stages_labelled'},
        {
            'table': 'hubspot__property_histories',
            'model': 'int_stage__hubspot_changes_conformed',
            'instance': instance_of_deal,
            'rows': told_of_a_deal,
            'left_out': dict(
                later_changes,
                of_no_deal="not coalesce(lower(object_type) in ('deal', 'deals', '0-3'), false)",
                of_no_known_deal=_of_no_known_deal('hubspot', 'object_id'),
                field_not_followed='not ' ~ _is_of_attributes('hubspot', 'property_name'),
            ),
        },
        {
            'table': 'zendesk__tickets',
            'model': 'int_support__cases_conformed',
            'rows': "source_system = 'zendesk'",
            'left_out': later_cases,
        },
        {
            'table': 'zendesk__ticket_metrics',
            'model': 'int_support__case_exports_unioned',
            'counted': 'count(distinct source_case_id)',
            'rows': "source_system = 'zendesk' and not has_state and support_case_id in (select support_case_id from "
            ~ ref('int_support__cases_conformed') ~ ')',
            'left_out': {
                'happened_after_as_of': 'coalesce(updated_at, created_at) >= ' ~ as_of_end(),
                'came_in_after_as_of': later_cases.came_in_after_as_of,
                'of_no_known_case': _of_no_known_case('zendesk', 'ticket_id'),
                'without_a_moment': 'coalesce(updated_at, created_at) is null',
            },
        },
        {
            'table': 'zendesk__ticket_events',
            'model': 'int_support__case_changes_unioned',
            'instance': instance_of_case,
            'counted': 'count(distinct source_change_id)',
            'rows': "source_system = 'zendesk' and change_basis = 'logged'",
            'left_out': dict(
                later_changes,
                of_no_known_case=_of_no_known_case('zendesk', 'ticket_id'),
                field_not_followed='not coalesce(case when child_events is null'
                ~ " then field_name in ('status', 'priority', 'assignee', 'assignee_id')"
                ~ ' else ' ~ _names_a_field('cast(child_events as string)', 'field_name') ~ ' end, false)',
            ),
        },
        {
            'table': 'zendesk__satisfaction_ratings',
            'model': 'int_support__cases_conformed',
            'counted': 'count(rated_at)',
            'rows': "source_system = 'zendesk'",
            'left_out': {
                'happened_after_as_of': 'coalesce(updated_at, created_at) >= ' ~ as_of_end(),
                'without_a_moment': 'coalesce(updated_at, created_at) is null',
                'of_no_known_case': _of_no_known_case('zendesk', 'ticket_id'),
                'replaced_by_a_later_rating': _has_a_later_rating(),
            },
        },
        {
            'table': 'zendesk__organizations',
            'model': 'int_identity__account_links_matched',
            'rows': _companies_with_a_record('zendesk__organizations', 'organization_id'),
        },
        {
            'table': 'zendesk__users',
            'model': 'int_people__people_unioned',
            'rows': "source_system = 'zendesk'",
            'left_out': {'works_at_the_desk': "user_role <> 'end-user'"},
        },
        {
            'table': 'jira_service_management__issues',
            'model': 'int_support__cases_conformed',
            'rows': "source_system = 'jira_service_management'",
            'left_out': later_cases,
        },
        {
            'table': 'jira_service_management__issue_changes',
            'model': 'int_support__case_changes_unioned',
            'instance': instance_of_case,
            'counted': 'count(distinct source_change_id)',
            'rows': "source_system = 'jira_service_management' and change_basis = 'logged'"
            ~ ' and (' ~ instance_of_case ~ ', source_change_id) in (select source_instance, issue_change_id from '
            ~ ref('stg_jira_service_management__issue_changes') ~ ')',
            'left_out': dict(
                later_changes,
                of_no_known_case='case when issue_id is null then ' ~ _of_no_known_key() ~ ' else '
                ~ _of_no_known_case('jira_service_management', 'issue_id') ~ ' end',
                field_not_followed='not coalesce(' ~ _names_a_field('lower(cast(items as string))', 'field') ~ ', false)',
            ),
        },
        {
            'table': 'freshdesk__tickets',
            'model': 'int_support__cases_conformed',
            'rows': "source_system = 'freshdesk'",
            'left_out': later_cases,
        },
        {
            'table': 'freshdesk__companies',
            'model': 'int_identity__account_links_matched',
            'rows': _companies_with_a_record('freshdesk__companies', 'company_id'),
        },
        {
            'table': 'freshdesk__contacts',
            'model': 'int_people__people_unioned',
            'rows': "source_system = 'freshdesk'",
        },
        {
            'table': 'intercom__conversations',
            'model': 'int_support__cases_conformed',
            'rows': "source_system = 'intercom'",
            'left_out': later_cases,
        },
        {
            'table': 'intercom__companies',
            'model': 'int_identity__account_links_matched',
            'rows': _companies_with_a_record('intercom__companies', 'company_id'),
        },
        {
            'table': 'intercom__contacts',
            'model': 'int_people__people_unioned',
            'rows': "source_system = 'intercom'",
        },
        {
            'table': 'segment__tracks',
            'model': 'int_usage__workspace_days_aggregated',
            'counted': 'sum(event_count)',
            'rows': "source_system = 'segment' and activity_date <= " ~ as_of_date(),
            'left_out': later_usage,
        },
        {
            'table': 'posthog__events',
            'model': 'int_usage__workspace_days_aggregated',
            'counted': 'sum(event_count)',
            'rows': "source_system = 'posthog' and activity_date <= " ~ as_of_date(),
            'left_out': later_usage,
        },
        {
            'table': 'amplitude__events',
            'model': 'int_usage__workspace_days_aggregated',
            'counted': 'sum(event_count)',
            'rows': "source_system = 'amplitude' and activity_date <= " ~ as_of_date(),
            'left_out': later_usage,
        },
        {
            'table': 'mixpanel__events',
            'model': 'int_usage__workspace_days_aggregated',
            'counted': 'sum(event_count)',
            'rows': "source_system = 'mixpanel' and activity_date <= " ~ as_of_date(),
            'left_out': later_usage,
        },
        {'table': 'product__seats', 'model': 'int_commercial__seats_conformed', 'left_out': seats_not_given},
        {'table': 'product__entitlements', 'model': 'int_commercial__entitlements_conformed'},
        {'table': 'billing__subscriptions', 'model': 'int_commercial__subscriptions_conformed'},
        {'table': 'billing__invoices', 'model': 'int_commercial__invoices_conformed'},
        {
            'table': 'infohub__files',
            'model': 'int_infohub__files_dated',
            'rows': '(source_instance, file_path) in (select source_instance, file_path from ' ~ ref('stg_infohub__files')
            ~ ' where not is_removed_since)',
            'left_out': {
                'template': "file_kind = 'template' and not is_removed_since",
                'of_no_node': 'node is null and not is_removed_since',
            },
        },
    ]) }}
{%- endmacro %}


{% macro _companies_with_a_record(table_name, id_column) -%}
    {#- People name companies that their system has no record of, or has only since later: these are no rows of an export. -#}
    source_system = '{{ table_name.split('__')[0] }}'
    and object_type in ('organization', 'company')
    and object_id in (select {{ id_column }} from {{ ref('stg_' ~ table_name) }})
{%- endmacro %}


{% macro _of_no_known_deal(source_system, id_column) -%}
    {#- What deals there are is proven by the totals of the deals themselves; so it is for cases. -#}
    not exists (
        select 1
        from {{ ref('int_stage__opportunities_valued') }} as deals
        where
            deals.opportunity_id
            = {{ conformed_id("'" ~ source_system ~ "'", 'staged_rows.source_instance', 'staged_rows.' ~ id_column) }}
    )
{%- endmacro %}


{% macro _of_no_known_case(source_system, id_column) -%}
    not exists (
        select 1
        from {{ ref('int_support__cases_conformed') }} as cases
        where
            cases.support_case_id
            = {{ conformed_id("'" ~ source_system ~ "'", 'staged_rows.source_instance', 'staged_rows.' ~ id_column) }}
    )
{%- endmacro %}


{% macro _of_no_known_key() -%}
    {#- Of an entry that names its issue by no more than a key. -#}
    not exists (
        select 1
        from (
            select
                source_instance,
                max(source_case_number) as issue_key
            from {{ ref('int_support__case_exports_unioned') }}
            where source_system = 'jira_service_management' and has_state
            group by source_instance, source_case_id
        ) as issues
        where
            issues.source_instance = staged_rows.source_instance
            and issues.issue_key = staged_rows.issue_key
    )
{%- endmacro %}


{% macro _is_of_attributes(source_system, field_column, attributes=[]) -%}
    {#- Whether a field is one of those by which a deal is followed, or by which these of its attributes are. -#}
    exists (
        select 1
        from {{ ref('opportunity_attributes') }} as attributes
        where
            attributes.source_system = '{{ source_system }}'
            and lower(attributes.field_name) = lower(staged_rows.{{ field_column }})
            {%- if attributes %}
            and attributes.attribute in ('{{ attributes | join("', '") }}')
            {%- endif %}
    )
{%- endmacro %}


{% macro _names_a_field(document, member) -%}
    {#- Looks at the text and unpacks nothing: what is lost in unpacking would be lost here too. -#}
    {{ matches(document, "'\"" ~ member ~ "\"[^\"a-z]*\"(status|priority|assignee|assignee_id)\"'") }}
{%- endmacro %}


{% macro _opportunity_history_where(condition) -%}
    exists (
        select 1
        from {{ ref('int_control__opportunity_histories_compared') }} as compared
        where
            compared.source_instance = staged_rows.source_instance
            and compared.opportunity_history_id = staged_rows.opportunity_history_id
            and compared.{{ condition }}
    )
{%- endmacro %}


{% macro _has_a_later_rating() -%}
    exists (
        select 1
        from {{ ref('stg_zendesk__satisfaction_ratings') }} as ratings
        where
            ratings.source_instance = staged_rows.source_instance
            and ratings.ticket_id = staged_rows.ticket_id
            and coalesce(ratings.updated_at, ratings.created_at) < {{ as_of_end() }}
            and (
                coalesce(ratings.updated_at, ratings.created_at) > coalesce(staged_rows.updated_at, staged_rows.created_at)
                or (
                    coalesce(ratings.updated_at, ratings.created_at)
                    = coalesce(staged_rows.updated_at, staged_rows.created_at)
                    and ratings.satisfaction_rating_id > staged_rows.satisfaction_rating_id
                )
            )
    )
{%- endmacro %}


{% macro rows_created_after_the_day(table_name) -%}
    {#-
        Rows of a loaded table that known_rows leaves out, because they did not exist on the day asked about: how many of each
        instance. Null where a table cannot have any.
    -#}
    {%- set meta = _meta_of(table_name) -%}
    {%- if table_name == 'infohub__files' %}
    {{ files_absent_on_the_day() }}
    {%- elif meta.created is defined and var('as_of', none) is not none %}
    select
        source_instance,
        count(*) as row_count

    from {{ _latest_known_rows(table_name) }}

    where {{ _is_later(meta.stamp) }} and {{ meta.created }} >= {{ as_of_end() }}

    group by source_instance
    {%- else %}
    select
        cast(null as string) as source_instance,
        0 as row_count

    where 1 = 0
    {%- endif %}
{%- endmacro %}


{% macro restated_models() -%}
    {#- The models that list what changed in days that had been reported. A daily table's joins the corrections here. -#}
    {{ return([
        'int_stage__opportunity_days_restated',
        'int_support__case_days_restated',
        'int_usage__workspace_days_restated',
    ]) }}
{%- endmacro %}
