{# Every deal that was in a stage without a place in the policy is counted under that stage's name. A failing row is a stage whose deals are not. #}
{% test unmapped_stages_reported(model, versions) %}
    select
        unmapped.source_system,
        unmapped.source_instance,
        unmapped.pipeline,
        unmapped.stage_name,
        unmapped.opportunity_count,
        reported.opportunity_count as reported_count
    from (
        select
            source_system,
            source_instance,
            coalesce(pipeline, '') as pipeline,
            stage_name,
            count(distinct opportunity_id) as opportunity_count
        from {{ versions }}
        where policy_stage = 'unmapped'
        group by source_system, source_instance, coalesce(pipeline, ''), stage_name
    ) as unmapped
    left join {{ model }} as reported
        on unmapped.source_system = reported.source_system
        and unmapped.source_instance = reported.source_instance
        and unmapped.pipeline = reported.pipeline
        and unmapped.stage_name = reported.stage_name
    where reported.opportunity_count is distinct from unmapped.opportunity_count
{% endtest %}
