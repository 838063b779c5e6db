{# One row per stage name of a CRM that the stage map has no place for, with the deals that are or were in it. #}

with

versions as (

    select
        opportunity_id,
        source_system,
        source_instance,
        pipeline,
        stage_name,
        valid_from_at,
        valid_to_at,
        is_open

    from {{ ref('int_stage__opportunity_versions_reconstructed') }}

    where policy_stage = 'unmapped'

),

pipeline_stages as (

    select
        source_system,
        source_instance,
        pipeline,
        stage_name,
        stage_label

    from {{ ref('int_stage__pipeline_stages_labelled') }}

),

counted_stages as (

    select
        versions.source_system,
        versions.source_instance,
        coalesce(versions.pipeline, '') as pipeline,
        versions.stage_name,
        coalesce(max(pipeline_stages.stage_label), versions.stage_name) as stage_label,
        count(distinct versions.opportunity_id) as opportunity_count,
        count(distinct case when versions.valid_to_at is null then versions.opportunity_id end)
            as current_opportunity_count,
        count(
            distinct case
                when versions.valid_to_at is null and versions.is_open then versions.opportunity_id
            end
        )
            as open_opportunity_count,
        min({{ business_date('versions.valid_from_at') }}) as first_seen_date,
        max(coalesce({{ business_date('versions.valid_to_at') }}, {{ as_of_date() }})) as last_seen_date

    from versions

    left join pipeline_stages
        on
            versions.source_system = pipeline_stages.source_system
            and versions.source_instance = pipeline_stages.source_instance
            and versions.pipeline = pipeline_stages.pipeline
            and versions.stage_name = pipeline_stages.stage_name

    group by
        versions.source_system,
        versions.source_instance,
        coalesce(versions.pipeline, ''),
        versions.stage_name

)

select * from counted_stages
