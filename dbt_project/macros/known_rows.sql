{#
    What a loaded table held at `known_at`; without `known_at`, what it holds now.

    Files and scans are numbered as they are committed. Known at a moment is whatever was committed before the first one
    that was loaded later. Comparing each row's own moment instead would go wrong where two runs overlapped: the moment is
    that of a run's start, and the run that started first can commit last. A version would then be known before the one it
    replaced, and the row would be there twice.
#}
{% macro known_rows(source_name, table_name) -%}
    {%- if var('known_at', none) is none -%}
        {{ source(source_name, table_name) }}
    {%- elif source_name == 'ledger' -%}
        {{ _known_ledger_rows(table_name) }}
    {%- elif table_name.startswith('infohub__') -%}
        {{ _known_infohub_rows(table_name) }}
    {%- else -%}
        {{ _known_export_rows(table_name) }}
    {%- endif -%}
{%- endmacro %}


{% macro _known_export_rows(table_name) -%}
    {#-
        A version that arrived already old was superseded by its own file, so it is known together with what beat it, and
        never counts. Which file had a version last at that moment is not kept: null says that a later one had it again.
    -#}
    {%- set columns = _columns_of('raw', table_name, without='_last_seen_file_id') -%}
    (
        select
            {{ columns }},
            case when _last_seen_file_id < first_unknown.file_id then _last_seen_file_id end as _last_seen_file_id
        from (
            select {{ columns }}, _last_seen_file_id, cast(null as integer) as _superseded_by_file_id
            from {{ source('raw', table_name) }}
            union all
            select {{ columns }}, _last_seen_file_id, _superseded_by_file_id
            from {{ source('raw_history', table_name) }}
        ) as versions
        cross join (
            {{ _first_unknown('files', 'file_id') }}
        ) as first_unknown
        where
            _file_id < first_unknown.file_id
            and coalesce(_superseded_by_file_id, first_unknown.file_id) >= first_unknown.file_id
    ) as known_rows
{%- endmacro %}


{% macro _known_infohub_rows(table_name) -%}
    {%- set columns = _columns_of('raw', table_name) -%}
    {%- set known_runs -%}
        select run_id from {{ source('ledger', 'infohub_scans') }}
        where scan_id < (
            {{ _first_unknown('infohub_scans', 'scan_id') }}
        )
    {%- endset -%}
    (
        select {{ columns }}
        from {{ source('raw', table_name) }}
        where _run_id in (
            {{ known_runs }}
        )
        union all
        select {{ columns }}
        from {{ source('raw_history', table_name) }}
        where
            _run_id in (
                {{ known_runs }}
            )
            and _superseded_run_id not in (
                {{ known_runs }}
            )
    ) as known_rows
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
