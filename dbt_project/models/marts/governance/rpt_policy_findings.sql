{# One row per finding on the policy itself, whatever company it is applied to. #}

with

{% for checked in [
    'policy_keys_checked', 'policy_fields_checked', 'policy_references_checked', 'policy_thresholds_checked', 'policy_reach_checked',
    'policy_rules_checked', 'policy_contradictions_found',
] -%}
{{ checked }} as (

    select
        check_name,
        severity,
        seed,
        row_key,
        finding,
        resolution

    from {{ ref('int_governance__' ~ checked) }}

),

{% endfor -%}
union_findings as (

    {% for checked in [
        'policy_keys_checked', 'policy_fields_checked', 'policy_references_checked', 'policy_thresholds_checked', 'policy_reach_checked',
        'policy_rules_checked', 'policy_contradictions_found',
    ] -%}
    select
        check_name,
        severity,
        seed,
        row_key,
        finding,
        resolution

    from {{ checked }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

name_findings as (

    -- distinct: rows that are there twice are found twice, and are one finding
    select distinct
        {{ hash_text("check_name || '/' || seed || '/' || row_key || '/' || finding") }} as finding_id,
        check_name,
        severity,
        seed,
        row_key,
        finding,
        resolution,
        {{ policy_version() }} as policy_version

    from union_findings

)

select * from name_findings
