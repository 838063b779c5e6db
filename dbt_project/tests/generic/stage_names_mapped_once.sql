{# A stage name means one thing in a pipeline, and one in the pipelines that do not say. A failing row is a name, with how often it is mapped. #}
{% test stage_names_mapped_once(model) %}
    select
        source_system,
        coalesce(pipeline, '') as pipeline,
        lower(trim(stage_name)) as stage_name,
        count(*) as row_count
    from {{ model }}
    group by source_system, coalesce(pipeline, ''), lower(trim(stage_name))
    having count(*) > 1
{% endtest %}
