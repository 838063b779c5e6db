{# One row per node and checklist item, of all blueprints: what came of checking it, before waivers. #}

{%- set blueprints = ['b01'] %}

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
