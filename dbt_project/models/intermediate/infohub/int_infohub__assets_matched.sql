{{ config(materialized='table') }}
{#
    One row per node and asset of policy for which the node holds a file, with how the file was found, and one where more
    than one file could be meant.

    Tried in this order, and the first that finds something counts: the path, the path below internal-infohub, below
    external-infohub, an alias, and a file of that name anywhere below the node. Notes in raw/ are no assets and are not tried.
#}

with

files as (

    select
        node_id,
        file_path,
        area,
        asset_path,
        file_kind,
        is_readable,
        reading_status,
        reading_reason_code,
        reading_reason,
        reason_line,
        content_date,
        content_date_key,
        is_content_date_inferred,
        is_later_version

    from {{ ref('int_infohub__files_dated') }}

),

assets as (

    select
        asset_path,
        asset_format

    from {{ ref('assets') }}

),

asset_aliases as (

    select
        alias_path,
        asset_path

    from {{ ref('asset_aliases') }}

),

name_files as (

    select
        node_id,
        file_path,
        area,
        -- Both endings are YAML.
        case
            when lower(asset_path) like '%.yml' then substr(asset_path, 1, length(asset_path) - 4) || '.yaml'
            else asset_path
        end as asset_path,
        case file_kind when 'canvas' then 'markdown' else 'yaml' end as file_format

    from files

    where file_kind in ('asset', 'canvas')

),

stem_files as (

    select
        node_id,
        file_path,
        area,
        asset_path,
        file_format,
        {{ file_name('asset_path') }} as file_name

    from name_files

),

list_asset_names as (

    select
        asset_path,
        asset_format,
        {{ file_name('asset_path') }} as file_name,
        count(*) over (partition by {{ file_name('asset_path') }}) as assets_of_name_count

    from assets

),

match_paths as (

    select
        stem_files.node_id,
        assets.asset_path,
        stem_files.file_path,
        case stem_files.area
            when 'internal-infohub' then 'internal_infohub'
            when 'external-infohub' then 'external_infohub'
            else 'exact'
        end as match_rule,
        case stem_files.area when 'internal-infohub' then 2 when 'external-infohub' then 3 else 1 end
            as match_rank

    from stem_files

    inner join assets on stem_files.asset_path = assets.asset_path

),

match_aliases as (

    select
        stem_files.node_id,
        asset_aliases.asset_path,
        stem_files.file_path,
        'alias' as match_rule,
        4 as match_rank

    from stem_files

    inner join asset_aliases on stem_files.asset_path = asset_aliases.alias_path

),

union_path_matches as (

    select
        node_id,
        asset_path,
        file_path,
        match_rule,
        match_rank

    from match_paths

    union all

    select
        node_id,
        asset_path,
        file_path,
        match_rule,
        match_rank

    from match_aliases

),

match_names as (

    select
        stem_files.node_id,
        asset_names.asset_path,
        stem_files.file_path,
        'stem' as match_rule,
        5 as match_rank

    from stem_files

    -- A name that several assets share tells none of them.
    inner join list_asset_names as asset_names
        on
            stem_files.file_name = asset_names.file_name
            and stem_files.file_format = asset_names.asset_format
            and asset_names.assets_of_name_count = 1

    -- anti: a file that its path makes one asset is not also another
    left join union_path_matches as path_matches
        on
            stem_files.node_id = path_matches.node_id
            and stem_files.file_path = path_matches.file_path

    where path_matches.file_path is null

),

union_matches as (

    select
        node_id,
        asset_path,
        file_path,
        match_rule,
        match_rank

    from union_path_matches

    union all

    select
        node_id,
        asset_path,
        file_path,
        match_rule,
        match_rank

    from match_names

),

rank_matches as (

    select
        node_id,
        asset_path,
        file_path,
        match_rule,
        match_rank,
        min(match_rank) over (partition by node_id, asset_path) as best_match_rank

    from union_matches

),

choose_matches as (

    select
        node_id,
        asset_path,
        min(match_rule) as match_rule,
        count(*) as candidate_count,
        -- Null if there are several. As a condition of the join below it would make DuckDB compare all files with all.
        case when count(*) = 1 then min(file_path) end as only_file_path,
        {{ joined_text('file_path', ';') }} as candidate_paths

    from rank_matches

    where match_rank = best_match_rank

    group by node_id, asset_path

),

describe_matches as (

    select
        choose_matches.node_id,
        choose_matches.asset_path,
        choose_matches.candidate_count,
        choose_matches.candidate_paths,
        files.file_path,
        files.is_readable,
        files.reading_status,
        files.reading_reason_code,
        files.reading_reason,
        files.reason_line,
        files.content_date,
        files.content_date_key,
        files.is_content_date_inferred,
        files.is_later_version,
        case when choose_matches.candidate_count = 1 then choose_matches.match_rule else 'ambiguous' end
            as match_rule

    from choose_matches

    -- left: of several files none is guessed
    left join files
        on
            choose_matches.node_id = files.node_id
            and choose_matches.only_file_path = files.file_path

)

select * from describe_matches
