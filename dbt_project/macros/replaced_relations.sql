{#
    On DuckDB, a view or table is replaced in one transaction under its own name. dbt's own way is to build it aside, to rename
    the old one, to rename the new one and to drop the old one, which takes longer than most of our models.
#}

{% materialization view, adapter='duckdb', supported_languages=['sql'] -%}
    {{ return(replaced_relation('view')) }}
{%- endmaterialization %}


{% materialization table, adapter='duckdb', supported_languages=['sql'] -%}
    {{ return(replaced_relation('table')) }}
{%- endmaterialization %}


{% macro replaced_relation(kind) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set relation = this.incorporate(type=kind) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        drop {{ existing.type if existing is not none else kind }} if exists {{ relation }};
        {{ get_create_view_as_sql(relation, sql) if kind == 'view' else get_create_table_as_sql(False, relation, sql) }}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{%- endmacro %}
