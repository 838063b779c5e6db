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
        a row of the export where it is not a row. `left_out` names rows of staging that the model leaves out, and why.
    -#}
    {%- set later_cases = {'came_in_after_as_of': 'coalesce(created_at, updated_at) >= ' ~ as_of_end()} -%}
    {#- A deal without a date is known from the day on which its first file was delivered. -#}
    {%- set later_deals = {'came_in_after_as_of': later_cases.came_in_after_as_of
        ~ ' or (coalesce(created_at, updated_at) is null and file_id in (select file_id from ' ~ ref('stg_ledger__files')
        ~ ' where delivered_at >= ' ~ as_of_end() ~ '))'} -%}
    {%- set later_rows = {'came_in_after_as_of': 'created_at >= ' ~ as_of_end()} -%}
    {%- set later_usage = {'happened_after_as_of': 'occurred_at >= ' ~ as_of_end()} -%}
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
        {'table': 'salesforce__opportunity_histories'},
        {'table': 'salesforce__opportunity_field_histories'},
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
        {'table': 'salesforce__dated_conversion_rates'},
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
        {'table': 'hubspot__pipelines'},
        {'table': 'hubspot__pipeline_stages'},
        {'table': 'hubspot__property_histories'},
        {
            'table': 'zendesk__tickets',
            'model': 'int_support__cases_conformed',
            'rows': "source_system = 'zendesk'",
            'left_out': later_cases,
        },
        {'table': 'zendesk__ticket_metrics'},
        {'table': 'zendesk__ticket_events'},
        {'table': 'zendesk__satisfaction_ratings'},
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
        {'table': 'jira_service_management__issue_changes'},
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
        {'table': 'infohub__files', 'rows': 'not is_removed_since'},
    ]) }}
{%- endmacro %}


{% macro _companies_with_a_record(table_name, id_column) -%}
    {#- People name companies that their system has no record of, or has only since later: these are no rows of an export. -#}
    source_system = '{{ table_name.split('__')[0] }}'
    and object_type in ('organization', 'company')
    and object_id in (select {{ id_column }} from {{ ref('stg_' ~ table_name) }})
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
