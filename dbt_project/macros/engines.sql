{#
    What DuckDB and Spark spell differently, each under one name: default__ is DuckDB, spark__ is Spark.

    Whatever both engines run alike is written in the models as it is.
#}


{% macro days_between(first_date, last_date) -%}
    {{ return(adapter.dispatch('days_between')(first_date, last_date)) }}
{%- endmacro %}

{% macro default__days_between(first_date, last_date) -%}
    cast(date_diff('day', cast({{ first_date }} as date), cast({{ last_date }} as date)) as integer)
{%- endmacro %}

{% macro spark__days_between(first_date, last_date) -%}
    datediff(cast({{ last_date }} as date), cast({{ first_date }} as date))
{%- endmacro %}


{% macro seconds_between(first_moment, last_moment) -%}
    {#- Whole seconds begun: both engines count from the second in which the first moment lies. -#}
    {{ return(adapter.dispatch('seconds_between')(first_moment, last_moment)) }}
{%- endmacro %}

{% macro default__seconds_between(first_moment, last_moment) -%}
    date_diff('second', cast({{ first_moment }} as timestamp), cast({{ last_moment }} as timestamp))
{%- endmacro %}

{% macro spark__seconds_between(first_moment, last_moment) -%}
    (cast(cast({{ last_moment }} as timestamp) as bigint) - cast(cast({{ first_moment }} as timestamp) as bigint))
{%- endmacro %}


{% macro add_days(from_date, day_count) -%}
    {{ return(adapter.dispatch('add_days')(from_date, day_count)) }}
{%- endmacro %}

{% macro default__add_days(from_date, day_count) -%}
    cast(cast({{ from_date }} as date) + cast({{ day_count }} as integer) as date)
{%- endmacro %}

{% macro spark__add_days(from_date, day_count) -%}
    date_add(cast({{ from_date }} as date), cast({{ day_count }} as int))
{%- endmacro %}


{% macro weekday(of_date) -%}
    {#- 1 is Monday, 7 is Sunday. -#}
    {{ return(adapter.dispatch('weekday')(of_date)) }}
{%- endmacro %}

{% macro default__weekday(of_date) -%}
    cast(isodow(cast({{ of_date }} as date)) as integer)
{%- endmacro %}

{% macro spark__weekday(of_date) -%}
    (weekday(cast({{ of_date }} as date)) + 1)
{%- endmacro %}


{% macro business_date(moment) -%}
    {#- The calendar day of a moment (UTC) where the business is. -#}
    {%- if var('timezone', 'UTC') == 'UTC' -%}
        cast({{ moment }} as date)
    {%- else -%}
        {{ return(adapter.dispatch('business_date')(moment)) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__business_date(moment) -%}
    cast((cast({{ moment }} as timestamp) at time zone 'UTC') at time zone '{{ var('timezone') }}' as date)
{%- endmacro %}

{% macro spark__business_date(moment) -%}
    cast(from_utc_timestamp(cast({{ moment }} as timestamp), '{{ var('timezone') }}') as date)
{%- endmacro %}


{% macro generate_days(first_date, last_date) -%}
    {#- A query with one row per day from the first to the last, both included; none if the last is before the first. -#}
    {{ return(adapter.dispatch('generate_days')(first_date, last_date)) }}
{%- endmacro %}

{% macro default__generate_days(first_date, last_date) -%}
    select cast(unnest(generate_series(
        cast({{ first_date }} as timestamp), cast({{ last_date }} as timestamp), interval 1 day
    )) as date) as day
{%- endmacro %}

{% macro spark__generate_days(first_date, last_date) -%}
    {#- A sequence that ends before it begins would count downwards. -#}
    select day
    from (
        select explode(sequence(first_day, greatest(first_day, last_day), interval 1 day)) as day, first_day, last_day
        from (select cast({{ first_date }} as date) as first_day, cast({{ last_date }} as date) as last_day) as ends
    ) as days
    where day <= last_day
{%- endmacro %}


{% macro matches(value, pattern) -%}
    {#- Whether the text holds something of that pattern. Backslashes are spelled differently: write [0-9] and [.] instead. -#}
    {{ return(adapter.dispatch('matches')(value, pattern)) }}
{%- endmacro %}

{% macro default__matches(value, pattern) -%}
    regexp_matches({{ value }}, {{ pattern }})
{%- endmacro %}

{% macro spark__matches(value, pattern) -%}
    {#- Where a pattern asks for either case, DuckDB means that of every letter, Java without the flag that of A to Z. -#}
    regexp_like({{ value }}, concat('(?u)', {{ pattern }}))
{%- endmacro %}


{% macro json_text(document, path) -%}
    {#- The text of what lies at `a.b` in a JSON document; null if nothing does. Names with dots in them cannot be asked for. -#}
    {{ return(adapter.dispatch('json_text')(document, path)) }}
{%- endmacro %}

{% macro default__json_text(document, path) -%}
    json_extract_string({{ document }}, '$."{{ path | replace(".", '"."') }}"')
{%- endmacro %}

{% macro spark__json_text(document, path) -%}
    get_json_object({{ document }}, '$[\'{{ path | replace(".", "\\'][\\'") }}\']')
{%- endmacro %}


{% macro json_array_items(relation, document, keep_columns, item_name='item') -%}
    {#-
        A query with one row per item of a JSON array: the columns kept, the item as JSON text, and item_index from 1.
        No row where the document is null, no array, or empty.
    -#}
    {{ return(adapter.dispatch('json_array_items')(relation, document, keep_columns, item_name)) }}
{%- endmacro %}

{% macro default__json_array_items(relation, document, keep_columns, item_name) -%}
    select
        {{ keep_columns | join(', ') }},
        cast(unnest(json_extract({{ document }}, '$[*]')) as string) as {{ item_name }},
        cast(generate_subscripts(json_extract({{ document }}, '$[*]'), 1) as integer) as item_index
    from {{ relation }}
{%- endmacro %}

{% macro spark__json_array_items(relation, document, keep_columns, item_name) -%}
    {#- Read as text, an item that is text has lost its quotes; as a variant, an object has lost the order of its members. -#}
    select
        {{ keep_columns | join(', ') }},
        case
            when schema_of_variant(items.item.item_variants) = 'STRING' then to_json(items.item.item_variants)
            else coalesce(items.item.item_texts, 'null')
        end as {{ item_name }},
        items.item_position + 1 as item_index
    from (
        select
            {{ keep_columns | join(', ') }},
            from_json({{ document }}, 'array<string>') as item_texts,
            from_json({{ document }}, 'array<variant>') as item_variants
        from {{ relation }}
    ) as documents
    lateral view posexplode(arrays_zip(item_texts, item_variants)) items as item_position, item
{%- endmacro %}


{% macro split_to_rows(relation, list_text, separator, keep_columns, item_name='item') -%}
    {#- A query with one row per part of a text: the columns kept, and the part without blanks around it. Empty parts are left out. -#}
    {{ return(adapter.dispatch('split_to_rows')(relation, list_text, separator, keep_columns, item_name)) }}
{%- endmacro %}

{% macro default__split_to_rows(relation, list_text, separator, keep_columns, item_name) -%}
    select {{ keep_columns | join(', ') }}, trim(part) as {{ item_name }}
    from (
        select {{ keep_columns | join(', ') }}, unnest(string_split({{ list_text }}, '{{ separator }}')) as part
        from {{ relation }}
    ) as parts
    where trim(part) <> ''
{%- endmacro %}

{% macro spark__split_to_rows(relation, list_text, separator, keep_columns, item_name) -%}
    select {{ keep_columns | join(', ') }}, trim(part) as {{ item_name }}
    from {{ relation }}
    lateral view explode(split({{ list_text }}, '\\Q{{ separator }}\\E')) parts as part
    where trim(part) <> ''
{%- endmacro %}


{% macro hash_text(value) -%}
    md5({{ value }})
{%- endmacro %}
