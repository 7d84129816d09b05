"""`flask audit-release`: every difference over the release plan, tried on made-up releases and on what is stored."""

import click
from flask import current_app

from survey_app.clock import local_today
from survey_app.db import db
from survey_app.release_audit import NOTHING, AuditResult, audit_releases
from survey_app.release_drill import drills
from survey_app.services.policy import current_policy
from survey_app.services.release_plan import Audience, plan_of, withhold
from survey_app.services.report_content import ReportContent
from survey_app.services.stored_releases import period_contents


@click.command("audit-release")
@click.option("--instances", default=10, help="Số bộ số liệu giả định / Made-up series of releases.")
@click.option(
    "--unit", "unit_code", help="Mã cơ quan có số liệu lưu / Code of an office with stored answers."
)
@click.option("--periods", default=3, help="Số kỳ gần nhất của cơ quan / How many of its latest periods.")
def audit_release(instances: int, unit_code: str | None, periods: int) -> None:
    """Rà mọi phép trừ giữa các bảng phát hành / Try every difference between released tables."""
    today = local_today(current_app.extensions["settings"])
    policy = current_policy(db.session, today)
    n_open = 0
    with current_app.test_request_context():
        for audience in Audience:
            k = plan_of(audience).minimums(policy).base
            made_up = NOTHING
            for drill in drills(instances):
                kept: list[ReportContent] = []
                for content in drill.releases:
                    kept.append(
                        withhold(
                            content,
                            audience=audience,
                            policy=policy,
                            earlier=kept,
                            successors=drill.successors,
                        )
                    )
                made_up += audit_releases(kept, successors=drill.successors, k=k, is_solved=True)
            n_open += _tell(audience, "giả định / made up", k, made_up)
            if unit_code is None:
                continue
            stored: list[ReportContent] = []
            for content in period_contents(db.session, unit_code=unit_code, n_periods=periods, today=today):
                stored.append(withhold(content, audience=audience, policy=policy, earlier=stored))
            found = audit_releases(stored, successors={}, k=k)
            n_open += _tell(audience, f"đã lưu / stored, {len(stored)} kỳ", k, found)
    if n_open:
        raise click.ClickException(f"{n_open} phép trừ để lộ nhóm nhỏ / differences tell of a small group.")


def _tell(audience: Audience, what: str, k: int, result: AuditResult) -> int:
    click.echo(
        f"{audience} (k = {k}), {what}: {result.n_figures} số / figures, "
        f"{result.n_comparisons} phép so / comparisons, {len(result.disclosures)} lộ / disclosures"
    )
    for each in result.disclosures[:20]:
        click.echo(f"  {each}")
    return len(result.disclosures)
