{#
    How checklist rules are written: a rule judges the evidence of its item, and what all rules have in common is here.

    A rule is a CTE with one row per node that is asked, and these columns:
      node_id, item
      not_applicable_reason   a sentence, if the situation of the node makes the question meaningless; else null
      too_early_reason        a sentence, if what is asked for is not due yet; else null
      is_evidence_needed      false where the absence of the asset is an answer by itself, as after a deadline
      is_kept                 true: passes. false: fails. null: the evidence does not say, which is insufficient data
      reason                  the sentence that goes with is_kept
      observed_value          what was found, as text; null if nothing was
#}


{% macro is_filled(value) -%}
    {#- Whether somebody wrote something there: neither nothing nor a word that only holds the place. Reads the column placeholder_list. -#}
    coalesce(
        trim({{ value }}) not in ('', '[]', '{}')
        and not contains(placeholder_list, '|' || lower(trim({{ value }})) || '|'),
        false
    )
{%- endmacro %}


{% macro is_within(value, threshold='threshold_value', comparison='comparison') -%}
    {#- Whether a number keeps to a threshold of policy. Null if either is unknown. -#}
    case {{ comparison }}
        when 'at_most' then {{ value }} <= {{ threshold }}
        when 'less_than' then {{ value }} < {{ threshold }}
        when 'at_least' then {{ value }} >= {{ threshold }}
    end
{%- endmacro %}


{% macro list_entries(relation, list_path) -%}
    {#- A query with one row per entry of a list in the evidence: node_id, placeholder_list, entry (JSON text), item_index. -#}
    {%- set lists -%}
        (
            select
                node_id,
                placeholder_list,
                {{ json_part('fields_text', list_path) }} as entries
            from {{ relation }}
        ) as lists
    {%- endset -%}
    {{ json_array_items(lists, 'entries', ['node_id', 'placeholder_list'], 'entry') }}
{%- endmacro %}


{% macro judge_recency(
    relation, event_date, what, still_counts='not is_ended', over_reason='The engagement has ended.', unknown_reason=none
) -%}
    {#-
        The rule of everything that recurs: the last time is no more days back than the threshold allows.

        relation has the columns of int_governance__items_asked, and the date of the last time under the name given.
        A node that is younger than the threshold and has no first time yet is too early.
        Where still_counts can be null, unknown_reason is the sentence for it: nobody says whether it is asked at all.
    -#}
    select
        node_id,
        item,
        case when not ({{ still_counts }}) then '{{ over_reason }}' end as not_applicable_reason,
        case
            when
                evidence_problem is null
                {% if unknown_reason is not none %}
                and {{ still_counts }}
                {% endif %}
                and {{ event_date }} is null
                and {{ is_within(days_between('began_date', as_of_date())) }}
                then '{{ what }} is not due yet: the engagement is younger than that.'
        end as too_early_reason,
        true as is_evidence_needed,
        case
            {% if unknown_reason is not none %}
            when ({{ still_counts }}) is null then cast(null as boolean)
            {% endif %}
            when {{ event_date }} is null then false
            else {{ is_within(days_between(event_date, as_of_date())) }}
        end as is_kept,
        case
            {% if unknown_reason is not none %}
            when ({{ still_counts }}) is null then '{{ unknown_reason }}'
            {% endif %}
            when {{ event_date }} is null then '{{ what }}: there has been none.'
            else
                '{{ what }}: last on ' || cast({{ event_date }} as string) || ', '
                || cast({{ days_between(event_date, as_of_date()) }} as string) || ' days ago.'
        end as reason,
        cast({{ event_date }} as string) as observed_value

    from {{ relation }}
{%- endmacro %}


{% macro judge_deadline(relation, anchor_date, done_date, what, no_anchor_status='insufficient_data', no_anchor_reason='It is unknown since when the time runs.') -%}
    {#-
        The rule of everything that is due once: done within so many days after something else.

        Before the deadline it is too early, even without the asset; after it the absence of the asset is a failure.
        Without the day from which the time runs the status is the one given: not_applicable, too_early or insufficient_data.
    -#}
    {%- set deadline = add_days(anchor_date, 'cast(threshold_value as integer)') %}
    select
        node_id,
        item,
        {% if no_anchor_status == 'not_applicable' %}
        case when {{ anchor_date }} is null then '{{ no_anchor_reason }}' end as not_applicable_reason,
        {% else %}
        cast(null as string) as not_applicable_reason,
        {% endif %}
        case
            {% if no_anchor_status == 'too_early' %}
            when {{ anchor_date }} is null then '{{ no_anchor_reason }}'
            {% endif %}
            when
                {{ done_date }} is null
                and coalesce(evidence_problem, '') not in ('unreadable', 'ambiguous', 'later_version')
                and {{ deadline }} >= {{ as_of_date() }}
                then '{{ what }} is due by ' || cast({{ deadline }} as string) || '.'
        end as too_early_reason,
        coalesce(evidence_problem, '') in ('unreadable', 'ambiguous', 'later_version') as is_evidence_needed,
        case
            when {{ anchor_date }} is null then cast(null as boolean)
            when {{ done_date }} is null then false
            else {{ done_date }} <= {{ deadline }}
        end as is_kept,
        case
            when {{ anchor_date }} is null then '{{ no_anchor_reason }}'
            when {{ done_date }} is null
                then '{{ what }}: not done, was due by ' || cast({{ deadline }} as string) || '.'
            else
                '{{ what }}: done on ' || cast({{ done_date }} as string) || ', due by '
                || cast({{ deadline }} as string) || '.'
        end as reason,
        cast({{ done_date }} as string) as observed_value

    from {{ relation }}
{%- endmacro %}


{% macro checked_items(judgements) -%}
    {#-
        The last CTEs of a rule model, one row per node and item of the blueprint. Reads the CTE asked_items and the rules' CTEs.

        An item that no rule judges is insufficient data with that as its reason: it shows, instead of passing or falling out.
    -#}
union_judgements as (

    {% for judgement in judgements -%}
    select
        node_id,
        item,
        not_applicable_reason,
        too_early_reason,
        is_evidence_needed,
        is_kept,
        reason,
        observed_value

    from {{ judgement }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

check_items as (

    select
        asked_items.node_id,
        asked_items.blueprint,
        asked_items.item,
        case
            when asked_items.settled_status is not null then asked_items.settled_status
            when judgements.node_id is null then 'insufficient_data'
            when judgements.not_applicable_reason is not null then 'not_applicable'
            when judgements.too_early_reason is not null then 'too_early'
            when asked_items.evidence_problem is not null and judgements.is_evidence_needed then 'insufficient_data'
            when judgements.is_kept is null and asked_items.needs_attestation then 'manual'
            when judgements.is_kept is null then 'insufficient_data'
            when judgements.is_kept then 'pass'
            else 'fail'
        end as status,
        case
            when asked_items.settled_status is not null then asked_items.settled_reason
            when judgements.node_id is null then 'No rule is written for this item.'
            when judgements.not_applicable_reason is not null then judgements.not_applicable_reason
            when judgements.too_early_reason is not null then judgements.too_early_reason
            when asked_items.evidence_problem is not null and judgements.is_evidence_needed
                then asked_items.evidence_problem_reason
            else judgements.reason
        end as reason,
        case when asked_items.settled_status is null then judgements.observed_value end as observed_value,
        case
            when asked_items.threshold_value is not null
                then
                    replace(asked_items.comparison, '_', ' ') || ' ' || cast(asked_items.threshold_value as string)
                    || ' ' || asked_items.threshold_unit
        end as threshold,
        judgements.node_id is not null or asked_items.settled_status is not null as is_judged

    from asked_items

    -- left: whatever is settled before the evidence is looked at has no judgement, nor has an item without a rule
    left join union_judgements as judgements
        on
            asked_items.node_id = judgements.node_id
            and asked_items.item = judgements.item

)
{%- endmacro %}


{% macro is_accepted(value) -%}
    {#- Whether a word is one of those that policy accepts for the item, however it is spelled. Reads the column accepted_words. -#}
    coalesce(contains(';' || accepted_words || ';', ';' || replace({{ plain_name(value) }}, ';', '|') || ';'), false)
{%- endmacro %}


{% macro yes_or_no(value) -%}
    {#- What somebody answered, as a boolean. Null if it is neither of the two. -#}
    case lower(trim({{ value }})) when 'true' then true when 'yes' then true when 'false' then false when 'no' then false end
{%- endmacro %}


{% macro json_past_moment(document, path) -%}
    {#- The moment that is written, in UTC; a day stands for its beginning. Null if it is after the day asked about. -#}
    {%- set moment = written_moment(json_text(document, path)) -%}
    case when {{ moment }} < {{ as_of_end() }} then {{ moment }} end
{%- endmacro %}


{% macro entry_text(entry) -%}
    {#- The text of a list's entry that is a text and no object; of an object its JSON. -#}
    {{ json_text("'{\"entry\":' || " ~ entry ~ " || '}'", 'entry') }}
{%- endmacro %}


{% macro first_reason(pairs) -%}
    {#- The sentence of the first condition that holds, of pairs of SQL and a sentence; null if none does. -#}
    {% if pairs -%}
    case{% for condition, reason in pairs %} when {{ condition }} then '{{ reason }}'{% endfor %} end
    {%- else -%}
    cast(null as string)
    {%- endif %}
{%- endmacro %}


{% macro judge_entries(
    item, list_path, what, have='content', filled=[], dates=[], past_dates=[], complete_when=none, meant_when=none,
    meant_unknown=none, at_least=none, when_empty='fail', not_applicable_when=[], unknown_when=[], besides=[]
) -%}
    {#-
        The rule of everything that is listed: each entry, or at least so many of them, says what it has to say.

        Reads the CTE open_items, which has a row per node and item. An entry with nothing in it is none.

        what, have          words of the reason: so many `what` listed, all of them with `have`
        filled              fields of an entry that have to be filled
        dates, past_dates   fields that have to hold a day, or one that is not after the day asked about
        complete_when       SQL that has to hold as well, of the columns of open_items and of entry, the JSON of an entry
        meant_when          SQL in the same words: which entries are meant, if not all of them
        meant_unknown       a sentence, if nobody can tell where meant_when is null and the entry is not complete anyway;
                            without it such an entry is meant
        at_least            how many complete entries suffice, a number or a column; without it each one has to be
        when_empty          fail or not_applicable: what follows if no entry is meant. not_applicable needs a list, be it
                            empty: a blank does not say that there is nothing
        not_applicable_when, unknown_when, besides
                            pairs of SQL and a sentence. The SQL is of the columns of open_items, and of listed_count and
                            meant_count. besides has to hold beside the list; its sentence says that it does not
    -#}
    {%- set conditions = [] -%}
    {%- for path in filled %}{% do conditions.append(is_filled(json_text('entry', path))) %}{% endfor -%}
    {%- for path in dates %}{% do conditions.append(json_date('entry', path) ~ ' is not null') %}{% endfor -%}
    {%- for path in past_dates %}{% do conditions.append(json_past_date('entry', path) ~ ' is not null') %}{% endfor -%}
    {%- if complete_when is not none %}{% do conditions.append('coalesce(' ~ complete_when ~ ', false)') %}{% endif -%}
    {%- set list_part = json_part('fields_text', list_path) -%}
    {%- if when_empty == 'not_applicable' -%}
        {%- set not_applicable_when = not_applicable_when + [('is_list and meant_count = 0', 'No ' ~ what ~ ' are listed.')] -%}
    {%- endif %}
    select
        node_id,
        item,
        {{ first_reason(not_applicable_when) }} as not_applicable_reason,
        cast(null as string) as too_early_reason,
        true as is_evidence_needed,
        case
            {% for condition, reason in unknown_when %}
            when {{ condition }} then cast(null as boolean)
            {% endfor %}
            {% for condition, reason in besides %}
            when not coalesce({{ condition }}, false) then false
            {% endfor %}
            when is_something_else then cast(null as boolean)
            when meant_count = 0 then {{ 'false' if when_empty == 'fail' else 'cast(null as boolean)' }}
            {% if at_least is not none %}
            else complete_count >= {{ at_least }}
            {% else %}
            when incomplete_count > 0 then false
            {% if meant_unknown is not none %}
            when unclear_count > 0 then cast(null as boolean)
            {% endif %}
            else true
            {% endif %}
        end as is_kept,
        case
            {% for condition, reason in unknown_when %}
            when {{ condition }} then '{{ reason }}'
            {% endfor %}
            {% for condition, reason in besides %}
            when not coalesce({{ condition }}, false) then '{{ reason }}'
            {% endfor %}
            when is_something_else then '{{ list_path }} is not written as a list.'
            {% if when_empty == 'fail' %}
            when meant_count = 0 then 'No {{ what }} are listed.'
            {% else %}
            when meant_count = 0 then 'Nothing says whether there are {{ what }}.'
            {% endif %}
            {% if at_least is not none %}
            else
                cast(meant_count as string) || ' {{ what }} listed, ' || cast(complete_count as string)
                || ' of them with {{ have }}.'
            {% else %}
            when incomplete_count > 0
                then
                    cast(meant_count as string) || ' {{ what }} listed, ' || cast(incomplete_count as string)
                    || ' of them without {{ have }}.'
            {% if meant_unknown is not none %}
            when unclear_count > 0 then '{{ meant_unknown }}'
            {% endif %}
            else cast(meant_count as string) || ' {{ what }} listed, all of them with {{ have }}.'
            {% endif %}
        end as reason,
        case
            when is_list
                then cast(complete_count as string){% if at_least is none %} || ' of ' || cast(meant_count as string){% endif %}
        end as observed_value

    from (
        select
            *,
            coalesce(listed_entry_count, 0) as listed_count,
            coalesce(meant_entry_count, 0) as meant_count,
            coalesce(complete_entry_count, 0) as complete_count,
            {% if meant_unknown is not none %}
            coalesce(unclear_entry_count, 0) as unclear_count,
            coalesce(meant_entry_count - complete_entry_count - unclear_entry_count, 0) as incomplete_count,
            {% else %}
            coalesce(meant_entry_count - complete_entry_count, 0) as incomplete_count,
            {% endif %}
            coalesce({{ list_part }} like '[%', false) as is_list,
            {{ list_part }} not like '[%' and {{ is_filled(json_text('fields_text', list_path)) }} as is_something_else

        from (select * from open_items where item = '{{ item }}') as asked_lists

        -- left: a list may have no entries
        left join (
            select
                entry_node_id,
                count(*) as listed_entry_count,
                {% if meant_unknown is not none %}
                count(case when is_meant is null and not is_complete then 1 end) as unclear_entry_count,
                {% endif %}
                {% if meant_when is not none %}
                count(case when coalesce(is_meant, true) then 1 end) as meant_entry_count,
                count(case when coalesce(is_meant, true) and is_complete then 1 end) as complete_entry_count
                {% else %}
                count(*) as meant_entry_count,
                count(case when is_complete then 1 end) as complete_entry_count
                {% endif %}

            from (
                select
                    entry_node_id,
                    {% if meant_when is not none %}
                    {{ meant_when }} as is_meant,
                    {% endif %}
                    {{ conditions | join(' and ') or 'true' }} as is_complete

                from (select * from open_items where item = '{{ item }}') as asked_lists

                inner join (
                    select
                        node_id as entry_node_id,
                        entry

                    from (
                        {{ list_entries("(select node_id, placeholder_list, fields_text from open_items where item = '" ~ item ~ "')", list_path) }}
                    ) as entries
                ) as entries on asked_lists.node_id = entries.entry_node_id

                where {{ is_filled(entry_text('entry')) }}
            ) as judged_entries

            group by entry_node_id
        ) as entry_counts on asked_lists.node_id = entry_counts.entry_node_id
    ) as counted_lists
{%- endmacro %}


{% macro last_dates(item, list_path, keep_columns=[]) -%}
    {#-
        What judge_recency reads where the times are entries of a list, each with a `date`: one row per node that is asked the
        item, with the latest as last_date. What is announced for a later day has not happened. Reads the CTE open_items.
    -#}
    select
        open_items.node_id,
        open_items.item,
        {% for column in keep_columns -%}
        open_items.{{ column }},
        {% endfor -%}
        open_items.evidence_problem,
        open_items.comparison,
        open_items.threshold_value,
        open_items.is_ended,
        open_items.began_date,
        last_dates.last_date

    from open_items

    -- left: an empty list has no last time, which is for the rule to judge
    left join (
        select
            node_id,
            max({{ json_past_date('entry', 'date') }}) as last_date
        from (
            {{ list_entries("(select node_id, placeholder_list, fields_text from open_items where item = '" ~ item ~ "')", list_path) }}
        ) as entries
        group by node_id
    ) as last_dates on open_items.node_id = last_dates.node_id

    where open_items.item = '{{ item }}'
{%- endmacro %}


{% macro time_responses(relation) -%}
    {#-
        A query with one row per entry that has to be answered within hours: node_id and outcome, which is kept, late, waiting
        (open, and its hours have not passed) or unknown.

        relation has node_id, is_meant (whether the entry is one of those; null if it does not say), begun_at, done_at,
        maximum_hours and comparison. An open entry is judged at the end of the day; one that begins later is not there yet.
    -#}
    {%- set done_in_time = is_within(seconds_between('begun_at', 'done_at'), 'maximum_hours * 3600') -%}
    {%- set has_time = is_within(seconds_between('begun_at', as_of_end()), 'maximum_hours * 3600') -%}
    select
        node_id,
        case
            when is_meant is null or begun_at is null then 'unknown'
            when done_at < {{ as_of_end() }} then case when {{ done_in_time }} then 'kept' else 'late' end
            when {{ has_time }} then 'waiting'
            else 'late'
        end as outcome

    from {{ relation }}

    where
        coalesce(is_meant, true)
        and coalesce(begun_at < {{ as_of_end() }}, true)
{%- endmacro %}


{% macro judge_responses(item, outcomes, list_path, things, done, over_when=none, over_reason='') -%}
    {#-
        The rule of what has to be answered within hours: none of the entries is late.

        Reads the CTE open_items and the outcomes of time_responses. A list without such an entry makes the item not applicable.
    -#}
    select
        open_items.node_id,
        open_items.item,
        case
            {% if over_when is not none %}
            when {{ over_when }} then '{{ over_reason }}'
            {% endif %}
            when {{ json_part('fields_text', list_path) }} like '[%' and outcomes.node_id is null then 'There are no {{ things }}.'
        end as not_applicable_reason,
        case
            when outcomes.late_count = 0 and outcomes.unknown_count = 0 and outcomes.waiting_count > 0
                then cast(outcomes.waiting_count as string) || ' {{ things }} are open, and their hours have not passed.'
        end as too_early_reason,
        true as is_evidence_needed,
        case
            when outcomes.late_count > 0 then false
            when outcomes.unknown_count = 0 then true
        end as is_kept,
        case
            when outcomes.node_id is null then 'What should be a list of {{ things }} is none.'
            when outcomes.late_count > 0
                then
                    cast(outcomes.late_count as string) || ' of ' || cast(outcomes.entry_count as string)
                    || ' {{ things }} were not {{ done }} in time.'
            when outcomes.unknown_count > 0
                then
                    'Of ' || cast(outcomes.unknown_count as string)
                    || ' entries it is unknown whether they are {{ things }}, or since when.'
            else 'All {{ things }} were {{ done }} in time: ' || cast(outcomes.entry_count as string) || '.'
        end as reason,
        cast(outcomes.late_count as string) as observed_value

    from open_items

    -- left: no entry may be meant
    left join (
        select
            node_id,
            count(*) as entry_count,
            count(case when outcome = 'late' then 1 end) as late_count,
            count(case when outcome = 'waiting' then 1 end) as waiting_count,
            count(case when outcome = 'unknown' then 1 end) as unknown_count
        from {{ outcomes }}
        group by node_id
    ) as outcomes on open_items.node_id = outcomes.node_id

    where open_items.item = '{{ item }}'
{%- endmacro %}


{% macro judge_situations(relation, reasons) -%}
    {#-
        The rule of whom an item is asked: those whose situation answers it, whatever the evidence says.

        relation has node_id, item and the columns named, of not_applicable_reason, too_early_reason and unknown_reason: a
        sentence, or null where the evidence has to answer. Unknown is whether the item is asked at all.
    -#}
    select
        node_id,
        item,
        {% for reason in ['not_applicable_reason', 'too_early_reason'] -%}
        {{ reason if reason in reasons else 'cast(null as string) as ' ~ reason }},
        {% endfor -%}
        true as is_evidence_needed,
        cast(null as boolean) as is_kept,
        {{ 'unknown_reason' if 'unknown_reason' in reasons else 'cast(null as string)' }} as reason,
        cast(null as string) as observed_value

    from {{ relation }}

    where not ({% for reason in reasons %}{{ reason }} is null{{ ' and ' if not loop.last }}{% endfor %})
{%- endmacro %}


{% macro rhythm_days_back(event_date, holiday_count) -%}
    {#-
        How many days before the one asked about something was, counted as a rhythm of policy counts them: all of them, or only
        Mondays to Fridays that are no holidays. Reads the column day_kind.
    -#}
    {%- set days = days_between(event_date, as_of_date()) -%}
    {%- set first, last = weekday(event_date), weekday(as_of_date()) -%}
    case day_kind
        when 'calendar' then {{ days }}
        -- Five for each week between the Mondays of the two weeks, and what the weeks themselves have.
        when 'business'
            then cast(
                ({{ days }} + {{ first }} - {{ last }}) / 7 * 5 + least({{ last }}, 5) - least({{ first }}, 5) as integer
            ) - {{ holiday_count }}
    end
{%- endmacro %}
