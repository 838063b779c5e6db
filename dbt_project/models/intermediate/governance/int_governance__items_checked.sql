{{ config(materialized='table') }}
{# One row per node and checklist item, of all blueprints: what came of checking it, before waivers. #}

{%- set blueprints = [
    'b01', 'b02', 'b03', 'b04', 'b05', 'b07', 'b08', 'b09', 'b10', 'c01', 'c02', 'c03', 'c04', 'c05', 'c06', 'c07',
] %}

with

union_blueprints as (

    {% for blueprint in blueprints -%}
    select
        node_id,
        blueprint,
        item,
        status,
        reason,
        observed_value,
        threshold,
        is_judged

    from {{ ref('int_governance__' ~ blueprint ~ '_items_checked') }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

)

select * from union_blueprints
