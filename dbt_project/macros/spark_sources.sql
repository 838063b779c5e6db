{# On Spark, the loaded tables are Parquet that `revhouse export` wrote. Here they get the names that sources have. #}
{% macro register_sources() -%}
    {%- if execute and target.type == 'spark' and flags.WHICH in ('build', 'run', 'test', 'snapshot', 'retry') -%}
        {%- set folder = env_var('DBT_SPARK_RAW', '') -%}
        {%- if not folder.startswith('/') and ':/' not in folder -%}
            {#- Spark would look for a relative path below its own warehouse. -#}
            {{ exceptions.raise_compiler_error(
                "DBT_SPARK_RAW is `" ~ folder ~ "`. It has to name the folder that `revhouse export` wrote: a full path, or an "
                ~ "address that Spark reads, such as s3a://bucket/export. `python -m revhouse.dbt_on_spark` sets it by itself."
            ) }}
        {%- endif -%}
        {%- set tables = graph.sources.values() | selectattr('unique_id', 'in', _sources_read()) | list -%}
        {%- for schema in tables | map(attribute='schema') | unique -%}
            {%- do run_query('create schema if not exists ' ~ schema) -%}
        {%- endfor -%}
        {%- for table in tables -%}
            {#- Made anew each time, because the table may have grown columns since. What it points to stays. -#}
            {%- do run_query('drop table if exists ' ~ table.relation_name) -%}
            {%- do run_query(
                'create table ' ~ table.relation_name ~ " using parquet location '"
                ~ folder ~ '/' ~ table.schema ~ '/' ~ table.identifier ~ "'"
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{% macro _sources_read() -%}
    {#- Those that what is selected reads. Others would cost a fraction of a second each, and there are many histories. -#}
    {%- set names = [] -%}
    {%- for name in selected_resources if name in graph.nodes -%}
        {%- do names.extend(graph.nodes[name].depends_on.nodes) -%}
    {%- endfor -%}
    {%- do names.extend(selected_resources) -%}
    {{ return(names) }}
{%- endmacro %}
