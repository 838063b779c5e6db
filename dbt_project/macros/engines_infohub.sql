{# What DuckDB and Spark spell differently about documents whose fields are named by data. See engines.sql. #}


{% macro json_text_at(document, path_column) -%}
    {#- As json_text, where the path is in a column instead of in the model. -#}
    {{ return(adapter.dispatch('json_text_at')(document, path_column)) }}
{%- endmacro %}

{% macro default__json_text_at(document, path_column) -%}
    json_extract_string({{ document }}, '$."' || replace({{ path_column }}, '.', '"."') || '"')
{%- endmacro %}

{% macro spark__json_text_at(document, path_column) -%}
    get_json_object({{ document }}, concat('$[\'', replace({{ path_column }}, '.', '\'][\''), '\']'))
{%- endmacro %}


{% macro json_object_items(relation, document, keep_columns, key_name='key', item_name='item') -%}
    {#- A query with one row per member of a JSON object: the columns kept, its name, and its value as JSON text. -#}
    {{ return(adapter.dispatch('json_object_items')(relation, document, keep_columns, key_name, item_name)) }}
{%- endmacro %}

{% macro default__json_object_items(relation, document, keep_columns, key_name, item_name) -%}
    select
        {{ keep_columns | join(', ') }},
        {{ key_name }},
        cast(json_extract({{ document }}, '$."' || {{ key_name }} || '"') as string) as {{ item_name }}
    from (
        select {{ keep_columns | join(', ') }}, {{ document }}, unnest(json_keys({{ document }})) as {{ key_name }}
        from {{ relation }}
        where json_type({{ document }}) = 'OBJECT'
    ) as members
{%- endmacro %}

{% macro spark__json_object_items(relation, document, keep_columns, key_name, item_name) -%}
    select
        {{ keep_columns | join(', ') }},
        {{ key_name }},
        {{ item_name }}
    from {{ relation }}
    lateral view explode(from_json({{ document }}, 'map<string,string>')) members as {{ key_name }}, {{ item_name }}
{%- endmacro %}


{% macro joined_text(value, separator) -%}
    {#- The values of a group in one text, in their own order. -#}
    {{ return(adapter.dispatch('joined_text')(value, separator)) }}
{%- endmacro %}

{% macro default__joined_text(value, separator) -%}
    string_agg({{ value }}, '{{ separator }}' order by {{ value }})
{%- endmacro %}

{% macro spark__joined_text(value, separator) -%}
    array_join(array_sort(collect_list({{ value }})), '{{ separator }}')
{%- endmacro %}
