{{ config(materialized='table') }}
{#
    One row per object of a system other than the CRMs that stands for a company, with the account that it
    is.

    The first rule of policy/account_match_rules.csv that fits any account decides. Only an exact match fills
    account_id.
#}

with

claims as (

    select
        source_system,
        source_instance,
        object_type,
        object_id,
        claim_kind,
        claim_value

    from {{ ref('int_identity__claims_unioned') }}

),

matches as (

    select
        source_system,
        source_instance,
        object_type,
        object_id,
        claim_kind,
        claim_value,
        match_rule,
        account_id,
        has_domain_on_both_sides

    from {{ ref('int_identity__claims_matched') }}

),

rules as (

    select
        match_rule,
        precedence,
        confidence

    from {{ ref('account_match_rules') }}

),

objects as (

    select
        source_system,
        source_instance,
        object_type,
        object_id,
        max(case when claim_kind = 'name' then claim_value end) as object_name,
        max(case when claim_kind = 'external_id' then claim_value end) as external_id

    from claims

    group by source_system, source_instance, object_type, object_id

),

ranked_matches as (

    select
        matches.source_system,
        matches.source_instance,
        matches.object_type,
        matches.object_id,
        matches.claim_value,
        matches.match_rule,
        matches.account_id,
        matches.has_domain_on_both_sides,
        rules.precedence,
        rules.confidence

    from matches

    inner join rules on matches.match_rule = rules.match_rule

),

rule_matches as (

    select
        source_system,
        source_instance,
        object_type,
        object_id,
        match_rule,
        precedence,
        confidence,
        count(distinct account_id) as account_count,
        min(account_id) as first_account_id,
        min(claim_value) as first_claim_value

    from ranked_matches

    where confidence = 'exact'

    group by source_system, source_instance, object_type, object_id, match_rule, precedence, confidence

),

contradicted_objects as (

    select
        source_system,
        source_instance,
        object_type,
        object_id,
        count(distinct first_account_id) > 1 as is_contradicted

    from rule_matches

    where account_count = 1

    group by source_system, source_instance, object_type, object_id

),

deciding_matches as (

    select
        source_system,
        source_instance,
        object_type,
        object_id,
        match_rule,
        account_count,
        first_account_id,
        first_claim_value

    from rule_matches

    qualify
        row_number() over (
            partition by source_system, source_instance, object_type, object_id
            order by precedence asc nulls last, match_rule asc nulls last
        ) = 1

),

name_matches as (

    select
        source_system,
        source_instance,
        object_type,
        object_id,
        count(distinct account_id) as account_count,
        min(account_id) as first_account_id,
        min(claim_value) as first_claim_value,
        min(case when has_domain_on_both_sides then 1 else 0 end) = 1 as has_domain_on_both_sides

    from ranked_matches

    where confidence = 'suggested'

    group by source_system, source_instance, object_type, object_id

),

judged_objects as (

    select
        objects.source_system,
        objects.source_instance,
        objects.object_type,
        objects.object_id,
        objects.object_name,
        deciding_matches.match_rule as deciding_rule,
        deciding_matches.account_count as deciding_account_count,
        deciding_matches.first_account_id as deciding_account_id,
        deciding_matches.first_claim_value as deciding_claim_value,
        name_matches.account_count as named_account_count,
        name_matches.first_account_id as named_account_id,
        name_matches.first_claim_value as named_claim_value,
        case
            -- People at one company's desk can all be from another one: then the name speaks against them.
            when
                deciding_matches.match_rule = 'people_domain'
                and name_matches.account_count = 1
                and name_matches.first_account_id <> deciding_matches.first_account_id
                then 'ambiguous'
            when deciding_matches.account_count = 1 then 'exact'
            when deciding_matches.account_count > 1 then 'ambiguous'
            when name_matches.account_count is null or name_matches.has_domain_on_both_sides then 'none'
            when name_matches.account_count = 1 then 'suggested'
            else 'ambiguous'
        end as match_confidence,
        coalesce(contradicted_objects.is_contradicted, false) as is_contradicted,
        case
            when
                coalesce(deciding_matches.match_rule, '') not in (
                    'external_id_18', 'external_id_15', 'external_id'
                )
                then objects.external_id
        end as unmatched_external_id

    from objects

    -- Nothing fits some objects, and others have no name.
    left join deciding_matches
        on
            objects.source_system = deciding_matches.source_system
            and objects.source_instance = deciding_matches.source_instance
            and objects.object_type = deciding_matches.object_type
            and objects.object_id = deciding_matches.object_id

    left join name_matches
        on
            objects.source_system = name_matches.source_system
            and objects.source_instance = name_matches.source_instance
            and objects.object_type = name_matches.object_type
            and objects.object_id = name_matches.object_id

    left join contradicted_objects
        on
            objects.source_system = contradicted_objects.source_system
            and objects.source_instance = contradicted_objects.source_instance
            and objects.object_type = contradicted_objects.object_type
            and objects.object_id = contradicted_objects.object_id

),

matched_objects as (

    select
        source_system,
        source_instance,
        object_type,
        object_id,
        object_name,
        match_confidence,
        is_contradicted,
        unmatched_external_id,
        case when match_confidence = 'exact' then deciding_account_id end as account_id,
        case
            when match_confidence = 'none' then cast(null as string)
            else coalesce(deciding_rule, 'name')
        end as match_rule,
        case
            when match_confidence = 'none' then cast(null as string)
            when deciding_rule is not null
                then
                    deciding_rule || ' ' || deciding_claim_value
                    || case
                        when
                            deciding_account_count > 1
                            then ', of ' || cast(deciding_account_count as string) || ' accounts'
                        when
                            match_confidence = 'ambiguous'
                            then ', but the name is that of ' || named_account_id
                        else ''
                    end
            else
                'name ' || named_claim_value
                || case
                    when
                        named_account_count > 1
                        then ', of ' || cast(named_account_count as string) || ' accounts'
                    else ''
                end
        end as match_evidence,
        case
            when
                match_confidence in ('suggested', 'ambiguous') and named_account_count = 1
                then named_account_id
        end as suggested_account_id

    from judged_objects

)

select * from matched_objects
