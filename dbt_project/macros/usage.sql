{# What several usage models share: how an event names its workspace, and what names a day of one. #}


{% macro usage_group_text(system, document) -%}
    {#-
        The name of the account in an event's JSON. Where it lies is each company's own choice, made
        when it set up tracking: --vars '{usage_group_paths: {mixpanel: account_id}}' says so; these
        are the vendors' examples. A list has one name.
    -#}
    {%- set paths = {'posthog': '$groups.company', 'amplitude': 'company', 'mixpanel': 'company_id'} -%}
    {%- set chosen_paths = var('usage_group_paths', {}) -%}
    {%- set path = chosen_paths[system] or paths[system] -%}
    {%- set name = json_text(document, path) -%}
    case when {{ name }} like '[%' then {{ json_first_item(name) }} else {{ name }} end
{%- endmacro %}


{% macro usage_threshold(setting) -%}
    (select cast(threshold as bigint) from {{ ref('usage_thresholds') }} where setting = '{{ setting }}')
{%- endmacro %}


{% macro usage_workspace_key() -%}
    {#- The columns that name a workspace and a day. -#}
    {{ return([
        'source_system',
        'source_instance',
        'workspace_object_type',
        'workspace_object_id',
        'activity_date',
    ]) }}
{%- endmacro %}
