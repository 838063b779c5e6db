{# Findings on the policy that nobody can rely on it with. Warnings and known contradictions are no failures. #}

{{ config(meta={'owner': 'revenue_operations'}) }}

with

findings as (

    select
        check_name,
        seed,
        row_key,
        finding,
        resolution

    from {{ ref('rpt_policy_findings') }}

    where severity = 'error'

)

select * from findings
