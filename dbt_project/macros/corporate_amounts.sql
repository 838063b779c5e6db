{#
    What a deal's amount is in the corporate currency. Rates are dated by the close date, as Salesforce does; a close date
    that is still to come takes the rate of the day itself, the latest that anybody knew. No rate is a gap, never 1.

    `deals` has source_system, source_instance, amount, currency_code and close_date; `day` is the day that is told of.
#}


{% macro rate_date(deals, day) -%}
    least(coalesce({{ deals }}.close_date, {{ day }}), {{ day }})
{%- endmacro %}


{% macro rate_status(deals) -%}
    case
        when {{ deals }}.currency_code = corporate_currency.corporate_currency_code then 'corporate'
        when rates.conversion_rate is not null then 'dated'
        -- An organisation with one currency does not name it. That of the organisation which keeps the rates is known.
        when
            {{ deals }}.currency_code is null
            and {{ deals }}.source_system = corporate_currency.rates_system
            and {{ deals }}.source_instance = corporate_currency.rates_instance
            then 'assumed'
        else 'missing'
    end
{%- endmacro %}


{% macro amount_corporate(deals) -%}
    case {{ rate_status(deals) }}
        when 'dated' then cast(cast({{ deals }}.amount as double) / rates.conversion_rate as decimal(18, 2))
        when 'missing' then cast(null as decimal(18, 2))
        else {{ deals }}.amount
    end
{%- endmacro %}
