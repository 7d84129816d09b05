"""Every column of every table is classed: about a member of staff, how the system works, or what is known.

A new column fails here until somebody has decided what it is; a time or a serial number beside an answer
never passes.
"""

import pytest
from sqlalchemy import Column, DateTime, Integer, Uuid

from survey_app.models import Base

# Names, signs and doings of members of staff. No column is about a citizen.
PERSONAL = {
    "account": "id name password_hash role unit_id language is_active n_failures blocked_until "
    "full_name search_key decision_number decision_on valid_until",
    "account_session": "token_hash account_id created_at last_seen_at browser",
    "invitation": "account_id token_hash created_at expires_at",
    "pending_sign_in": "token_hash account_id created_at challenge",
    "recovery_code": "account_id digest",
    "second_factor": "account_id secret new_secret challenge last_step n_failures blocked_until",
    "security_key": "credential_id account_id public_key n_signed name added_on",
    "approval": "id kind unit_id subject payload reason state proposed_by_id proposed_at decided_by_id decided_at "
    "decision_note",
    "publication": "started_by_id started_at approved_by_id published_by_id",
    "unit_reply": "id publication_id unit_id stance text file_name file_type file replied_by_id replied_at answer "
    "answer_reason answered_by_id answered_at",
    "draft_note": "id draft_id place text by_id at",
    "questionnaire_draft": "id created_by_id created_at changed_by_id changed_at",
    "method_draft": "id created_by_id changed_by_id changed_at",
    "audit_entry": "id at account_id action target details",
    "sign_on_identity": "id issuer subject name account_id seen_at",
    "document_batch": "id account_id asked_at",
    "letterhead_version": "signer_name",
    "paper_opening": "first_opener second_opener",
    # Gone when the batch is booked.
    "paper_row": "keyed_by is_own_staff",
    "interviewer": "account_id",
    "interview_assignment": "account_id",
    # The office's own code of an officer whose files are counted.
    "indicator_count": "officer",
    # Which accounts went with a unit stands in the rows to be taken back.
    "registry_operation": "request changes later carried_out_at carried_out_by_id undone_at undone_by_id",
    "sample_draw": "drawn_by_id",
    "sample_replacement": "replaced_by_id",
    "sample_set_aside": "asked_by_id approved_by_id",
    "transaction_batch": "account_id loaded_at",
}
# What a kiosk last said of itself, and when its enrolment code ends: about a machine, overwritten or ended.
MACHINE = {
    "device": "enrolment_hash enrolment_expires_at",
    "device_state": "device_id seen_at app_version n_opened n_finished n_sent n_unsent n_refused oldest_unsent_days "
    "battery_percent is_charging clock_skew_seconds storage_percent is_storage_persistent",
}
# Keys, marks and digests: needed to store once, to count and to check; they say nothing of anybody.
TECHNICAL = {
    "api_client": "id key_hash scopes is_trial created_on expires_on revoked_on",
    "comment": "id released_on",
    "count_cell": "counts",
    "conversion_table": "id",
    "document_batch": "state n_done n_total file_name expires_on",
    "letterhead_version": "id",
    "device": "id state created_on commissioned_on ended_on end_reason n_missing_at_end replaces_id message "
    "n_reloads_asked",
    "device_incident": "id",
    "device_ledger": "device_id block ticked",
    "exclusion": "id is_active",
    "indicator_set": "id",
    "indicator_choice": "root_unit_id set_id",
    "audit_entry": "sequence previous seal",
    "audit_head": "id sequence seal",
    "call_back_check": "assignment_id digest",
    "calendar_day": "id entered_on withdrawn_on",
    "closure": "id entered_on withdrawn_on",
    "interview_assignment": "id",
    "moment_cell": "moments",
    "paper_batch": "id key state",
    "paper_opening": "id",
    "paper_pad": "id",
    "paper_row": "batch_id round position is_finished is_sampled",
    "period": "id",
    "point": "id",
    "point_code": "code created_on revoked_on",
    "questionnaire_version": "id digest n_slots",
    "received_root": "wave_id received_on generation revision n n_open root sealed_on",
    "questionnaire_draft": "revision approval_id published_id",
    "mapping_revision": "id",
    "method_draft": "revision approval_id published_id",
    "official_method": "id",
    "publication": "id revision state fingerprint verification_code approval_id",
    "publication_part": "publication_id language name position",
    "public_pages": "root_unit_id is_open changed_on",
    "recording": "text_key digest uploaded_on",
    "response": "id batch closed_in digest supplement_digest is_test flags",
    "sample_draw": "id frame_digest cases_digest",
    "sample_frame": "id digest",
    "sample_plan": "id",
    "sample_handout": "batch_id",
    "sample_ticket_batch": "batch_id",
    "rollup_dirty": "point_id month mark",
    "root_reopened": "wave_id received_on mark",
    "rollup_month": "month point_id",
    "score_release": "unit_id wave_id released_through",
    "service_field": "id",
    "procedure": "id",
    "ticket": "hash batch is_spent",
    "transaction_batch": "id digest client_id",
    "transaction_count": "id key batch_id",
    "ticket_batch": "id n_spent created_on expires_on revoked_on origin client_id",
    "registry_operation": "id settled_on",
    "unit": "id search_key sort_key",
    "unit_alias": "search_key",
    "unit_period": "search_key sort_key",
    "wave": "id state coarsened_on",
    "wave_snapshot": "id root",
    "wave_tally": "counts moments item_moments",
    "desk": "id",
}
# What was said, where and on which day, and everything that frames it.
CONTENT = {
    "api_client": "name unit_id",
    "calendar_day": "day kind title_vi title_en legal_basis is_to_check",
    "closure": "starts_on ends_on reason note is_simulated",
    "conversion_table": "unit_id title basis legal_basis valid_from valid_to bands",
    "document_batch": "root_unit_id basis period_code language formats units",
    "letterhead_version": "unit_id effective_from superior issuer place abbreviation signer_titles recipients bases",
    "closure_unit": "closure_id unit_id",
    "comment": "unit_id month polarity language text",
    "count_cell": "point_id unit_id agency_id field_id stage month channel wave_id version_id stratum "
    "is_excluded n_responses",
    "desk": "code point_id name is_single_officer closed_on",
    "device": "code point_id name profile",
    "device_day": "device_id day n_opened n_finished n_morning n_afternoon n_after_hours",
    "device_incident": "device_id reason began_on ended_on",
    "exclusion": "point_id channel collector batch from_on to_on reason",
    "indicator_set": "code version definition effective_from legal_basis provenance",
    "call_back_check": "item_code is_alike",
    "interview_assignment": "wave_id unit_id mode label state n_attempts last_attempt_on call_back stratum weight",
    "interviewer": "code",
    "moment_cell": "point_id unit_id month channel wave_id version_id stratum is_excluded n_responses "
    "n_clusters",
    "opening_hours": "point_id valid_from week",
    "paper_batch": "opening_id wave_id version_id language n_to_key check_result difference_reason n_booked "
    "n_own_staff booked_on",
    "paper_count": "opening_id pad_id n_collected n_blank n_spoiled",
    "paper_opening": "point_id unit_id opened_on",
    "paper_pad": "point_id wave_id version_id language number first_sheet last_sheet n_handed_out n_spoiled created_on",
    "paper_row": "cells",
    "period": "code root_unit_id title_vi title_en starts_on ends_on",
    "point": "code name",
    "point_code": "point_id",
    "point_unit": "point_id valid_from unit_id valid_to",
    "policy": "effective_from values legal_basis",
    "indicator_choice": "legal_basis chosen_on",
    "indicator_count": "unit_id period_id number n_two n_one n_zero is_simulated",
    "official_figure": "unit_id kind period_title value out_of published_on source is_simulated",
    "procedure": "code name field_id agency level valid_from valid_to",
    "questionnaire_slot": "version_id position item_code option_code factor_code kind",
    "questionnaire_version": "code version definition published_on effective_from legal_basis provenance",
    "questionnaire_draft": "unit_id definition based_on_id mapping",
    "mapping_revision": "old_id new_id number links basis decided_on",
    "method_draft": "unit_id definition",
    "official_method": "code version definition effective_from legal_basis provenance is_example",
    "version_mapping": "old_id new_id links basis",
    "recording": "language source media_type duration_ms content",
    "response": "wave_id version_id unit_id point_id desk_id agency_id field_id stratum channel stage "
    "capacity assisted_by residence is_proxy language collector weight is_ticketed is_late duration_bucket "
    "gap_bucket collected_on received_on answers",
    "registry_operation": "kind effective_on subject unit_id",
    "sample_case": "draw_id unit_id label stratum cluster role place probability weight",
    "sample_draw": "frame_id method seed asked n_cases n_reserves drawn_on is_simulated",
    "sample_frame": "wave_id kind title n_entries n_people is_keyed is_accepted loaded_on is_simulated",
    "sample_frame_entry": "frame_id unit_id label stratum name size handled_on",
    "sample_handout": "draw_id unit_id how n_cases handed_on",
    "sample_plan": "unit_id title asked saved_on is_simulated",
    "sample_replacement": "draw_id unit_id label reason replacement replaced_on",
    "sample_set_aside": "draw_id reason seed_source set_aside_on",
    "sample_ticket_batch": "draw_id unit_id stratum",
    "sample_stratum": "draw_id unit_id number name population n_cases n_reserves",
    "service_field": "code name_vi name_en icon position",
    "ticket_batch": "point_id code wave_id stage field_id size",
    "transaction_batch": "source title n_rows",
    "transaction_count": "unit_id desk_id field_id starts_on ends_on mode outcome n_files is_simulated",
    "unit": "code name kind level parent_id gso_code population valid_from valid_to",
    "unit_alias": "unit_id name",
    "unit_period": "unit_id valid_from valid_to name kind parent_id population",
    "unit_lineage": "predecessor_id successor_id effective_on population_share",
    "wave": "code title_vi title_en basis root_unit_id version_id opens_on closes_on grace_days is_simulated channels "
    "languages",
    "wave_bridge": "wave_id version_id share",
    "hearing_notice": "publication_id unit_id notified_on reply_by",
    "publication": "root_unit_id basis period_code reason as_of is_simulated method_version terms published_on "
    "ended_on end_reason",
    "publication_part": "content",
    "published_score": "publication_id unit_id code showing n value ci_low ci_high",
    "wave_snapshot": "wave_id revision closed_on received_through first_on last_on reason n_received n_counted "
    "method_version terms",
    "wave_tally": "snapshot_id unit_id version_id starts_on ends_on is_excluded n_responses n_clusters",
    "wave_unit": "wave_id unit_id stratum target population",
}
CITIZEN_TABLES = ("response", "comment", "ticket")
TABLES = Base.metadata.tables


