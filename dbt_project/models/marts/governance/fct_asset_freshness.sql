{# One row per node and asset of policy or of its own: is what the asset says new enough? #}

with

assets as (

    select
        node_id,
        source_instance,
        realm,
        node,
        archetype,
        track,
        blueprint,
        asset_path,
        owner_role,
        demand,
        asset_status,
        file_path,
        content_date,
        is_content_date_inferred,
        age_days,
        staleness_days,
        is_stale

    from {{ ref('int_infohub__assets_assessed') }}

),

settled_assets as (

    select
        node_id,
        source_instance,
        realm,
        node,
        archetype,
        track,
        blueprint,
        asset_path,
        owner_role,
        file_path,
        content_date,
        is_content_date_inferred,
        age_days,
        staleness_days,
        case
            when demand <> 'required' or staleness_days is null then 'not_asked_for'
            when asset_status in ('dropped', 'missing') then asset_status
            when asset_status <> 'present' or is_stale is null then 'unknown'
            when is_stale then 'stale'
            else 'fresh'
        end as finding

    from assets

),

worded_assets as (

    select
        {{ as_of_date() }} as as_of_date,
        node_id,
        source_instance,
        realm,
        node,
        archetype,
        track,
        blueprint,
        asset_path,
        owner_role,
        case
            when finding = 'stale' then 'fail'
            when finding = 'unknown' then 'insufficient_data'
            when finding = 'fresh' then 'pass'
            -- What is missing has no age. That it is missing is a gap of its own, and should not be counted twice.
            else 'not_applicable'
        end as status,
        case finding
            when 'stale'
                then
                    'The content is ' || cast(age_days as string) || ' days old, and the track allows '
                    || cast(staleness_days as string) || '.'
            when 'unknown' then 'It cannot be told how old the content is.'
            when 'fresh' then 'The content is new enough.'
            when 'missing' then 'The asset is missing: that is a gap of its own.'
            when 'dropped' then 'The engagement does without the asset, and says why.'
            else 'Nothing asks for the asset to be fresh.'
        end as reason,
        file_path,
        content_date,
        is_content_date_inferred,
        age_days,
        staleness_days

    from settled_assets

)

select * from worded_assets
