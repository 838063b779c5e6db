{{ config(materialized='table') }}
{#
    One row per node of the InfoHub that had begun by the day, with what governs it: archetype, track, account.

    The track is that of an approved override, else of blueprint.yaml, else of the CRM, else what policy sets for a company and
    a deal of that size. node_profile.yaml repeats the track and decides nothing: a copy that nobody keeps is worse than none.
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

crm_tracks as (

    select
        node_id,
        record_kind,
        declared_track,
        track

    from {{ ref('int_infohub__crm_tracks_matched') }}

),

policy_tracks as (

    select
        node_id,
        segment,
        minimum_amount,
        track

    from {{ ref('int_infohub__policy_tracks_chosen') }}

),

track_settings as (

    select
        setting_name,
        setting_value

    from {{ ref('track_settings') }}

),

validation_strictness as (

    select
        archetype,
        track,
        minimum_pass_rate_pct

    from {{ ref('validation_strictness') }}

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

recognise_archetypes as (

    select
        nodes.node_id,
        archetype_names.archetype,
        archetypes.domain as archetype_domain,
        case
            when archetype_names.is_alias then 'alias'
            when archetype_names.archetype is not null then 'exact'
            when nodes.declared_archetype is not null then 'unknown'
            else 'missing'
        end as archetype_status

    from read_documents as nodes

    -- left: whatever cannot be recognised stays null, and the status beside it says why
    left join list_archetype_names as archetype_names
        on {{ plain_name('nodes.declared_archetype') }} = archetype_names.archetype_name
    left join archetypes on archetype_names.archetype = archetypes.archetype

),

-- A stricter track asks for what cannot be there on its first day. An override is meant to hold at once.
find_grace as (

    select
        tracks.node_id,
        {{ add_days('tracks.track_from_date', 'track_settings.setting_value - 1') }} as grace_ends_date

    from resolved_tracks as tracks

    inner join recognise_archetypes as archetypes on tracks.node_id = archetypes.node_id
    inner join track_settings on track_settings.setting_name = 'change_grace_days'
    inner join validation_strictness as strictness
        on
            archetypes.archetype = strictness.archetype
            and tracks.track = strictness.track
    inner join validation_strictness as previous_strictness
        on
            archetypes.archetype = previous_strictness.archetype
            and tracks.previous_track = previous_strictness.track

    where
        tracks.track_basis <> 'override'
        and tracks.previous_track_to_date >= {{ add_days('tracks.track_from_date', -1) }}
        and previous_strictness.minimum_pass_rate_pct < strictness.minimum_pass_rate_pct
        and {{ add_days('tracks.track_from_date', 'track_settings.setting_value') }} > {{ as_of_date() }}

),

choose_tracks as (

    select
        nodes.node_id,
        case
            when find_grace.node_id is not null then tracks.previous_track
            else coalesce(tracks.track, crm_tracks.track, policy_tracks.track)
        end as track,
        case
            when tracks.track is not null and tracks.track_basis = 'override' then 'override'
            when tracks.track is not null then 'blueprint'
            when crm_tracks.track is not null then 'crm'
            when policy_tracks.track is not null then 'policy'
            when tracks.declared_track is not null then 'unknown'
            else 'missing'
        end as track_basis,
        case
            when tracks.track is not null and tracks.track_basis = 'override'
                then 'An approved override sets it: ' || tracks.override_reason
            when find_grace.node_id is not null
                then
                    'blueprint.yaml names ' || tracks.track || ' from ' || cast(tracks.track_from_date as string)
                    || ' on; until ' || cast(find_grace.grace_ends_date as string) || ' the demands of '
                    || tracks.previous_track || ' hold'
            when tracks.track is not null and tracks.track_from_date is not null
                then 'blueprint.yaml names it from ' || cast(tracks.track_from_date as string) || ' on'
            when tracks.track is not null then 'blueprint.yaml names it, without a day from which on'
            when tracks.declared_track is not null
                then 'blueprint.yaml names `' || tracks.declared_track || '`, which policy does not know'
            when nodes.blueprint_status = 'missing' then 'There is no blueprint.yaml'
            when nodes.blueprint_status = 'unreadable' then 'blueprint.yaml cannot be read'
            else 'blueprint.yaml names no track for the day'
        end
        || case
            when crm_tracks.track <> tracks.track
                then '; that the CRM has ' || crm_tracks.track || ' for the ' || crm_tracks.record_kind || ' decides nothing'
            when tracks.track is not null then ''
            when crm_tracks.track is not null then '; the CRM names it for the ' || crm_tracks.record_kind
            when policy_tracks.track is not null
                then
                    coalesce(
                        '; the CRM has `' || crm_tracks.declared_track || '`, which policy does not know', '; nor does the CRM name one'
                    )
                    || ', so it is what policy sets for accounts of the segment ' || policy_tracks.segment
                    || case
                        when policy_tracks.minimum_amount > 0
                            then ' with a deal of ' || {{ number_text('policy_tracks.minimum_amount') }} || ' or more'
                        else ''
                    end
            else ''
        end
        || '.' as track_reason,
        tracks.track as named_track,
        find_grace.grace_ends_date as track_grace_ends_date,
        tracks.track_from_date,
        tracks.track_to_date,
        tracks.previous_track,
        tracks.previous_track_to_date,
        tracks.planned_track,
        tracks.planned_track_from_date,
        crm_tracks.track as crm_track,
        coalesce(crm_tracks.track <> tracks.track, false) as has_track_conflict

    from read_documents as nodes

    -- left: most nodes have a track of blueprint.yaml and need no other
    left join resolved_tracks as tracks on nodes.node_id = tracks.node_id
    left join find_grace on nodes.node_id = find_grace.node_id
    left join crm_tracks on nodes.node_id = crm_tracks.node_id
    left join policy_tracks on nodes.node_id = policy_tracks.node_id

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
        archetypes.archetype,
        archetypes.archetype_domain,
        archetypes.archetype_status,
        nodes.solution_domain,
        nodes.owner_name,
        tracks.track,
        tracks.track_basis,
        tracks.track_reason,
        tracks.track_from_date,
        tracks.track_to_date,
        tracks.track_grace_ends_date,
        tracks.previous_track,
        tracks.previous_track_to_date,
        tracks.planned_track,
        tracks.planned_track_from_date,
        tracks.crm_track,
        tracks.has_track_conflict,
        -- Only a day from which on it holds tells that a track written later held already.
        coalesce(
            nodes.is_blueprint_later_version and tracks.named_track is not null and tracks.track_from_date is null,
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

    inner join recognise_archetypes as archetypes on nodes.node_id = archetypes.node_id
    inner join choose_tracks as tracks on nodes.node_id = tracks.node_id

    -- left: not each node names an account
    left join links on nodes.node_id = links.node_id

    -- A node whose beginning is unknown is taken to have begun.
    where coalesce(nodes.started_date <= {{ as_of_date() }}, true)

)

select * from resolve_nodes
