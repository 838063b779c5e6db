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


{% macro json_has_at(document, path_column) -%}
    {#- Whether a document has the field whose path is in a column, be it empty: what is blank was asked, what is absent was not. -#}
    {{ return(adapter.dispatch('json_has_at')(document, path_column)) }}
{%- endmacro %}

{% macro default__json_has_at(document, path_column) -%}
    coalesce(json_exists({{ document }}, '$."' || replace({{ path_column }}, '.', '"."') || '"'), false)
{%- endmacro %}

{% macro spark__json_has_at(document, path_column) -%}
    {#- A null member has no text, so its parent is asked for the names of its members. -#}
    coalesce(
        array_contains(
            json_object_keys(get_json_object(
                {{ document }},
                case
                    when contains({{ path_column }}, '.')
                        then concat('$[\'', replace(regexp_replace({{ path_column }}, '[.][^.]+$', ''), '.', '\'][\''), '\']')
                    else '$'
                end
            )),
            regexp_extract({{ path_column }}, '[^.]+$', 0)
        ),
        false
    )
{%- endmacro %}


{% macro json_part(document, path) -%}
    {#-
        What lies at `a.b` in a JSON document, as JSON: for json_array_items and json_object_items. Null if nothing does.

        json_text would take the quotes off a text, and a list that somebody wrote as "none" would then be no JSON at all.
    -#}
    {{ return(adapter.dispatch('json_part')(document, path)) }}
{%- endmacro %}

{% macro default__json_part(document, path) -%}
    nullif(cast(json_extract({{ document }}, '$."{{ path | replace(".", '"."') }}"') as string), 'null')
{%- endmacro %}

{% macro spark__json_part(document, path) -%}
    {#- A variant tells text that reads like a list from a list; the list is taken as it was written. -#}
    {%- set part = "variant_get(try_parse_json(" ~ document ~ "), '$[\\'" ~ path | replace(".", "\\'][\\'") ~ "\\']', 'variant')" -%}
    case when schema_of_variant({{ part }}) = 'STRING' then to_json({{ part }}) else {{ json_text(document, path) }} end
{%- endmacro %}


{% macro json_part_at(document, path_column) -%}
    {#- As json_part, where the path is in a column instead of in the model. -#}
    {{ return(adapter.dispatch('json_part_at')(document, path_column)) }}
{%- endmacro %}

{% macro default__json_part_at(document, path_column) -%}
    nullif(cast(json_extract({{ document }}, '$."' || replace({{ path_column }}, '.', '"."') || '"') as string), 'null')
{%- endmacro %}

{% macro spark__json_part_at(document, path_column) -%}
    {#- A variant takes no path from a column, so a text that reads like a list or a mapping cannot be told from one. -#}
    {{ json_text_at(document, path_column) }}
{%- endmacro %}


{% macro json_object_items(relation, document, keep_columns, key_name='key', item_name='item') -%}
    {#- A query with one row per member of a JSON object: the columns kept, its name, and its value as JSON text, null where it is null. -#}
    {{ return(adapter.dispatch('json_object_items')(relation, document, keep_columns, key_name, item_name)) }}
{%- endmacro %}

{% macro default__json_object_items(relation, document, keep_columns, key_name, item_name) -%}
    {#- By way of a map: a path made of a name would fail at names with quotes in them. -#}
    select
        {{ keep_columns | join(', ') }},
        member.key as {{ key_name }},
        cast(member.value as string) as {{ item_name }}
    from (
        select
            {{ keep_columns | join(', ') }},
            unnest(map_entries(case
                when json_type({{ document }}) = 'OBJECT' then cast(json({{ document }}) as map(varchar, json))
            end)) as member
        from {{ relation }}
    ) as members
{%- endmacro %}

{% macro spark__json_object_items(relation, document, keep_columns, key_name, item_name) -%}
    {#- Read as text and as a variant, for the reason that json_array_items has. -#}
    select
        {{ keep_columns | join(', ') }},
        members.member_name as {{ key_name }},
        case
            when schema_of_variant(member_variants[members.member_name]) = 'STRING'
                then to_json(member_variants[members.member_name])
            else members.member_text
        end as {{ item_name }}
    from (
        select
            {{ keep_columns | join(', ') }},
            from_json({{ document }}, 'map<string,string>') as member_texts,
            from_json({{ document }}, 'map<string,variant>') as member_variants
        from {{ relation }}
    ) as documents
    lateral view explode(member_texts) members as member_name, member_text
{%- endmacro %}


{% macro joined_text(value, separator) -%}
    {#- The values of a group in one text, in their own order. -#}
    {{ return(adapter.dispatch('joined_text')(value, separator)) }}
{%- endmacro %}

{% macro default__joined_text(value, separator) -%}
    string_agg({{ value }}, '{{ separator }}' order by {{ value }})
{%- endmacro %}

{% macro spark__joined_text(value, separator) -%}
    {#- Of no values, the list is empty, and so would be the text. -#}
    case when count({{ value }}) > 0 then array_join(array_sort(collect_list({{ value }})), '{{ separator }}') end
{%- endmacro %}
