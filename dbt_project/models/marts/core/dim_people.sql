{# One row per person at a customer or prospect, whatever records CRMs and support desks have of them. #}

with

people as (

    select
        person_record_id,
        source_system,
        source_instance,
        person_type,
        source_person_id,
        full_name,
        email,
        email_domain,
        phone,
        job_title,
        department,
        account_id,
        owner_record_id,
        reports_to_person_record_id,
        is_email_bounced,
        email_bounced_at,
        has_opted_out_of_email,
        record_status,
        is_restored,
        created_at,
        updated_at,
        file_id

    from {{ ref('int_people__people_unioned') }}

),

resolved_people as (

    select
        person_record_id,
        person_id,
        is_merged

    from {{ ref('int_people__people_resolved') }}

),

counted_records as (

    select
        resolved_people.person_id,
        count(*) as record_count,
        count(case when people.person_type = 'contact' then 1 end) > 0 as is_crm_contact,
        count(case when people.person_type = 'desk_user' then 1 end) > 0 as is_desk_user,
        -- One of several records is enough to know that mail does not arrive, or is not wanted.
        max(case when people.is_email_bounced then 1 when not people.is_email_bounced then 0 end)
        = 1 as is_email_bounced,
        min(people.email_bounced_at) as email_bounced_at,
        max(case when people.has_opted_out_of_email then 1 when not people.has_opted_out_of_email then 0 end)
        = 1
            as has_opted_out_of_email

    from resolved_people

    left join people on resolved_people.person_record_id = people.person_record_id

    group by resolved_people.person_id

),

ranked_accounts as (

    -- A desk can know where somebody works who is in no CRM, or is there without a company.
    select
        resolved_people.person_id,
        people.account_id

    from resolved_people

    inner join people on resolved_people.person_record_id = people.person_record_id

    where people.account_id is not null

    qualify
        row_number() over (
            partition by resolved_people.person_id
            order by
                case when resolved_people.is_merged then 1 else 0 end asc nulls last,
                case when people.person_type = 'contact' then 0 else 1 end asc nulls last,
                case
                    when people.person_record_id = resolved_people.person_id then 0 else 1
                end asc nulls last,
                people.person_record_id asc nulls last
        ) = 1

),

leading_records as (

    select
        resolved_people.person_id,
        people.person_record_id,
        people.full_name,
        people.email,
        people.email_domain,
        people.phone,
        people.job_title,
        people.department,
        people.owner_record_id,
        people.reports_to_person_record_id,
        people.record_status,
        people.is_restored,
        people.created_at,
        people.updated_at,
        people.file_id

    from resolved_people

    -- A record that is only named by a merge has nothing to say.
    left join people on resolved_people.person_record_id = people.person_record_id

    qualify
        row_number() over (
            partition by resolved_people.person_id
            order by
                case when people.person_record_id is not null then 0 else 1 end asc nulls last,
                case
                    when resolved_people.person_record_id = resolved_people.person_id then 0 else 1
                end asc nulls last,
                case when resolved_people.is_merged then 1 else 0 end asc nulls last,
                people.updated_at desc nulls last,
                resolved_people.person_record_id asc nulls last
        ) = 1

),

described_people as (

    select
        leading_records.person_id,
        leading_records.full_name,
        leading_records.email,
        leading_records.email_domain,
        leading_records.phone,
        leading_records.job_title,
        leading_records.department,
        ranked_accounts.account_id,
        leading_records.owner_record_id,
        managers.person_id as reports_to_person_id,
        counted_records.is_email_bounced,
        counted_records.email_bounced_at,
        counted_records.has_opted_out_of_email,
        counted_records.is_crm_contact,
        counted_records.is_desk_user,
        counted_records.record_count,
        leading_records.created_at,
        leading_records.updated_at,
        leading_records.file_id,
        split_part(leading_records.person_id, ':', 1) as source_system,
        split_part(leading_records.person_id, ':', 2) as source_instance,
        split_part(leading_records.person_id, ':', 3) as source_person_id,
        case
            when leading_records.person_record_id = leading_records.person_id
                then coalesce(leading_records.record_status, 'not_exported')
            else 'not_exported'
        end as person_status,
        coalesce(leading_records.is_restored, false) as is_restored

    from leading_records

    inner join counted_records on leading_records.person_id = counted_records.person_id

    -- People whose company is no account, and people who report to nobody that a CRM has.
    left join ranked_accounts on leading_records.person_id = ranked_accounts.person_id

    left join
        resolved_people as managers
        on leading_records.reports_to_person_record_id = managers.person_record_id

)

select * from described_people