def columns_of(*classes: dict[str, str]) -> list[tuple[str, str]]:
    return [(table, name) for each in classes for table, names in each.items() for name in names.split()]


def is_instant(column: Column) -> bool:
    """Whether a column holds a time of day, plainly or under a decorator."""
    return isinstance(getattr(column.type, "impl_instance", column.type), DateTime)


def test_every_column_is_in_exactly_one_class():
    classed = columns_of(PERSONAL, MACHINE, TECHNICAL, CONTENT)
    assert len(classed) == len(set(classed)), "a column classed twice"
    there = {(table.name, column.name) for table in TABLES.values() for column in table.columns}
    assert there - set(classed) == set(), "class these columns"
    assert set(classed) - there == set(), "these columns are gone"


def test_personal_columns_are_of_the_staff_only():
    assert not {table for table, _ in columns_of(PERSONAL)} & set(CITIZEN_TABLES)


def test_an_instant_is_kept_of_the_staff_and_their_machines_only():
    timed = {(t.name, c.name) for t in TABLES.values() for c in t.columns if is_instant(c)}
    assert len(timed) >= 4, "no instant was found at all"
    assert timed <= set(columns_of(PERSONAL, MACHINE))


@pytest.mark.parametrize("name", ["response", "comment"])
def test_an_answer_has_a_random_key_and_no_serial(name):
    table = TABLES[name]
    (key,) = table.primary_key.columns
    assert isinstance(key.type, Uuid)
    assert table.dialect_options["sqlite"]["with_rowid"] is False
    assert not [c for c in table.columns if isinstance(c.type, Integer) and not c.foreign_keys and c.unique]


