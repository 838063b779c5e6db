{{ config(materialized='table') }}
{#
    One row per node of the InfoHub that had begun by the day, with what governs it: archetype, track, account.

    node_profile.yaml repeats the track and decides nothing: the track in force is what blueprint.yaml says, and a copy of
    it that nobody keeps is worse than none.
#}

with

files as (

    select
        node_id,
        source_instance,
        realm,
        node,
        file_kind,
        is_readable,
        reading_reason_code,
        is_later_version

    from {{ ref('int_infohub__files_dated') }}

),

documents as (

    select
        node_id,
        file_kind,
        file_path,
        fields_text,
        content_date,
        is_later_version

    from {{ ref('int_infohub__node_documents_chosen') }}

),

resolved_tracks as (

    select
        node_id,
        track_basis,
        declared_track,
        track,
        track_from_date,
        track_to_date,
        override_reason,
        previous_track,
        previous_track_to_date,
        planned_track,
        planned_track_from_date

    from {{ ref('int_infohub__tracks_resolved') }}

),

links as (

    select
        node_id,
        account_link_basis,
        account_record_id,
        account_id,
        opportunity_id

    from {{ ref('int_infohub__node_links_matched') }}

),

archetypes as (

    select
        archetype,
        domain

    from {{ ref('archetypes') }}

),

archetype_aliases as (

    select
        alias,
        archetype

    from {{ ref('archetype_aliases') }}

),

list_archetype_names as (

    select
        archetype as archetype_name,
        archetype,
        false as is_alias

    from archetypes

    union all

    select
        alias as archetype_name,
        archetype,
        true as is_alias

    from archetype_aliases

),

count_files as (

    select
        node_id,
        source_instance,
        realm,
        node,
        count(*) as file_count,
        max(case when file_kind = 'blueprint' then 1 else 0 end) = 1 as has_blueprint_file,
        max(case when file_kind = 'blueprint' and is_readable then 1 else 0 end) = 1
            as has_readable_blueprint,
        max(case when file_kind = 'blueprint' and not is_readable then reading_reason_code end)
            as blueprint_reason_code,
        min(case when is_later_version then 1 else 0 end) = 1 as is_later_version

    from files

    group by node_id, source_instance, realm, node

),

read_documents as (

    select
        count_files.node_id,
        count_files.source_instance,
        count_files.realm,
        count_files.node,
        count_files.file_count,
        count_files.is_later_version,
        blueprints.file_path as blueprint_file_path,
        blueprints.content_date as blueprint_content_date,
        profiles.file_path as profile_file_path,
        case
            when count_files.has_readable_blueprint then 'readable'
            when count_files.has_blueprint_file then 'unreadable'
            else 'missing'
        end as blueprint_status,
        case when not count_files.has_readable_blueprint then count_files.blueprint_reason_code end
            as blueprint_reason_code,
        coalesce(blueprints.is_later_version, false) as is_blueprint_later_version,
        coalesce(
            {{ json_text('blueprints.fields_text', 'archetype') }},
            {{ json_text('profiles.fields_text', 'blueprint.archetype') }}
        ) as declared_archetype,
        case
            when {{ json_text('blueprints.fields_text', 'archetype') }} is not null then 'blueprint'
            when {{ json_text('profiles.fields_text', 'blueprint.archetype') }} is not null
                then 'node_profile'
        end as archetype_basis,
        {{ json_text('profiles.fields_text', 'blueprint.track') }} as profile_track,
        {{ json_text('profiles.fields_text', 'realm_id') }} as realm_id,
        {{ json_text('profiles.fields_text', 'node_id') }} as declared_node_id,
        {{ json_text('blueprints.fields_text', 'domain') }} as solution_domain,
        {{ json_text('blueprints.fields_text', 'metadata.owner') }} as owner_name,
        {{ json_text('profiles.fields_text', 'status') }} as profile_status,
        coalesce(
            {{ json_text('blueprints.fields_text', 'crm.opportunity_id') }},
            {{ json_text('profiles.fields_text', 'commercial.opportunity_id') }}
        ) as source_opportunity_id,
        coalesce(
            {{ json_date('blueprints.fields_text', 'timeline.started_on') }},
            {{ json_date('profiles.fields_text', 'timeline.started_on') }},
            {{ json_date('blueprints.fields_text', 'metadata.created') }}
        ) as started_date,
        coalesce(
            {{ json_date('blueprints.fields_text', 'timeline.signed_on') }},
            {{ json_date('profiles.fields_text', 'timeline.signed_on') }}
        ) as signed_date,
        coalesce(
            {{ json_date('blueprints.fields_text', 'timeline.onboarded_on') }},
            {{ json_date('profiles.fields_text', 'timeline.onboarded_on') }}
        ) as onboarded_date,
        coalesce(
            {{ json_date('blueprints.fields_text', 'timeline.ended_on') }},
            {{ json_date('profiles.fields_text', 'timeline.ended_on') }}
        ) as declared_ended_date,
        coalesce(
            {{ json_date('blueprints.fields_text', 'timeline.renewal_on') }},
            {{ json_date('profiles.fields_text', 'timeline.renewal_on') }}
        ) as renewal_date,
        -- What was written after the day says nothing about the state on the day.
        {{ plain_name(json_text('profiles.fields_text', 'status')) }} in ('closed', 'ended', 'abandoned')
        and not profiles.is_later_version as is_declared_closed

    from count_files

    -- left: either file may be missing
    left join documents as blueprints
        on
            count_files.node_id = blueprints.node_id
            and blueprints.file_kind = 'blueprint'
    left join documents as profiles
        on
            count_files.node_id = profiles.node_id
            and profiles.file_kind = 'node_profile'

),

resolve_nodes as (

    select
        nodes.node_id,
        nodes.source_instance,
        nodes.realm,
        nodes.node,
        nodes.realm_id,
        coalesce(nodes.realm_id <> nodes.realm, false) as has_realm_id_disagreement,
        coalesce(nodes.declared_node_id <> nodes.node, false) as has_node_id_disagreement,
        nodes.file_count,
        nodes.is_later_version,
        nodes.blueprint_status,
        nodes.blueprint_reason_code,
        nodes.blueprint_file_path,
        nodes.blueprint_content_date,
        nodes.is_blueprint_later_version,
        nodes.profile_file_path,
        nodes.declared_archetype,
        nodes.archetype_basis,
        archetype_names.archetype,
        archetypes.domain as archetype_domain,
        case
            when archetype_names.is_alias then 'alias'
            when archetype_names.archetype is not null then 'exact'
            when nodes.declared_archetype is not null then 'unknown'
            else 'missing'
        end as archetype_status,
        nodes.solution_domain,
        nodes.owner_name,
        tracks.track,
        case
            when tracks.track is not null and tracks.track_basis = 'override' then 'override'
            when tracks.track is not null then 'blueprint'
            when tracks.declared_track is not null then 'unknown'
            else 'missing'
        end as track_basis,
        case
            when tracks.track is not null and tracks.track_basis = 'override'
                then 'An approved override sets it: ' || tracks.override_reason || '.'
            when tracks.track is not null and tracks.track_from_date is not null
                then 'blueprint.yaml names it from ' || cast(tracks.track_from_date as string) || ' on.'
            when tracks.track is not null then 'blueprint.yaml names it, without a day from which on.'
            when tracks.declared_track is not null
                then 'blueprint.yaml names `' || tracks.declared_track || '`, which policy does not know.'
            when nodes.blueprint_status = 'missing' then 'There is no blueprint.yaml.'
            when nodes.blueprint_status = 'unreadable' then 'blueprint.yaml cannot be read.'
            else 'blueprint.yaml names no track for the day.'
        end as track_reason,
        tracks.track_from_date,
        tracks.track_to_date,
        tracks.previous_track,
        tracks.previous_track_to_date,
        tracks.planned_track,
        tracks.planned_track_from_date,
        -- Only a day from which on it holds tells that a track written later held already.
        coalesce(
            nodes.is_blueprint_later_version and tracks.track is not null and tracks.track_from_date is null,
            false
        ) as is_track_carried_back,
        {{ plain_name('nodes.profile_track') }} as profile_track,
        links.account_id,
        links.account_record_id,
        links.account_link_basis,
        links.opportunity_id,
        nodes.source_opportunity_id,
        nodes.started_date,
        case when nodes.signed_date <= {{ as_of_date() }} then nodes.signed_date end as signed_date,
        case when nodes.onboarded_date <= {{ as_of_date() }} then nodes.onboarded_date end as onboarded_date,
        nodes.renewal_date,
        case when nodes.declared_ended_date <= {{ as_of_date() }} then nodes.declared_ended_date end
            as ended_date,
        coalesce(nodes.declared_ended_date <= {{ as_of_date() }}, nodes.is_declared_closed, false) as is_ended

    from read_documents as nodes

    -- left: whatever cannot be resolved stays null, and the reason beside it says why
    left join list_archetype_names as archetype_names
        on {{ plain_name('nodes.declared_archetype') }} = archetype_names.archetype_name
    left join archetypes on archetype_names.archetype = archetypes.archetype
    left join resolved_tracks as tracks on nodes.node_id = tracks.node_id
    left join links on nodes.node_id = links.node_id

    -- A node whose beginning is unknown is taken to have begun.
    where coalesce(nodes.started_date <= {{ as_of_date() }}, true)

)

select * from resolve_nodes
