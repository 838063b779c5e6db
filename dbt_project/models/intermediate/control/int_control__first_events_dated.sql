{# One row per instance and table of events: the first day that its first delivery tells of. #}

with

first_exports as (

    select
        file_id,
        source_instance,
        table_name,
        delivered_date

    from {{ ref('int_control__exports_dated') }}

    where is_first_delivery and delivery_kind in ('events', 'history')

),

settings as (

    select max(case when setting_name = 'oldest_event_days' then setting_value end) as oldest_event_days

    from {{ ref('control_settings') }}

),

{% for table_name, moment in event_tables() -%}
{{ table_name }} as (

    select
        source_instance,
        file_id,
        min({{ moment }}) as first_event_at

    from {{ ref('stg_' ~ table_name) }}

    where {{ moment }} < {{ as_of_end() }}

    group by source_instance, file_id, {{ business_date(moment) }}

),

{% endfor -%}

unioned_events as (

    {% for table_name, moment in event_tables() %}
    select
        '{{ table_name }}' as table_name,
        source_instance,
        file_id,
        {{ business_date('first_event_at') }} as event_date

    from {{ table_name }}

    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

dated_events as (

    select
        first_exports.table_name,
        first_exports.source_instance,
        min(unioned_events.event_date) as first_event_date

    from first_exports
    inner join unioned_events
        on
            first_exports.table_name = unioned_events.table_name
            and first_exports.source_instance = unioned_events.source_instance
            and first_exports.file_id = unioned_events.file_id
    cross join settings

    where
        unioned_events.event_date
        >= {{ add_days('first_exports.delivered_date', '-cast(settings.oldest_event_days as integer)') }}

    group by
        first_exports.table_name,
        first_exports.source_instance

)

select * from dated_events
