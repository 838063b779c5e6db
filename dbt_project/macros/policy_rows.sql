{# What the policy's seeds have in common: how their rows are named, and what they say of each other. #}


{% macro policy_keys() -%}
    {#- Every seed of the policy, and the columns by which its rows are told apart. -#}
    {{ return({
        'account_match_rules': ['match_rule'],
        'account_segments': ['segment'],
        'activity_kinds': ['source_object', 'source_kind'],
        'activity_retention': ['source_system'],
        'approvals': ['archetype', 'track', 'role'],
        'archetype_aliases': ['alias'],
        'archetypes': ['archetype'],
        'asset_aliases': ['alias_path'],
        'asset_level_fields': ['asset_path', 'asset_level', 'field_path'],
        'asset_levels': ['asset_level'],
        'asset_track_levels': ['asset_path', 'track'],
        'assets': ['asset_path'],
        'automation_depths': ['archetype', 'capability', 'track'],
        'blueprint_tracks': ['blueprint', 'track'],
        'blueprints': ['blueprint'],
        'business_holidays': ['holiday_date'],
        'business_weekdays': ['weekday'],
        'cadence_duties': ['archetype', 'duty'],
        'cadences': ['archetype', 'duty', 'track'],
        'checklist_items': ['blueprint', 'item'],
        'checklist_thresholds': ['blueprint', 'item', 'threshold', 'track'],
        'commercial_rules': ['rule'],
        'committee_roles': ['crm_role'],
        'control_settings': ['setting_name'],
        'corporate_currency': ['corporate_currency_code'],
        'declared_status_words': ['declared_word', 'status'],
        'declared_values': ['declaration'],
        'engagement_owners': ['archetype'],
        'forecast_categories': ['source_name'],
        'free_mail_domains': ['mail_domain'],
        'gap_due_days': ['archetype', 'track', 'severity'],
        'gap_kinds': ['gap_kind'],
        'gap_scan_settings': ['setting_name'],
        'governance_levels': ['governance_level'],
        'governance_score_weights': ['archetype', 'dimension'],
        'hand_offs': ['from_level', 'to_level'],
        'invoice_statuses': ['source_status'],
        'legal_forms': ['legal_form'],
        'loss_reasons': ['loss_reason'],
        'opportunity_attributes': ['source_system', 'field_name'],
        'placeholder_words': ['word'],
        'playbooks': ['playbook'],
        'policy_contradictions': ['contradiction'],
        'policy_counts': ['subject'],
        'policy_sources': ['source_document'],
        'rhythms': ['rhythm'],
        'roles': ['role'],
        'scan_days': ['rhythm'],
        'signal_thresholds': ['blueprint', 'signal', 'threshold', 'track'],
        'signal_windows': ['blueprint', 'signal'],
        'signals': ['blueprint', 'signal'],
        'source_limits': ['source_system', 'measure'],
        'source_objects': ['table_name'],
        'stage_activity_items': ['blueprint', 'item'],
        'stage_map': ['source_system', 'pipeline', 'stage_name'],
        'stages': ['policy_stage'],
        'stakeholders': ['blueprint', 'role'],
        'status_words': ['status'],
        'subscription_statuses': ['source_status'],
        'support_entry_kinds': ['source_system', 'entry_kind'],
        'support_escalation_tags': ['source_system', 'tag'],
        'support_priorities': ['source_system', 'source_priority'],
        'support_ratings': ['source_system', 'source_rating'],
        'support_statuses': ['source_system', 'source_field', 'source_status'],
        'track_policy': ['segment', 'minimum_amount'],
        'track_settings': ['setting_name'],
        'tracks': ['track'],
        'usage_features': ['event_name'],
        'usage_thresholds': ['setting'],
        'validation_strictness': ['archetype', 'track'],
    }) }}
{%- endmacro %}


{% macro policy_references() -%}
    {#-
        What rows of the policy say of rows elsewhere in it: seed, its columns, the seed that is meant, and that one's columns where
        they are called otherwise. With a separator, the column is a list. Only rows `where` something is so name one.
    -#}
    {%- set references = [
        {'seed': 'approvals', 'columns': ['archetype'], 'to': 'archetypes'},
        {'seed': 'approvals', 'columns': ['role'], 'to': 'roles'},
        {'seed': 'approvals', 'columns': ['track'], 'to': 'tracks'},
        {'seed': 'archetype_aliases', 'columns': ['archetype'], 'to': 'archetypes'},
        {'seed': 'archetypes', 'columns': ['governance_level'], 'to': 'governance_levels'},
        {'seed': 'asset_aliases', 'columns': ['asset_path'], 'to': 'assets'},
        {'seed': 'asset_level_fields', 'columns': ['asset_level'], 'to': 'asset_levels'},
        {'seed': 'asset_level_fields', 'columns': ['asset_path'], 'to': 'assets'},
        {'seed': 'asset_track_levels', 'columns': ['asset_level'], 'to': 'asset_levels'},
        {'seed': 'asset_track_levels', 'columns': ['asset_path'], 'to': 'assets'},
        {'seed': 'asset_track_levels', 'columns': ['track'], 'to': 'tracks'},
        {'seed': 'assets', 'columns': ['blueprint'], 'to': 'blueprints'},
        {'seed': 'assets', 'columns': ['playbook'], 'to': 'playbooks'},
        {'seed': 'automation_depths', 'columns': ['archetype'], 'to': 'archetypes'},
        {'seed': 'automation_depths', 'columns': ['track'], 'to': 'tracks'},
        {'seed': 'blueprint_tracks', 'columns': ['blueprint'], 'to': 'blueprints'},
        {'seed': 'blueprint_tracks', 'columns': ['track'], 'to': 'tracks'},
        {'seed': 'blueprints', 'columns': ['archetype'], 'to': 'archetypes'},
        {'seed': 'cadence_duties', 'columns': ['archetype'], 'to': 'archetypes'},
        {'seed': 'cadence_duties', 'columns': ['asset_path'], 'to': 'assets'},
        {'seed': 'cadence_duties', 'columns': ['blueprint'], 'to': 'blueprints'},
        {'seed': 'cadence_duties', 'columns': ['playbook'], 'to': 'playbooks'},
        {'seed': 'cadences', 'columns': ['archetype', 'duty'], 'to': 'cadence_duties'},
        {'seed': 'cadences', 'columns': ['rhythm'], 'to': 'rhythms'},
        {'seed': 'cadences', 'columns': ['track'], 'to': 'tracks'},
        {'seed': 'checklist_items', 'columns': ['applicable_tracks'], 'to': 'tracks', 'to_columns': ['track'], 'separator': ';'},
        {'seed': 'checklist_items', 'columns': ['asset_path'], 'to': 'assets'},
        {'seed': 'checklist_items', 'columns': ['blueprint'], 'to': 'blueprints'},
        {'seed': 'checklist_items', 'columns': ['playbook'], 'to': 'playbooks'},
        {'seed': 'checklist_thresholds', 'columns': ['blueprint', 'item'], 'to': 'checklist_items'},
        {'seed': 'checklist_thresholds', 'columns': ['track'], 'to': 'tracks'},
        {'seed': 'declared_status_words', 'columns': ['status'], 'to': 'status_words'},
        {'seed': 'declared_values', 'columns': ['asset_path'], 'to': 'assets', 'where': "file_kind = 'asset'"},
        {'seed': 'engagement_owners', 'columns': ['archetype'], 'to': 'archetypes', 'where': "archetype <> 'unknown'"},
        {'seed': 'engagement_owners', 'columns': ['decided_by'], 'to': 'roles', 'to_columns': ['role']},
        {'seed': 'engagement_owners', 'columns': ['playbook'], 'to': 'playbooks'},
        {'seed': 'gap_due_days', 'columns': ['archetype'], 'to': 'archetypes', 'where': "archetype <> 'unknown'"},
        {'seed': 'gap_due_days', 'columns': ['track'], 'to': 'tracks', 'where': "track <> 'unknown'"},
        {'seed': 'governance_score_weights', 'columns': ['archetype'], 'to': 'archetypes', 'where': "archetype <> 'unknown'"},
        {'seed': 'hand_offs', 'columns': ['from_level'], 'to': 'governance_levels', 'to_columns': ['governance_level']},
        {'seed': 'hand_offs', 'columns': ['to_level'], 'to': 'governance_levels', 'to_columns': ['governance_level']},
        {'seed': 'loss_reasons', 'columns': ['policy_stage'], 'to': 'stages'},
        {'seed': 'playbooks', 'columns': ['blueprint'], 'to': 'blueprints'},
        {'seed': 'scan_days', 'columns': ['rhythm'], 'to': 'rhythms'},
        {'seed': 'signal_thresholds', 'columns': ['blueprint', 'signal'], 'to': 'signals'},
        {'seed': 'signal_thresholds', 'columns': ['track'], 'to': 'tracks'},
        {'seed': 'signal_windows', 'columns': ['blueprint', 'signal'], 'to': 'signals'},
        {'seed': 'signals', 'columns': ['blueprint'], 'to': 'blueprints'},
        {'seed': 'signals', 'columns': ['playbook'], 'to': 'playbooks'},
        {'seed': 'stage_activity_items', 'columns': ['blueprint', 'item'], 'to': 'checklist_items'},
        {'seed': 'stage_map', 'columns': ['policy_stage'], 'to': 'stages'},
        {'seed': 'stakeholders', 'columns': ['blueprint'], 'to': 'blueprints'},
        {'seed': 'stakeholders', 'columns': ['role'], 'to': 'roles'},
        {'seed': 'track_policy', 'columns': ['track'], 'to': 'tracks'},
        {'seed': 'validation_strictness', 'columns': ['archetype'], 'to': 'archetypes'},
        {'seed': 'validation_strictness', 'columns': ['track'], 'to': 'tracks'},
    ] -%}
    {%- for seed in [
        'account_segments', 'archetype_aliases', 'asset_aliases', 'asset_level_fields', 'asset_track_levels', 'assets',
        'blueprint_tracks', 'blueprints', 'business_holidays', 'business_weekdays', 'cadence_duties', 'cadences',
        'checklist_items', 'checklist_thresholds', 'declared_status_words', 'declared_values', 'engagement_owners',
        'gap_due_days', 'governance_score_weights', 'placeholder_words', 'playbooks', 'policy_contradictions',
        'policy_counts', 'rhythms', 'scan_days', 'signal_thresholds', 'signal_windows', 'stage_activity_items',
        'track_policy', 'track_settings', 'validation_strictness',
    ] -%}
        {%- do references.append({'seed': seed, 'columns': ['owner_role'], 'to': 'roles', 'to_columns': ['role']}) -%}
    {%- endfor -%}
    {%- for seed in [
        'account_segments', 'approvals', 'archetype_aliases', 'archetypes', 'asset_aliases', 'asset_level_fields',
        'asset_levels', 'asset_track_levels', 'assets', 'automation_depths', 'blueprint_tracks', 'blueprints',
        'business_holidays', 'business_weekdays', 'cadence_duties', 'cadences', 'checklist_items', 'checklist_thresholds',
        'declared_status_words', 'declared_values', 'engagement_owners', 'gap_due_days', 'gap_kinds', 'governance_levels',
        'governance_score_weights', 'hand_offs', 'placeholder_words', 'playbooks', 'policy_counts', 'rhythms', 'scan_days',
        'signal_thresholds', 'signal_windows', 'signals', 'stage_activity_items', 'stakeholders', 'status_words',
        'track_policy', 'track_settings', 'tracks', 'validation_strictness',
    ] -%}
        {%- do references.append({'seed': seed, 'columns': ['source_document'], 'to': 'policy_sources'}) -%}
    {%- endfor -%}
    {{ return(references) }}
{%- endmacro %}


{% macro policy_row_key(seed, relation=none) -%}
    {#- How a row of a seed is named in a report: the columns of its key, joined. -#}
    {%- set parts = [] -%}
    {%- for column in policy_keys()[seed] -%}
        {%- do parts.append("coalesce(cast(" ~ (relation ~ '.' if relation else '') ~ column ~ " as string), '')") -%}
    {%- endfor -%}
    {{ parts | join(" || '/' || ") }}
{%- endmacro %}


{% macro json_member(column) -%}
    {#- A column as a member of a JSON object: its name, and its value as text or null. Backslashes are made by number, because the engines spell them differently. -#}
    '"{{ column }}": ' || coalesce(
        '"' || replace(replace(cast({{ column }} as string), chr(92), chr(92) || chr(92)), '"', chr(92) || '"') || '"', 'null'
    )
{%- endmacro %}


{% macro contradictions_looked_for() -%}
    {#- The contradictions that int_governance__policy_contradictions_found finds in the policy's rows. -#}
    {{ return([
        'repeated_item_ids', 'repeated_signal', 'letters_of_levels', 'age_against_rhythm', 'staleness_by_archetype',
        'levels_in_cells', 'rhythm_words', 'specialist_time_of_two_tracks', 'no_cadence_on_poc', 'file_names_in_practice',
        'blueprints_by_track', 'official_scans', 'escalation_times',
    ]) }}
{%- endmacro %}
