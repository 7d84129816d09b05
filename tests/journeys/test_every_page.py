"""Every address, opened by everyone: it answers as the access table says, never fails and never writes."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pysqlite3.dbapi2 as sqlite
import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.services.accounts import Role
from survey_app.web.security import Access, access_table
from tests.sites import DemoSite, apart

ACCOUNTS = {
    None: None,
    "dongha": Role.MANAGER,
    "conco": Role.MANAGER,
    "sonoivu": Role.PAR_OFFICE,
    "lanhdao": Role.VIEWER,
    "quantri": Role.ADMIN,
    "phongvan": Role.INTERVIEWER,
    "nhapphieu": Role.DESK_STAFF,
    "doankiemtra": Role.INSPECTION_TEAM,
    "thanhtra": Role.STATE_INSPECTOR,
}
# What stands in the address of an endpoint, each with the status that a reader with access gets.
# `{...}` are the demo's own paths and tokens; an endpoint that is missing here fails the first test.
PAGES: dict[str, list[tuple[str, int]]] = {
    "static": [("/static/staff.css", 200), ("/static/nothing.css", 404), ("/static/../config.py", 404)],
    "public.landing": [("/", 200), ("/?lang=xx&contrast=%00", 200)],
    "public.who_sees_what": [("/who-sees-what", 200)],
    "public.help_index": [("/help", 200), ("/help?lang=en", 200)],
    "public.help_page": [("/help/lanh-dao-don-vi", 200), ("/help/no-such", 404), ("/help/..%2FREADME", 404)],
    "public.help_picture": [("/help/anh/may-them.png", 200), ("/help/anh/%2e%2e", 404)],
    "public.methods": [("/methods", 200), ("/methods?lang=en", 200)],
    "public.open_data": [("/open-data", 200), ("/open-data?lang=en", 200)],
    "public.open_data_files_of": [("/open-data/1.zip", 200), ("/open-data/99999999999999999999.zip", 404)],
    "api.docs": [("/api/v1/docs", 200), ("/api/v1/docs?lang=en", 200)],
    "api.units": [("/api/v1/units", 401)],
    "api.questionnaires": [("/api/v1/questionnaires", 401)],
    "api.waves": [("/api/v1/waves", 401)],
    "api.periods": [("/api/v1/periods", 401)],
    "api.releases": [("/api/v1/releases", 401)],
    "api.release_tables": [("/api/v1/releases/1/tables", 401)],
    "public.healthz": [("/healthz", 200)],
    "public.readyz": [("/readyz", 200)],
    "auth.sign_in": [("/sign-in?next=//elsewhere.example", 200)],
    "auth.account": [("/account", 200)],
    "auth.second_step": [("/sign-in/second-step?next=//elsewhere.example", 303)],
    "auth.second_factor": [("/account/second-factor", 200), ("/account/second-factor?lang=en", 200)],
    "auth.invitation": [("/invitation/forged", 404), ("/invitation/%00", 404)],
    "manager.home": [("/manager/", 303)],
    "manager.unit": [
        ("{manager}", 200), ("{manager}?basis=sample", 200), ("{manager}?period=2026-Q2&lang=en", 200),
        ("{manager}?period=no-such", 404),
        ("{manager}?basis=no-such", 404), ("/manager/units/99999999999999999999", 404),
    ],
    "manager.hearings": [("/manager/hearings", 200), ("/manager/hearings?lang=en", 200)],
    "manager.hearing": [("/manager/hearings/0/units/0", 404)],
    "manager.hearing_file": [("/manager/hearings/0/units/0/file", 404)],
    "par_office.publications": [("/par/publications", 200), ("/par/publications?lang=en", 200)],
    "par_office.publication": [("/par/publications/0", 404)],
    "par_office.publication_content": [("/par/publications/0/content.json", 404)],
    "par_office.publication_reply_file": [("/par/publications/0/replies/0/file", 404)],
    "public.results": [("/results", 200), ("/results?lang=en", 200)],
    "public.result": [("/results/1", 200), ("/results/1?lang=en", 200), ("/results/0", 404)],
    "public.unit_result": [("/results/1/units/QT.19333", 200), ("/results/1/units/%00", 404)],
    "admin.public_results": [("/admin/public-results", 200)],
    "manager.figure": [
        ("{manager}/figures/overall", 200), ("{manager}/figures/F2?lang=en", 200), ("{manager}/figures/F2.1", 200),
        ("{manager}/figures/no-such", 404), ("{manager}/figures/%00", 404), ("/manager/units/0/figures/overall", 404),
    ],
    "manager.breakdown": [
        ("{manager}/breakdown", 200), ("{manager}/breakdown?by=age_band&lang=en", 200),
        ("{manager}/breakdown?by=agency&period=2026-6T", 200), ("{manager}/breakdown?by=confidential", 404),
        ("/manager/units/0/breakdown", 404),
    ],
    "manager.comments": [
        ("{manager}/comments", 200), ("{manager}/comments?q=%25%27%00&polarity=bad&month=x&lang=en", 200),
        ("{manager}/comments?page=99999999999999999999", 200), ("{manager}/comments?polarity=x", 404),
        ("/manager/units/0/comments", 404),
    ],
    "manager.weekly_summary_pdf": [("{manager}/weekly-summary.pdf", 200), ("/manager/units/0/weekly-summary.pdf", 404)],
    "manager.weekly_summary_png": [("{manager}/weekly-summary.png?lang=en", 200),
                                   ("{manager}/weekly-summary.png?period=no-such", 404)],
    "manager.nine_indicators": [("{manager}/nine-indicators", 200), ("{manager}/nine-indicators?lang=en", 200),
                                ("{manager}/nine-indicators?period=no-such", 404)],
    "manager.four_numbers": [("{manager}/four-numbers", 200), ("{manager}/four-numbers?lang=en", 200),
                             ("/manager/units/0/four-numbers", 404)],
    "manager.unit_report": [("{manager}/report", 200), ("{manager}/report?basis=sample&lang=en", 200),
                            ("{manager}/report?period=no-such", 404)],
    "manager.unit_report_file": [("{manager}/report.pdf", 200), ("{manager}/report.docx?lang=en", 200),
                                 ("{manager}/report.xlsx", 200), ("{manager}/report.csv", 200),
                                 ("{manager}/report.exe", 404)],
    "manager.remedy_plan": [("{manager}/remedy-plan", 200), ("{manager}/remedy-plan?lang=en", 200)],
    "manager.remedy_plan_docx": [("{manager}/remedy-plan.docx", 200)],
    "par_office.home": [("/par/", 200), ("/par/?lang=en", 200)],
    "par_office.comparison_file": [
        ("/par/comparison.csv", 200), ("/par/comparison.xlsx?basis=continuous&lang=en", 200),
        ("/par/comparison.pdf", 404), ("/par/comparison.csv?period=no-such", 404),
    ],
    "par_office.trends": [
        ("/par/trends?lang=en", 200), ("/par/trends?basis=sample", 200), ("/par/trends?unit=0", 404),
        ("/par/trends?unit=%00", 404), ("/par/trends?basis=no-such", 404),
    ],
    "par_office.remedies": [
        ("/par/remedies", 200), ("/par/remedies?unit=70&on=no-such", 200),
        ("/par/remedies?unit=70&on=2026-06-15&control=peers&lang=en", 200),
        ("/par/remedies?unit=70&on=2026-06-15&weeks=5", 404), ("/par/remedies?unit=0&on=2026-06-15", 404),
        ("/par/remedies?unit=70&on=2026-06-15&control=%00", 404),
    ],
    "par_office.crosstabs": [
        ("/par/crosstabs", 200), ("/par/crosstabs?rows=field&columns=education&basis=sample&lang=en", 200),
        ("/par/crosstabs?rows=confidential", 404), ("/par/crosstabs?rows=%00", 404),
        ("/par/crosstabs?period=2026-6T", 200),
    ],
    "par_office.drivers": [("/par/drivers", 200), ("/par/drivers?form=999", 200), ("/par/drivers?form=x", 404)],
    "par_office.reliability": [("/par/reliability?lang=en", 200), ("/par/reliability?form=%C2%B2", 404)],
    "par_office.equity": [("/par/equity", 200), ("/par/equity?basis=sample&lang=en", 200)],
    "admin.home": [("/admin/", 200)],
    "admin.letterhead": [("/admin/letterhead", 200), ("/admin/letterhead?unit=0", 404)],
    "admin.conversion_tables": [("/admin/conversions", 200), ("/admin/conversions?lang=en", 200)],
    "admin.conversion_table": [("/admin/conversions/1", 200), ("/admin/conversions/0", 404)],
    "admin.programs": [("/admin/programs", 200), ("/admin/programs?lang=en", 200)],
    "admin.sign_on_identities": [("/admin/sign-on", 200)],
    # Sign-on is not set up in the demo.
    "auth.sign_on": [("/sign-in/provider", 404)],
    "auth.sign_on_callback": [("/sign-in/provider/callback?code=a&state=b", 404)],
    "admin.people": [
        ("/admin/people", 200), ("/admin/people?q=%25%27%00&role=manager&state=invited&lang=en", 200),
        ("/admin/people?role=no-such", 404), ("/admin/people?state=no-such", 404), ("/admin/people?unit=0", 404),
        ("/admin/people?unit=x", 404),
    ],
    "admin.people_new": [("/admin/people/new", 200)],
    "admin.people_account": [("/admin/people/1", 200), ("/admin/people/0", 404)],
    "admin.approvals": [("/admin/approvals", 200)],
    "admin.approval": [("/admin/approvals/0", 404)],
    "admin.audit": [("/admin/audit", 200), ("/admin/audit?lang=en&person=1&group=account&target=%25%27%00", 200),
                    ("/admin/audit?from=no-such&to=9999-99-99&before=99999999999999999999&person=%C2%B2", 200)],
    "admin.evidence": [("/admin/evidence", 200), ("/admin/evidence?lang=en", 200)],
    "admin.exclusions": [("/admin/exclusions", 200), ("/admin/exclusions?lang=en", 200)],
    "admin.exclusion_new": [("/admin/exclusions/new", 200), ("/admin/exclusions/new?point=1", 200),
                            ("/admin/exclusions/new?point=0", 404), ("/admin/exclusions/new?point=x", 200)],
    "admin.units": [
        ("/admin/units", 200), ("/admin/units?view=list&on=2025-06-30", 200), ("/admin/units?on=0001-01-01", 200),
        ("/admin/units?q=dong+ha&on=%00", 200), ("/admin/units?q=%25%27%00", 200), ("/admin/units?q=%3F&lang=en", 200),
    ],
    "admin.unit": [("{admin_unit}", 200), ("{admin_unit}?on=2020-01-01&lang=en", 200), ("/admin/units/0", 404)],
    "admin.unit_trend": [("{admin_unit}/trend", 200), ("/admin/units/0/trend", 404)],
    "admin.point": [("{admin_point}", 200), ("{admin_point}?on=2020-01-01", 200), ("/admin/points/0", 404)],
    "admin.service_fields": [("/admin/service-fields", 200)],
    "admin.unit_change": [("/admin/units/change", 200), ("/admin/units/change?unit=%00&on=%00&kind=x", 200)],
    "admin.unit_change_details": [
        ("/admin/units/change/no-such", 404), ("/admin/units/change/merge", 422),
        ("/admin/units/change/split?on=2026-10-01&unit=x", 422),
        ("/admin/units/change/rename?on=2026-10-01&unit=999999999", 404),
    ],
    "admin.unit_change_review": [("/admin/registry/changes/0", 404)],
    "admin.registry_operations": [("/admin/registry/operations", 200)],
    "admin.registry_operation": [("/admin/registry/operations/0", 404)],
    "admin.waves": [("/admin/waves", 200), ("/admin/waves?state=closed&lang=en", 200)],
    "admin.wave": [("/admin/waves/mau-2026", 200), ("/admin/waves/mau-2026?lang=en", 200),
                   ("/admin/waves/no-such", 404)],
    "admin.wave_closing": [("/admin/waves/mau-2026/close", 200), ("/admin/waves/no-such/close", 404)],
    "admin.wave_new": [("/admin/wave-new", 200)],
    "admin.wave_edit": [("/admin/waves/mot-cua-2027/edit", 200), ("/admin/waves/no-such/edit", 404)],
    "admin.wave_units": [("/admin/waves/mot-cua-2027/units", 200),
                         ("/admin/waves/mot-cua-2027/units?q=%25%27%00", 200)],
    "admin.wave_targets": [("/admin/waves/mot-cua-2027/targets", 200), ("/admin/waves/mau-2026/targets", 409)],
    "admin.wave_progress": [("/admin/waves/mau-2026/progress", 200), ("/admin/waves/no-such/progress", 404)],
    "admin.wave_bridge": [("/admin/waves/bac-cau-2026/bridge", 200), ("/admin/waves/mau-2026/bridge", 404)],
    "admin.wave_calendar": [("/admin/wave-calendar", 200), ("/admin/wave-calendar?year=99999&lang=en", 200)],
    "admin.periods": [("/admin/periods", 200)],
    "admin.questionnaires": [("/admin/questionnaires", 200), ("/admin/questionnaires?lang=en", 200)],
    "admin.questionnaire_version": [("/admin/questionnaires/versions/2", 200),
                                    ("/admin/questionnaires/versions/99", 404)],
    "admin.version_mapping": [("/admin/questionnaires/versions/5/mapping/2", 200),
                              ("/admin/questionnaires/versions/2/mapping/5", 404)],
    "admin.revise_mapping": [
        ("/admin/questionnaires/versions/5/mapping/2/item?at=F1.1", 200),
        ("/admin/questionnaires/versions/5/mapping/2/item?at=F1.1&new=PV1.2&lang=en", 200),
        ("/admin/questionnaires/versions/5/mapping/2/item?at=%00", 404),
    ],
    "admin.methods": [("/admin/questionnaires/methods", 200), ("/admin/questionnaires/methods?lang=en", 200)],
    "admin.method": [("/admin/questionnaires/methods/2", 200), ("/admin/questionnaires/methods/99", 404)],
    "admin.method_draft": [("/admin/questionnaires/methods/drafts/1", 200),
                           ("/admin/questionnaires/methods/drafts/99", 404)],
    "admin.indicator_set": [("/admin/questionnaires/indicators/1", 200), ("/admin/questionnaires/indicators/99", 404)],
    "admin.compare_questionnaires": [("/admin/questionnaires/compare?old=v1&new=v2", 200),
                                     ("/admin/questionnaires/compare?old=v1&new=%00", 404)],
    "admin.conformance_sheet": [("/admin/questionnaires/conformance", 200),
                                ("/admin/questionnaires/conformance?wave=mau-2026&lang=en", 200),
                                ("/admin/questionnaires/conformance?wave=mot-cua-2026-1", 404)],
    "admin.conformance_csv": [("/admin/questionnaires/conformance.csv?wave=mau-2026", 200),
                              ("/admin/questionnaires/conformance.csv?wave=no-such", 404)],
    "admin.questionnaire_draft": [("/admin/questionnaires/drafts/1", 200),
                                  ("/admin/questionnaires/drafts/2?lang=en", 200),
                                  ("/admin/questionnaires/drafts/99", 404)],
    "admin.edit_questionnaire_head": [("/admin/questionnaires/drafts/1/head", 200)],
    "admin.edit_questionnaire_node": [("/admin/questionnaires/drafts/1/node?at=1", 200),
                                      ("/admin/questionnaires/drafts/1/node?at=2.0", 200),
                                      ("/admin/questionnaires/drafts/1/node?at=9.9.9", 404)],
    "admin.edit_questionnaire_scale": [("/admin/questionnaires/drafts/1/scale?name=satisfaction5", 200),
                                       ("/admin/questionnaires/drafts/1/scale?name=%00", 404)],
    "admin.edit_questionnaire_index": [("/admin/questionnaires/drafts/1/index", 200)],
    "admin.questionnaire_mapping": [("/admin/questionnaires/drafts/1/mapping", 200)],
    "admin.questionnaire_words": [("/admin/questionnaires/words/d1", 200),
                                  ("/admin/questionnaires/words/v2?language=bru&show=unheard&from=99999", 200),
                                  ("/admin/questionnaires/words/v2?language=xx", 404)],
    "admin.questionnaire_preview": [("/admin/questionnaires/preview/v2", 200),
                                    ("/admin/questionnaires/preview/d1", 200),
                                    ("/admin/questionnaires/preview/x", 404)],
    "admin.questionnaire_screen": [("/admin/questionnaires/preview/v2/screen", 200),
                                   ("/admin/questionnaires/preview/v2/screen?screen=visits&door=k&lang=en", 200),
                                   ("/admin/questionnaires/preview/v2/screen?screen=%00", 404),
                                   ("/admin/questionnaires/preview/d1/screen", 422)],
    "admin.questionnaire_sheet": [("/admin/questionnaires/preview/v2/sheet.pdf", 200),
                                  ("/admin/questionnaires/preview/d1/sheet.pdf", 422)],
    "admin.questionnaire_import": [("/admin/questionnaires/files", 200), ("/admin/questionnaires/files?lang=en", 200)],
    "admin.questionnaire_export": [
        ("/admin/questionnaires/1.xlsx", 200), ("/admin/questionnaires/999.xlsx", 404),
    ],
    "admin.questionnaire_export_json": [
        ("/admin/questionnaires/1.json", 200), ("/admin/questionnaires/999.json", 404),
    ],
    "admin.sample_plan": [("/admin/samples/plan", 200), ("/admin/samples/plan?plan=1&lang=en", 200),
                          ("/admin/samples/plan?plan=2147483647", 404), ("/admin/samples/plan?plan=%00", 200)],
    "admin.sample_plan_list": [("/admin/samples/plans", 200)],
    "admin.compared_sample_plans": [("/admin/samples/plans/compared?plan=1&plan=2", 200),
                                    ("/admin/samples/plans/compared", 422)],
    "admin.compared_sample_plans_xlsx": [("/admin/samples/plans/compared.xlsx?plan=1&plan=2", 200),
                                         ("/admin/samples/plans/compared.xlsx?plan=1", 422)],
    "admin.sample_plan_xlsx": [("/admin/samples/plans/1.xlsx", 200), ("/admin/samples/plans/0.xlsx", 404)],
    "admin.sample_plan_docx": [("/admin/samples/plans/2.docx", 200), ("/admin/samples/plans/0.docx", 404)],
    "admin.samples": [("/admin/samples", 200)],
    "admin.sample_wave": [("/admin/samples/waves/3", 200), ("/admin/samples/waves/1?lang=en", 404)],
    "admin.sample_frame": [("/admin/samples/frames/1?lang=en", 200), ("/admin/samples/frames/0", 404)],
    "admin.sample_draw": [("/admin/samples/draws/1", 200), ("/admin/samples/draws/0", 404)],
    "admin.transactions": [
        ("/admin/transactions", 200), ("/admin/transactions?lang=en&to=2026-08&q=%25%27", 200),
        ("/admin/transactions?to=9999-99&q=%00", 200),
    ],
    "admin.transaction_import_page": [("/admin/transactions/import", 200)],
    "admin.transaction_template": [("/admin/transactions/template.xlsx", 200)],
    "admin.transaction_counts": [
        ("/admin/transactions/counts.csv", 200), ("/admin/transactions/counts.xlsx?to=2026-08", 200),
        ("/admin/transactions/counts.exe", 404),
    ],
    "admin.transaction_month": [
        ("/admin/transactions/units/0/2026-08", 404), ("/admin/transactions/units/1/2026-99", 404),
    ],
    "admin.registry_import": [("/admin/registry/import", 200), ("/admin/registry/import?lang=en", 200)],
    "admin.registry_export": [
        ("/admin/registry/export/units.csv", 200), ("/admin/registry/export/procedures.xlsx", 200),
        ("/admin/registry/export/no-such.csv", 404),
    ],
    "admin.calendar": [("/admin/calendar", 200), ("/admin/calendar?month=2026-09&lang=en", 200),
                       ("/admin/calendar?month=%00", 200)],
    "admin.closure_new": [("/admin/calendar/closures/new", 200)],
    "admin.opening_hours": [("/admin/calendar/hours", 200), ("/admin/calendar/hours?lang=en", 200)],
    "fieldwork.home": [("/fieldwork/", 200)],
    "fieldwork.device_list": [("/fieldwork/devices", 200)],
    "fieldwork.device_new": [("/fieldwork/devices/new", 200)],
    "fieldwork.device": [("/fieldwork/devices/0", 404)],
    "fieldwork.import_responses": [("/fieldwork/import", 200), ("/fieldwork/import?lang=en", 200)],
    "fieldwork.tickets": [("/fieldwork/tickets", 200), ("/fieldwork/tickets?lang=en", 200)],
    "par_office.reports": [("/par/reports", 200), ("/par/reports?lang=en&period=no-such", 200)],
    "par_office.report_batch": [("/par/reports/batches/0.zip", 404)],
    "par_office.province_report_page": [("/par/reports/province", 200)],
    "par_office.province_report_file": [("/par/reports/province.xlsx?lang=en", 200),
                                        ("/par/reports/province.exe", 404)],
    "par_office.result_notice_file": [("/par/reports/notice.docx?basis=sample", 200),
                                      ("/par/reports/notice.pdf?basis=continuous", 404)],
    "par_office.check_report": [("/par/reports/check", 200),
                                ("/par/reports/check?unit=%00&basis=x&period=x&code=%27", 200)],
    "par_office.templates": [("/par/reports/template", 200), ("/par/reports/template?lang=en", 200)],
    "par_office.datasets": [("/par/datasets", 200), ("/par/datasets?lang=en", 200)],
    "par_office.comparison": [
        ("/par/comparison?standardised=1&basis=continuous&units=now&print=1", 200),
        ("/par/comparison?peers=no-such", 404),
        ("/par/comparison", 200), ("/par/comparison?basis=continuous&kind=ward&sort=value&order=desc", 200),
        ("/par/comparison?kind=ward&sort=no-such&q=%25%27%00", 200),
        ("/par/comparison?period=no-such", 404), ("/par/comparison?kind=no-such", 404),
    ],
    "fieldwork.print_points": [("/fieldwork/print", 200), ("/fieldwork/print?q=%25%27%00", 200)],
    "fieldwork.print_point": [("{print_point}", 200), ("/fieldwork/print/points/99999999999999999999", 404)],
    "fieldwork.print_posters": [("/fieldwork/print/posters.pdf", 200)],
    "fieldwork.print_whole_kit": [("{printed_code}/kit.pdf", 200), ("/fieldwork/print/codes/NOSUCHXX/kit.pdf", 404)],
    "fieldwork.print_piece": [("{printed_code}/poster.pdf", 200), ("{printed_code}/no-such.pdf", 404)],
    "fieldwork.print_code_svg": [("{printed_code}/code.svg?slip=refusal", 200),
                                 ("{printed_code}/code.svg?slip=%00", 404)],
    "fieldwork.print_slip_svg": [("{printed_code}/slip-apology.svg", 200), ("{printed_code}/slip-no-such.svg", 404)],
    "fieldwork.ask_to_replace_code": [("{printed_code}/replace", 200)],
    "fieldwork.paper_home": [("/fieldwork/paper", 200)],
    "fieldwork.paper_pad_new": [("/fieldwork/paper/pads/new", 200), ("/fieldwork/paper/pads/new?point=0", 404)],
    "fieldwork.paper_pad": [("{paper_pad}", 200), ("/fieldwork/paper/pads/0", 404)],
    "fieldwork.paper_pad_pdf": [("{paper_pad}/sheets.pdf", 200)],
    "fieldwork.paper_specimen": [("/fieldwork/paper/specimen.pdf?point=0&wave=x", 404)],
    "fieldwork.paper_opening_new": [("/fieldwork/paper/openings/new", 200),
                                    ("/fieldwork/paper/openings/new?point=none", 404)],
    "fieldwork.paper_opening": [("{paper_opening}", 200), ("/fieldwork/paper/openings/0", 404)],
    "fieldwork.paper_minutes": [("{paper_opening}/minutes.pdf", 200)],
    "fieldwork.paper_batch": [("{paper_batch}", 200), ("{paper_batch}?lang=en", 200)],
    "fieldwork.paper_entry_grid": [("{paper_batch}/entry", 200), ("{paper_batch}/entry?sheet=%00", 200),
                                   ("{paper_batch}/entry?from=99999999999999999999", 200)],
    "fieldwork.my_interviews": [("/fieldwork/interviews", 200)],
    "fieldwork.interview": [("/fieldwork/interviews/{case}?lang=en", 200),
                            (f"/fieldwork/interviews/{UUID(int=1)}", 404)],
    "fieldwork.case_assignments": [("/fieldwork/assignments", 200), ("/fieldwork/assignments?wave=mau-2026", 200),
                                   ("/fieldwork/assignments?wave=no-such", 404)],
    "fieldwork.due_call_backs": [("/fieldwork/call-backs", 200), ("/fieldwork/call-backs?wave=no-such", 404)],
    "fieldwork.call_back": [("/fieldwork/call-backs/{case}", 404), (f"/fieldwork/call-backs/{UUID(int=1)}", 404)],
    "fieldwork.interviewer_report": [("/fieldwork/interviewers", 200), ("/fieldwork/interviewers?wave=mau-2026", 200),
                                     ("/fieldwork/interviewers?wave=no-such", 404)],
    "fieldwork.interviewer_report_csv": [("/fieldwork/interviewers.csv", 200),
                                         ("/fieldwork/interviewers.csv?wave=no-such", 404)],
    "api.description": [("/api/v1/openapi.json", 200), ("/api/v1/openapi.json?lang=en", 200)],
    "citizen.kiosk_start": [("/k/", 200)],
    "citizen.kiosk_manifest": [("/k/manifest.webmanifest", 200)],
    "citizen.service_worker": [("/k/sw.js", 200)],
    "citizen.kiosk_content": [("/k/NOSUCHXX/content", 404)],
    "citizen.answer": [("{citizen}", 200), ("{kiosk}?lang=en&size=9", 200), ("/q/NOSUCHXX", 404),
                       ("{citizen}?w=no-such-wave", 404), ("{citizen}?t=forged&s=no-such&f=%00", 200)],
    "citizen.full_form": [("{citizen}/form", 200), ("/k/NOSUCHXX/form", 404)],
    "citizen.more": [("{citizen}/more?s={continuation}&p={token}", 200), ("{citizen}/more?s=forged", 400)],
    "citizen.words_read_aloud": [("{citizen}/audio", 200), ("{kiosk}/audio?lang=bru", 200), ("/q/NOSUCHXX/audio", 404)],
    "citizen.sound": [("/audio/none.mp3", 404), ("/audio/" + "0" * 64 + ".ogg", 404)],
    "fieldwork.recording_list": [
        ("/fieldwork/recordings", 200), ("/fieldwork/recordings?language=bru&show=missing&version=1", 200),
        ("/fieldwork/recordings?language=xx", 404), ("/fieldwork/recordings?version=999", 404),
    ],
    "fieldwork.recording": [
        ("/fieldwork/recordings/1/vi/no-such-key", 404), ("/fieldwork/recordings/1/xx/a", 404),
    ],
    "fieldwork.recording_script": [("/fieldwork/recordings/1/pac.csv", 200), ("/fieldwork/recordings/9/pac.csv", 404)],
    "citizen.thanks": [("{citizen}/thanks?s={continuation}", 200), ("{citizen}/thanks", 400)],
}  # fmt: skip
# A manager's subtree is one unit; everyone else here has the province.
OWN_PATH = {"dongha": "manager", "conco": "manager_small", "doankiemtra": "manager", "nhapphieu": "manager"}
# Of a whole province: not there for somebody who may see one unit of it.
OF_THE_PROVINCE = ("admin.conformance_sheet", "admin.conformance_csv")
# An endpoint open to several roles may still lead each to another place.
SIGNED_IN_STATUS = {"auth.sign_in": 303}


def readable(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods}


@pytest.fixture(scope="module")
def places(demo: DemoSite) -> dict[str, str]:
    """What the addresses above leave open; the continuation is of an answer that is not stored."""

    def sign() -> dict[str, str]:
        from survey_app.signing import Continuation

        page = demo.client(None).get(demo.paths["citizen"]).text
        found = re.search(r'name="token" value="([^"]+)"', page)
        assert found is not None
        signer = demo.app.extensions["signer"]
        continuation = signer.continuation(Continuation(str(uuid4()), "neutral"))
        cases = demo.client("phongvan").get("/fieldwork/interviews").text
        case = re.search(r"/fieldwork/interviews/([0-9a-f-]{36})", cases)
        assert case is not None
        admin = {
            "admin_unit": demo.paths["manager"].replace("/manager/", "/admin/"),
            "admin_point": demo.paths["print_point"].replace("/fieldwork/print/", "/admin/"),
        }
        return {
            **demo.paths,
            **admin,
            "token": found.group(1),
            "continuation": continuation,
            "case": case.group(1),
        }

    return apart(sign)


def test_every_readable_endpoint_is_opened_below(demo):
    assert readable(demo.app) == PAGES.keys()


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_page_answers_as_the_access_table_says_and_changes_nothing(demo, places, account):
    client = apart(lambda: demo.client(account))
    before = dump_hash(demo.database)
    unexpected = apart(lambda: list(surprises(client, access_table(demo.app), places, account)))
    assert unexpected == []
    assert dump_hash(demo.database) == before


def test_a_write_changes_the_hash(demo):
    before = dump_hash(demo.database)
    apart(lambda: demo.client("conco"))
    assert dump_hash(demo.database) != before


def surprises(
    client: FlaskClient, table: dict[str, Access | None], places: dict[str, str], account: str | None
) -> Iterator[tuple[str, int, int]]:
    """Addresses that answer otherwise than expected: (address, status, expected)."""
    for endpoint, pages in PAGES.items():
        access = table[endpoint]
        assert access is not None
        for address, status in pages:
            path = address.format(**places)
            expected = expected_status(access, account, endpoint, address, status)
            with client.get(path) as response:
                if response.status_code != expected:
                    yield path, response.status_code, expected


def expected_status(access: Access, account: str | None, endpoint: str, address: str, status: int) -> int:
    if access.is_public:
        return SIGNED_IN_STATUS.get(endpoint, status) if account else status
    if access.scope is not None:
        # Nobody's session is a program's key.
        return 401
    if account is None:
        return 303
    if ACCOUNTS[account] not in access.roles:
        return 403
    marks = ("{manager}", "{print_point}", "{printed_code}", "{paper_", "{admin_unit}", "{admin_point}")
    is_of_managed_unit = any(mark in address for mark in marks)
    is_foreign = account in OWN_PATH and is_of_managed_unit and OWN_PATH[account] != "manager"
    is_wider = account in OWN_PATH and endpoint in OF_THE_PROVINCE and "?wave=" in address
    return 404 if is_foreign or is_wider else status


def dump_hash(database: Path) -> str:
    """Everything that is stored, but for when sessions were last seen and that raw rows were looked at."""
    # The application's own SQLite: a second copy of the library in one process would lose its locks.
    connection = sqlite.connect(database)
    digest = hashlib.sha256()
    tables = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name"
    ).fetchall()
    for name, sql in tables:
        digest.update(f"{name} {sql}".encode())
        columns = [
            row[1] for row in connection.execute(f'PRAGMA table_info("{name}")') if row[1] != "last_seen_at"
        ]
        listed = ", ".join(f'"{column}"' for column in columns)
        if name == "audit_head":
            continue
        # That somebody looked at raw rows is an entry of its own, and the only one that a page may leave.
        kept = "WHERE action NOT LIKE '%.%_viewed'" if name == "audit_entry" else ""
        for row in connection.execute(f'SELECT {listed} FROM "{name}" {kept} ORDER BY {listed}'):
            digest.update(repr(row).encode())
    connection.close()
    return digest.hexdigest()
