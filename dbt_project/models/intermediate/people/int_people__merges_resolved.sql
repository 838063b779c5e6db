{# One row per contact of a CRM that lost a merge, with the contact at the end of its chain. #}

with recursive

salesforce_losers as (

    select
        {{ conformed_id('source_system', 'source_instance', 'contact_id') }} as record_id,
        {{ conformed_id(
            'source_system', 'source_instance', 'merged_into_contact_id'
        ) }} as merged_into_record_id,
        updated_at as merged_by_at

    from {{ ref('stg_salesforce__contacts') }}

    where merged_into_contact_id is not null and not is_later_version

),

hubspot_survivors as (

    select
        source_system,
        source_instance,
        contact_id,
        updated_at,
        -- A JSON list in one export, semicolons in another.
        replace(translate(merged_object_ids, '[]" ', ''), ',', ';') as merged_object_ids

    from {{ ref('stg_hubspot__contacts') }}

    where merged_object_ids is not null and not is_later_version

),

hubspot_merged_ids as (

    {{ split_to_rows(
        'hubspot_survivors',
        'merged_object_ids',
        ';',
        ['source_system', 'source_instance', 'contact_id', 'updated_at'],
        item_name='merged_contact_id',
    ) }}

),

all_losers as (

    select
        record_id,
        merged_into_record_id,
        merged_by_at

    from salesforce_losers

    union all

    select
        {{ conformed_id('source_system', 'source_instance', 'merged_contact_id') }} as record_id,
        {{ conformed_id('source_system', 'source_instance', 'contact_id') }} as merged_into_record_id,
        updated_at as merged_by_at

    from hubspot_merged_ids

    where merged_contact_id <> contact_id

),

listed_merges as (

    -- A survivor that is merged in turn hands its list on: the first that named a loser is the step that
    -- belongs into the chain.
    select
        record_id,
        merged_into_record_id

    from all_losers

    qualify
        row_number() over (
            partition by record_id
            order by merged_by_at asc nulls last, merged_into_record_id asc nulls last
        ) = 1

),

{{ followed_merges() }},

resolved_merges as (

    select
        record_id as person_record_id,
        surviving_record_id as surviving_person_record_id,
        merge_depth,
        is_merge_cycle

    from followed_merges

)

select * from resolved_merges
