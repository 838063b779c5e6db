{{ config(materialized='table') }}
{# One row per person record, exported or only named by a merge, with the one person that it belongs to. #}

with

people as (

    select
        person_record_id,
        source_system,
        source_instance,
        person_type,
        email,
        record_status

    from {{ ref('int_people__people_unioned') }}

),

people_merges as (

    select
        person_record_id,
        surviving_person_record_id,
        is_merge_cycle

    from {{ ref('int_people__merges_resolved') }}

),

survivors as (

    -- Only the survivor's own address: with those of merged records, one person could lead to two.
    select
        people.person_record_id,
        people.source_system,
        people.source_instance,
        people.person_type,
        people.email

    from people

    where people.email is not null and people.record_status <> 'merged'

),

counted_addresses as (

    select
        person_record_id,
        email,
        count(*) over (partition by email, source_system, source_instance) as instance_holder_count,
        -- A CRM knows more of a person than a desk does, and Salesforce is the one that most others refer to.
        row_number() over (
            partition by email
            order by
                case when person_type = 'contact' then 0 else 1 end asc nulls last,
                case when source_system = 'salesforce' then 0 else 1 end asc nulls last,
                source_system asc nulls last,
                source_instance asc nulls last,
                person_record_id asc nulls last
        ) as holder_rank

    from survivors

),

own_leaders as (

    select
        person_record_id,
        max(instance_holder_count) over (partition by email) = 1 as is_unique_email,
        first_value(person_record_id)
            over (partition by email order by holder_rank asc nulls last)
            as leading_record_id

    from counted_addresses

),

named_ids as (

    select person_record_id from people

    union

    select person_record_id from people_merges

    union

    select surviving_person_record_id as person_record_id from people_merges

),

surviving_ids as (

    select
        named_ids.person_record_id,
        coalesce(people_merges.surviving_person_record_id, named_ids.person_record_id)
            as surviving_person_record_id,
        people_merges.person_record_id is not null and not people_merges.is_merge_cycle as is_merged

    from named_ids

    -- Most people were never merged.
    left join people_merges on named_ids.person_record_id = people_merges.person_record_id

),

resolved_people as (

    select
        surviving_ids.person_record_id,
        surviving_ids.surviving_person_record_id,
        surviving_ids.is_merged,
        case
            when own_leaders.is_unique_email then own_leaders.leading_record_id
            else surviving_ids.surviving_person_record_id
        end as person_id,
        case
            when
                own_leaders.is_unique_email
                and own_leaders.leading_record_id <> surviving_ids.surviving_person_record_id
                then 'email'
            when surviving_ids.is_merged then 'merged'
            when not own_leaders.is_unique_email then 'shared_email'
            else 'itself'
        end as resolution_rule

    from surviving_ids

    -- Not everybody has an address.
    left join own_leaders on surviving_ids.surviving_person_record_id = own_leaders.person_record_id

)

select * from resolved_people
