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
