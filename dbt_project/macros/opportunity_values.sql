{#
    One spelling for each value of a deal, so that the same value told by two sources compares equal. All of it is text,
    because a list of changes has values of many kinds in one column.
#}


{% macro amount_text(amount) -%}
    cast(try_cast({{ amount }} as decimal(18, 2)) as string)
{%- endmacro %}


{% macro probability_ratio(source_system, probability) -%}
    {#-
        Salesforce counts in percent and HubSpot from 0 to 1, and both hold values of the other kind: a fraction of a percent
        is nobody's estimate, and neither is more than certain. 1 is taken at the system's word.
    -#}
    case
        when {{ source_system }} = 'salesforce' and not ({{ probability }} > 0 and {{ probability }} < 1) then {{ probability }} / 100
        when {{ source_system }} = 'hubspot' and {{ probability }} > 1 then {{ probability }} / 100
        else {{ probability }}
    end
{%- endmacro %}


{% macro probability_text(source_system, probability) -%}
    cast(cast({{ probability_ratio(source_system, probability) }} as decimal(9, 6)) as string)
{%- endmacro %}


{% macro close_date_of(moment) -%}
    {#- A day without a time is written as midnight UTC; west of Greenwich that moment is on the day before. -#}
    case
        when cast({{ moment }} as timestamp) = cast(cast({{ moment }} as date) as timestamp) then cast({{ moment }} as date)
        else {{ business_date(moment) }}
    end
{%- endmacro %}


{% macro close_date_text(written) -%}
    {#- Written as a day, as a moment, or as the milliseconds that older interfaces give. -#}
    cast(
        case
            when {{ matches(written, "'^[0-9]{11,14}$'") }}
                then {{ add_days("'1970-01-01'", 'try_cast(floor(try_cast(' ~ written ~ ' as double) / 86400000) as integer)') }}
            else {{ close_date_of(written_moment(written)) }}
        end as string
    )
{%- endmacro %}


{% macro opportunity_attributes() -%}
    {#- What is followed of a deal through time. -#}
    {{ return([
        'stage_name', 'pipeline', 'amount', 'currency_code', 'close_date', 'probability', 'forecast_category',
        'owner_record_id', 'account_record_id', 'next_step', 'loss_reason', 'record_status',
    ]) }}
{%- endmacro %}
