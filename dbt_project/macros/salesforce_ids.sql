{#
    The 18 characters of an id of Salesforce that may have been written with 15; null for what is no such id.

    Ids that differ by case only are different records, and the last three characters say which of the others
    are capitals. An id of 18 characters whose ending does not fit has been damaged, and nothing tells what
    it was: it is null, too.
#}
{% macro salesforce_id_18(text) -%}
    case
        when not {{ matches(text, "'^[A-Za-z0-9]{15}([A-Z0-5]{3})?$'") }} then cast(null as string)
        when length({{ text }}) = 15 or substr({{ text }}, 16) = {{ _salesforce_id_ending(text) }}
            then substr({{ text }}, 1, 15) || {{ _salesforce_id_ending(text) }}
    end
{%- endmacro %}


{% macro _salesforce_id_ending(text) -%}
    {%- set characters = [] -%}
    {%- for first in (1, 6, 11) -%}
        {%- set capitals = [] -%}
        {%- for place in range(5) -%}
            {%- set character = 'ascii(substr(' ~ text ~ ', ' ~ (first + place) ~ ', 1))' -%}
            {%- set is_capital = character ~ ' between 65 and 90' -%}
            {%- do capitals.append('case when ' ~ is_capital ~ ' then ' ~ 2 ** place ~ ' else 0 end') -%}
        {%- endfor -%}
        {%- set place = '1 + ' ~ capitals | join(' + ') -%}
        {%- do characters.append("substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345', " ~ place ~ ', 1)') -%}
    {%- endfor -%}
    ({{ characters | join(' || ') }})
{%- endmacro %}
