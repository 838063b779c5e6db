{#
    What desks call the field of their own in which they keep the CRM's account, the usual names first; null
    if it is not there.
#}
{% macro crm_account_field(custom_fields) -%}
    {%- set names = [] -%}
    {%- for name in (
        'crm_account_id', 'salesforce_account_id', 'salesforce_id', 'hubspot_company_id', 'account_id'
    ) -%}
        {%- do names.append(json_text(custom_fields, name)) -%}
        {%- do names.append(json_text(custom_fields, 'cf_' ~ name)) -%}
    {%- endfor -%}
    coalesce({{ names | join(', ') }})
{%- endmacro %}
