{#
    What the InfoHub's files and documents were on the day asked about, from what was known at `known_at`.

    A file is shown in the version that was loaded last among those whose content is of the day or before: what is known now
    of that day. If all are of later days, in the oldest of them, which int_infohub__files_dated marks. A file that went away
    was there until a scan no longer found it, unless the same content came under another path in that scan: then it moved,
    and is shown where it is now.

    Nearly always a file has one version: it is taken as it is, and only the others are looked for in history.
#}
{% macro infohub_rows_of_the_day(table_name) -%}
    {%- do source('raw', table_name) -%}
    {%- do source('raw_history', table_name) -%}
    {%- do source('raw_history', 'infohub__files') -%}
    {%- do source('ledger', 'infohub_scans') -%}
    {%- set columns = _columns_of('raw', table_name) -%}
    {%- set mark = table_name == 'infohub__files' -%}
    (
        select
            {{ columns }}
            {{- ', false as _is_removed_since' if mark }}
        from {{ source('raw', table_name) }} as only_versions
        where
            not {{ _has_other_versions('only_versions') }}
            {%- if var('known_at', none) is not none %}
            and _run_id in (
                select run_id from {{ _known_scans() }} as known_scans
            )
            {%- endif %}
        union all
        select
            {% for column in columns.split(', ') -%}
            versions.{{ column }}{{ ', ' if not loop.last }}
            {%- endfor %}
            {{- ', versions_shown._is_removed as _is_removed_since' if mark }}
        from {{ _infohub_versions(table_name) }}
        inner join (
            {{ _infohub_versions_shown() }}
        ) as versions_shown
            on
                versions.source_instance = versions_shown.source_instance
                and versions.path = versions_shown.path
                and versions._first_scan_id <= versions_shown._last_scan_id
                and versions._last_scan_id >= versions_shown._last_scan_id
    ) as rows_of_the_day
{%- endmacro %}


{% macro files_absent_on_the_day() -%}
    {#- Files that are there now, and had gone away on the day asked about: how many of each instance. -#}
    {%- do source('ledger', 'infohub_scans') -%}
    select
        versions.source_instance,
        count(*) as row_count

    from {{ _infohub_versions('infohub__files') }}

    where
        versions._superseded_at is null
        and not exists (
            select 1
            from {{ ref('stg_infohub__files') }} as files
            where
                versions.source_instance = files.source_instance
                and versions.path = files.file_path
                and not files.is_removed_since
        )

    group by versions.source_instance
{%- endmacro %}


{% macro declared_date(content_date, content_at) -%}
    {#- The day that a document says its content is of. Where a moment is given, its day depends on where the business is. -#}
    case
        when {{ content_at }} is null then {{ content_date }}
        else {{ business_date(content_at) }}
    end
{%- endmacro %}


{% macro _infohub_versions_shown() -%}
    {#- For each file that has more than one version, or is gone: the last scan that found the version that is shown. -#}
    select
        placed_versions.source_instance,
        placed_versions.path,
        placed_versions._last_scan_id,
        placed_versions._is_removed
    from (
        select
            *,
            row_number() over (
                partition by source_instance, path
                order by
                    _is_later asc nulls last,
                    case when not _is_later then _first_scan_id end desc nulls last,
                    _first_scan_id asc nulls last
            ) as _place
        from (
            select
                versions.source_instance,
                versions.path,
                case when versions._is_removed then versions.sha256 end as _removed_sha256,
                versions._first_scan_id,
                versions._last_scan_id,
                versions._superseded_at,
                versions._is_removed,
                {% if var('as_of', none) is none -%}
                false as _is_later
                {%- else -%}
                coalesce(
                    coalesce(
                        max(
                            case
                                when not documents.is_content_date_inferred
                                    then {{ declared_date('documents.content_date', 'documents.content_at') }}
                            end
                        ),
                        {{ business_date('versions.modified_at') }}
                    ) > {{ as_of_date() }},
                    false
                ) as _is_later
                {%- endif %}
            from {{ _infohub_versions('infohub__files') }}
            left join {{ _infohub_versions('infohub__documents', 'documents') }}
                on
                    versions.source_instance = documents.source_instance
                    and versions.path = documents.path
                    and documents._first_scan_id <= versions._last_scan_id
                    and documents._last_scan_id >= versions._last_scan_id
            where {{ _has_other_versions('versions') }}
            group by
                versions.source_instance,
                versions.path,
                versions.sha256,
                versions.modified_at,
                versions._first_scan_id,
                versions._last_scan_id,
                versions._superseded_at,
                versions._is_removed
        ) as dated_versions
    ) as placed_versions
    left join (
        select distinct
            source_instance,
            sha256,
            _first_scan_id
        from {{ _infohub_versions('infohub__files') }}
        where sha256 is not null
    ) as arrivals
        on
            placed_versions.source_instance = arrivals.source_instance
            and placed_versions._removed_sha256 = arrivals.sha256
            and placed_versions._last_scan_id + 1 = arrivals._first_scan_id
    where
        placed_versions._place = 1
        {%- if var('as_of', none) is none %}
        and not placed_versions._is_removed
        {%- else %}
        and not (
            placed_versions._is_removed
            and (arrivals.sha256 is not null or placed_versions._superseded_at < {{ as_of_end() }})
        )
        {%- endif %}
{%- endmacro %}


{% macro _has_other_versions(files) -%}
    exists (
        select 1
        from {{ source('raw_history', 'infohub__files') }} as replaced_files
        where
            replaced_files.source_instance = {{ files }}.source_instance
            and replaced_files.path = {{ files }}.path
    )
{%- endmacro %}


{% macro _infohub_versions(table_name, alias='versions') -%}
    {#- Every version that is known, with the first and the last scan that found it so. Rows that did not change stay from scan to scan. -#}
    {%- set columns = _columns_of('raw', table_name) -%}
    (
        select
            {% for column in columns.split(', ') -%}
            all_versions.{{ column }},
            {% endfor -%}
            begun_scans.scan_id as _first_scan_id,
            -- nothing is beyond what is still there
            cast(coalesce(ended_scans.scan_id - 1, 2147483647) as bigint) as _last_scan_id,
            case when ended_scans.scan_id is not null then all_versions._superseded_at end as _superseded_at,
            coalesce(
                ended_scans.scan_id is not null and all_versions._superseded_reason = 'removed', false
            ) as _is_removed
        from (
            select
                {{ columns }},
                cast(null as timestamp) as _superseded_at,
                cast(null as string) as _superseded_run_id,
                cast(null as string) as _superseded_reason
            from {{ source('raw', table_name) }}
            union all
            select
                {{ columns }},
                _superseded_at,
                _superseded_run_id,
                _superseded_reason
            from {{ source('raw_history', table_name) }}
        ) as all_versions
        inner join {{ _known_scans() }} as begun_scans
            on
                all_versions.source_instance = begun_scans.source_instance
                and all_versions._run_id = begun_scans.run_id
        left join {{ _known_scans() }} as ended_scans
            on
                all_versions.source_instance = ended_scans.source_instance
                and all_versions._superseded_run_id = ended_scans.run_id
        -- a run that was tried again has scanned twice, and what was there between its scans is no version
        where coalesce(ended_scans.scan_id > begun_scans.scan_id, true)
    ) as {{ alias }}
{%- endmacro %}


{% macro _known_scans() -%}
    (
        select source_instance, run_id, max(scan_id) as scan_id
        from {{ source('ledger', 'infohub_scans') }}
        where
            status = 'loaded'
            {%- if var('known_at', none) is not none %}
            and scan_id < (
                {{ _first_unknown('infohub_scans', 'scan_id') }}
            )
            {%- endif %}
        group by source_instance, run_id
    )
{%- endmacro %}
