{#
    One row per node and span of days for which its blueprint.yaml names a track: an override, an entry of its history, or
    the track itself.
#}

with

blueprint_documents as (

    select
        node_id,
        fields_text,
        {{ json_part('fields_text', 'track_history') }} as track_history

    from {{ ref('int_infohub__node_documents_chosen') }}

    where file_kind = 'blueprint'

),

tracks as (

    select track

    from {{ ref('tracks') }}

),

unfold_history as (

    {{ json_array_items('blueprint_documents', 'track_history', ['node_id'], 'entry') }}

),

read_history as (

    select
        node_id,
        'history' as track_basis,
        item_index as entry_index,
        {{ json_text('entry', 'track') }} as declared_track,
        {{ json_date('entry', 'from') }} as valid_from_date,
        {{ json_date('entry', 'to') }} as valid_to_date,
        cast(null as string) as override_reason,
        cast(null as string) as override_approver

    from unfold_history

),

read_declared_tracks as (

    select
        node_id,
        'declared' as track_basis,
        1 as entry_index,
        {{ json_text('fields_text', 'track') }} as declared_track,
        {{ json_date('fields_text', 'track_effective.from') }} as valid_from_date,
        {{ json_date('fields_text', 'track_effective.to') }} as valid_to_date,
        cast(null as string) as override_reason,
        cast(null as string) as override_approver

    from blueprint_documents

),

read_overrides as (

    select
        node_id,
        'override' as track_basis,
        1 as entry_index,
        {{ json_text('fields_text', 'track_override.track') }} as declared_track,
        {{ json_date('fields_text', 'track_override.from') }} as valid_from_date,
        {{ json_date('fields_text', 'track_override.expires_on') }} as valid_to_date,
        {{ json_text('fields_text', 'track_override.reason') }} as override_reason,
        {{ json_text('fields_text', 'track_override.approver') }} as override_approver

    from blueprint_documents

),

union_tracks as (

    select
        node_id,
        track_basis,
        entry_index,
        declared_track,
        valid_from_date,
        valid_to_date,
        override_reason,
        override_approver

    from read_history

    union all

    select
        node_id,
        track_basis,
        entry_index,
        declared_track,
        valid_from_date,
        valid_to_date,
        override_reason,
        override_approver

    from read_declared_tracks

    union all

    select
        node_id,
        track_basis,
        entry_index,
        declared_track,
        valid_from_date,
        valid_to_date,
        override_reason,
        override_approver

    from read_overrides

),

recognise_tracks as (

    select
        union_tracks.node_id,
        union_tracks.track_basis,
        union_tracks.entry_index,
        union_tracks.declared_track,
        tracks.track,
        union_tracks.valid_from_date,
        union_tracks.valid_to_date,
        union_tracks.override_reason,
        union_tracks.override_approver

    from union_tracks

    -- left: a track that policy does not know is reported, not dropped
    left join tracks on {{ plain_name('union_tracks.declared_track') }} = tracks.track

    where union_tracks.declared_track is not null

)

select * from recognise_tracks
