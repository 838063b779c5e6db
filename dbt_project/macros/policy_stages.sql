{#
    Which stage of the policy a CRM's stage is: two left joins for a query that has source_system, pipeline and stage_name under
    `deals`, and the word that comes of them. A name that the map gives for a pipeline counts before one that it gives for all.
#}


{% macro join_policy_stages(deals, stage_map='stage_map') -%}
    left join {{ stage_map }} as pipeline_stages
        on {{ deals }}.source_system = pipeline_stages.source_system
        and {{ deals }}.pipeline = pipeline_stages.pipeline
        and lower(trim({{ deals }}.stage_name)) = pipeline_stages.stage_name

    left join {{ stage_map }} as common_stages
        on {{ deals }}.source_system = common_stages.source_system
        and common_stages.pipeline is null
        and lower(trim({{ deals }}.stage_name)) = common_stages.stage_name
{%- endmacro %}


{% macro mapped_policy_stage() -%}
    coalesce(pipeline_stages.policy_stage, common_stages.policy_stage)
{%- endmacro %}
