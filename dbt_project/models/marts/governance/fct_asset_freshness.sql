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

waived_assets as (

    select
        node_id,
        asset_path,
        waiver_reason

    from {{ ref('fct_asset_status') }}

    where status = 'waived'

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
        settled_assets.node_id,
        settled_assets.source_instance,
        settled_assets.realm,
        settled_assets.node,
        settled_assets.archetype,
        settled_assets.track,
        settled_assets.blueprint,
        settled_assets.asset_path,
        settled_assets.owner_role,
        case
            when settled_assets.finding in ('stale', 'unknown') and waived_assets.node_id is not null then 'waived'
            when settled_assets.finding = 'stale' then 'fail'
            when settled_assets.finding = 'unknown' then 'insufficient_data'
            when settled_assets.finding = 'fresh' then 'pass'
            -- What is missing has no age. That it is missing is a gap of its own, and should not be counted twice.
            else 'not_applicable'
        end as status,
        case settled_assets.finding
            when 'stale'
                then
                    'The content is ' || cast(settled_assets.age_days as string) || ' days old, and the track allows '
                    || cast(settled_assets.staleness_days as string) || '.'
            when 'unknown' then 'It cannot be told how old the content is.'
            when 'fresh' then 'The content is new enough.'
            when 'missing' then 'The asset is missing: that is a gap of its own.'
            when 'dropped' then 'The engagement does without the asset, and says why.'
            else 'Nothing asks for the asset to be fresh.'
        end as reason,
        waived_assets.waiver_reason,
        settled_assets.file_path,
        settled_assets.content_date,
        settled_assets.is_content_date_inferred,
        settled_assets.age_days,
        settled_assets.staleness_days

    from settled_assets
    -- Left: little is waived.
    left join waived_assets
        on
            settled_assets.node_id = waived_assets.node_id
            and settled_assets.asset_path = waived_assets.asset_path

)

select * from worded_assets
