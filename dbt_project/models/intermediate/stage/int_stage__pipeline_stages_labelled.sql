{# One row per stage of a pipeline that a CRM has a list of, with what people see and the CRM's chance of winning from there. #}

with

pipeline_stages as (

    select
        source_system,
        source_instance,
        pipeline_id as pipeline,
        pipeline_stage_id as stage_name,
        pipeline_stage_label as stage_label,
        probability_ratio

    from {{ ref('stg_hubspot__pipeline_stages') }}

)

select * from pipeline_stages
