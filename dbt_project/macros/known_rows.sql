{#
    What a loaded table says about the day asked about, from what was known at `known_at`.

    Known: without `known_at`, everything that is loaded. Files and scans are numbered as they are committed, and known at a
    moment is whatever was committed before the first one that was loaded later. Comparing each row's own moment instead would
    go wrong where two runs overlapped: the moment is that of a run's start, and the run that started first can commit last. A
    version would then be known before the one it replaced, and the row would be there twice.

    The day: a row that changes is shown in the version that was true at the end of `as_of`, by its stamp; without `as_of`, in
    its latest. So nothing behind staging can learn from a row what only came later. Events are not cut: a change that came
    later may say what was there before it. Whoever reads them cuts at as_of_end(). A row without a stamp is taken as it is.
    What the InfoHub was on a day is told by infohub_rows_of_the_day.
#}
{% macro known_rows(source_name, table_name) -%}
    {%- if source_name == 'raw' and table_name.startswith('infohub__') -%}
        {{ infohub_rows_of_the_day(table_name) }}
    {%- elif source_name == 'raw' -%}
        {{ _rows_with_restores(table_name) }}
    {%- elif var('known_at', none) is none -%}
        {{ source(source_name, table_name) }}
    {%- else -%}
        {{ _known_ledger_rows(table_name) }}
    {%- endif -%}
{%- endmacro %}


{% macro _rows_with_restores(table_name) -%}
    {%- set meta = _meta_of(table_name) -%}
    {%- if meta.deleted is not defined -%}
        {{ _rows_of_the_day(table_name) }}
    {%- else -%}
        {#- HubSpot archives and restores without a new stamp: versions of one stamp count, too. -#}
        (
            select
                rows_of_the_day.*,
                not coalesce(rows_of_the_day.{{ meta.deleted }}, false)
                and not rows_of_the_day._is_later_version
                and coalesce(first_deletions.first_stamp <= rows_of_the_day.{{ meta.stamp }}, false) as _is_restored
            from {{ _rows_of_the_day(table_name) }}
            left join (
                select {{ meta.key | join(', ') }}, min({{ meta.stamp }}) as first_stamp
                from {{ _known_versions(table_name) }}
                where {{ meta.deleted }}
                group by {{ meta.key | join(', ') }}
            ) as first_deletions
                on
                    {%- for name in meta.key %}
                    {{ 'and ' if not loop.first }}rows_of_the_day.{{ name }} = first_deletions.{{ name }}
                    {%- endfor %}
        ) as rows_with_restores
    {%- endif -%}
{%- endmacro %}


{% macro _rows_of_the_day(table_name) -%}
    {%- set meta = _meta_of(table_name) -%}
    {%- if meta.stamp is not defined -%}
        {{ _latest_known_rows(table_name) }}
    {%- elif var('as_of', none) is none -%}
        (
            select *, false as _is_later_version
            from {{ _latest_known_rows(table_name) }}
        ) as rows_of_the_day
    {%- else -%}
        {#-
            Nearly always the latest version is the one: it is taken as it is. Only rows that changed after the day are looked
            for among all their versions, so that asking about today costs nothing.
        -#}
        {%- set columns = _columns_of('raw', table_name) -%}
        (
            select {{ columns }}, false as _is_later_version
            from {{ _latest_known_rows(table_name) }}
            where not {{ _is_later(meta.stamp) }}
            union all
            select {{ columns }}, _is_later_version
            from (
                select
                    {{ columns }},
                    _is_later_version,
                    row_number() over (
                        partition by {{ meta.key | join(', ') }}
                        order by
                            _is_later_version asc nulls last,
                            case when not _is_later_version then {{ meta.stamp }} end desc nulls last,
                            {{ meta.stamp }} asc nulls last,
                            _superseded_by_file_id desc nulls first,
                            _file_id desc nulls last
                    ) as _place
                from (
                    select {{ columns }}, {{ _is_later(meta.stamp) }} as _is_later_version, _superseded_by_file_id
                    from {{ _known_versions(table_name) }}
                ) as marked_versions
                where exists (
                    select 1
                    from {{ _latest_known_rows(table_name, 'latest_rows') }}
                    where
                        {{ _is_later('latest_rows.' ~ meta.stamp) }}
                        {%- for name in meta.key %}
                        and latest_rows.{{ name }} = marked_versions.{{ name }}
                        {%- endfor %}
                )
            ) as placed_versions
            where
                _place = 1
                {%- if meta.created is defined %}
                and coalesce({{ meta.created }} < {{ as_of_end() }}, true)
                {%- endif %}
        ) as rows_of_the_day
    {%- endif -%}
{%- endmacro %}


{% macro _is_later(stamp) -%}
    coalesce({{ stamp }} >= {{ as_of_end() }}, false)
{%- endmacro %}


{% macro _latest_known_rows(table_name, alias='latest_known_rows') -%}
    {%- if var('known_at', none) is none -%}
        {{ source('raw', table_name) }} as {{ alias }}
    {%- else -%}
        {#-
            A version that arrived already old was superseded by its own file, so it is known together with what beat it, and
            never counts. Which file had a version last at that moment is not kept: null says that a later one had it again.
        -#}
        {%- set columns = _columns_of('raw', table_name, without='_last_seen_file_id') -%}
        (
            select
                {{ columns }},
                case when _last_seen_file_id < first_unknown.file_id then _last_seen_file_id end as _last_seen_file_id
            from {{ _versions(table_name) }}
            cross join (
                {{ _first_unknown('files', 'file_id') }}
            ) as first_unknown
            where
                _file_id < first_unknown.file_id
                and coalesce(_superseded_by_file_id, first_unknown.file_id) >= first_unknown.file_id
        ) as {{ alias }}
    {%- endif -%}
{%- endmacro %}


{% macro _known_versions(table_name) -%}
    {%- if var('known_at', none) is none -%}
        {{ _versions(table_name) }}
    {%- else -%}
        {%- set columns = _columns_of('raw', table_name, without='_last_seen_file_id') -%}
        (
            select
                {{ columns }},
                case when _last_seen_file_id < first_unknown.file_id then _last_seen_file_id end as _last_seen_file_id,
                _superseded_by_file_id
            from {{ _versions(table_name) }}
            cross join (
                {{ _first_unknown('files', 'file_id') }}
            ) as first_unknown
            where _file_id < first_unknown.file_id
        ) as known_versions
    {%- endif -%}
{%- endmacro %}


{% macro _versions(table_name) -%}
    {%- set columns = _columns_of('raw', table_name) -%}
    (
        select {{ columns }}, cast(null as integer) as _superseded_by_file_id
        from {{ source('raw', table_name) }}
        union all
        select {{ columns }}, _superseded_by_file_id
        from {{ source('raw_history', table_name) }}
    ) as versions
{%- endmacro %}


{% macro _meta_of(table_name) -%}
    {#- At parse time nothing is known of tables yet, and nothing needs to be: what is read is the same. -#}
    {%- do source('raw', table_name) -%}
    {%- do source('raw_history', table_name) -%}
    {%- if execute -%}
        {{ return(graph.sources['source.' ~ project_name ~ '.raw.' ~ table_name].meta) }}
    {%- endif -%}
    {{ return({}) }}
{%- endmacro %}


{% macro _known_ledger_rows(table_name) -%}
    {%- set number = 'scan_id' if table_name == 'infohub_scans' else 'file_id' -%}
    (
        select *
        from {{ source('ledger', table_name) }}
        where {{ number }} < (
            {{ _first_unknown(table_name, number) }}
        )
    ) as known_rows
{%- endmacro %}


{% macro _first_unknown(table_name, number) -%}
    select
        coalesce(
            min(case when loaded_at > {{ known_at() }} then {{ number }} end),
            max({{ number }}) + 1
        ) as {{ number }}
    from {{ source('ledger', table_name) }}
{%- endmacro %}


{% macro _columns_of(source_name, table_name, without='') -%}
    {#- By name: a table and its history grow at their ends, so their columns can be in different orders. -#}
    {%- if execute -%}
        {%- set table = graph.sources['source.' ~ project_name ~ '.' ~ source_name ~ '.' ~ table_name] -%}
        {{ table.columns | reject('equalto', without) | join(', ') }}
    {%- endif -%}
{%- endmacro %}