def test_a_ticket_is_a_hash_without_a_rowid():
    table = TABLES["ticket"]
    assert [column.name for column in table.primary_key.columns] == ["hash"]
    assert table.dialect_options["sqlite"]["with_rowid"] is False


def test_no_foreign_key_leads_from_or_to_an_answer_a_comment_or_a_ticket():
    for table in TABLES.values():
        for key in table.foreign_keys:
            assert key.column.table.name not in CITIZEN_TABLES, key
            assert not (table.name in CITIZEN_TABLES and key.column.table.name in PERSONAL), key


def test_no_column_keeps_what_a_browser_sends_along():
    forbidden = ("ip", "address", "user_agent", "agent", "referer", "cookie", "fingerprint", "phone", "email")
    for table in CITIZEN_TABLES:
        for column in TABLES[table].columns:
            assert not set(column.name.split("_")) & set(forbidden), column


@pytest.mark.parametrize("name", ["interview_assignment", "call_back_check"])
def test_a_case_is_kept_by_random_keys_and_leads_to_no_answer(name):
    table = TABLES[name]
    assert isinstance(next(iter(table.primary_key.columns)).type, Uuid)
    assert table.dialect_options["sqlite"]["with_rowid"] is False
    assert not {key.column.table.name for key in table.foreign_keys} & set(CITIZEN_TABLES)
    assert not any(is_instant(column) for column in table.columns)
