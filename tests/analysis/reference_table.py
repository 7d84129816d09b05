"""The table of docs/methods.md that sets our figures beside other programs'.

Run ``python -m tests.analysis.reference_table`` to print it, with ``--write docs/methods.md`` to replace it there.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.analysis.case_runner import checks
from tests.analysis.cases.case import Case

KEPT = Path(__file__).parents[1] / "reference" / "cases"
TABLE_START, TABLE_END = "<!-- reference table: start -->", "<!-- reference table: end -->"


ANSWERED_BY = {
    "beta_binomial_eb": "small_areas.empirical_bayes.empirical_bayes_shares",
    "binomial_ci": "intervals.shares.proportion_interval",
    "calibrate": "weighting.calibration.calibration",
    "chisq": "comparing.chi_square.rao_scott_test",
    "contrast": "Survey.mean(covariance=True).contrast",
    "control_chart": "monitoring.control.p_chart",
    "design_effect": "Survey.mean",
    "domain": "Survey.mean(by=)",
    "fay_herriot": "small_areas.fay_herriot.fay_herriot",
    "finite_population_exact": "intervals.hypergeometric.hypergeometric_interval",
    "funnel": "ranking.funnel.funnel_limits",
    "index_of_items": "index.INDEX_DEFINITIONS",
    "likert_rank_test": "comparing.rank_tests.mann_whitney_tests",
    "lonely_psu": "Survey(lonely=).mean",
    "mean_total": "Survey.mean, Survey.total",
    "multiple_comparison": "comparing.many_comparisons.adjust_p_values",
    "omega_cfa": "measurement.factor_models.confirmatory_factor_model",
    "ordinal_regression": "regression.ordinal.ordinal_regression",
    "polychoric": "measurement.polychoric.polychoric_correlation",
    "poststratify": "weighting.poststratification.poststratification",
    "proportion_ci": "intervals.shares.design_interval",
    "proportion_ci_ceiling": "intervals.shares.korn_graubard_interval",
    "quantile": "Survey.quantile",
    "rake": "weighting.raking.raking",
    "rank_ci": "ranking.joint.normal_rank_intervals",
    "rank_ci_pairwise": "ranking.pairwise.pairwise_rank_intervals",
    "ratio": "Survey.ratio",
    "regression": "regression.models.linear_regression, logistic_regression",
    "relative_importance": "measurement.importance.relative_importance",
    "reliability": "measurement.item_analysis.item_analysis",
    "replicate_weights": "surveys.replicates.ReplicateSurvey",
    "sample_size": "planning.sizes.sample_size",
    "sequential_ci": "intervals.sequential.confidence_sequence",
    "simpson": "comparing.merging.merged_comparison",
    "standardize": "weighting.standardisation.standardised_mean",
    "trend": "monitoring.trend.cochran_armitage_trend",
    "ttest": "comparing.t_tests.two_group_t_test, paired_t_test, one_sample_t_test",
    "two_proportions": "intervals.two_shares.share_difference",
    "unit_level_eblup": "small_areas.unit_level.unit_level_eblup",
    "unit_table": "surveys.linearisation.ratio",
}


def largest_difference(case: Case) -> tuple[int, float, float]:
    """Numbers compared, the largest relative difference, and the largest part of the tolerance used.

    What is known only roughly is left out: R's likelihood intervals, interpolated to four digits.
    """
    tolerance = case.body["tolerance"]
    compared, largest, used = 0, 0.0, 0.0
    for _name, got, wanted, *known_to in checks(case):
        if any(known_to):
            continue
        found, expected = (np.asarray(values, dtype=float).ravel() for values in (got, wanted))
        known = np.isfinite(expected)
        difference = np.abs(found - expected)[known]
        allowed = tolerance["atol"] + tolerance["rtol"] * np.abs(expected[known])
        compared += int(known.sum())
        largest = max(
            largest, float((difference / np.maximum(np.abs(expected[known]), 1e-12)).max(initial=0))
        )
        used = max(
            used, float(np.where(difference > 0, difference / np.maximum(allowed, 1e-300), 0).max(initial=0))
        )
    return compared, largest, used


def table() -> Iterator[str]:
    """Lines of Markdown, one a case."""
    yield "| case | what is asked | answered by | numbers | largest difference | tolerance |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for path in sorted(KEPT.glob("*.json")):
        case = Case.read(path)
        compared, largest, used = largest_difference(case)
        tolerance = case.body["tolerance"]
        asked = (
            f"{tolerance['rtol']:g}"
            if tolerance["rtol"]
            else "exact"
            if not tolerance["atol"]
            else f"± {tolerance['atol']:g}"
        )
        within = f"{largest:.0e}" if largest else "0"
        assert used <= 1, path.stem
        answered_by = ANSWERED_BY[case.feature]
        row = (path.stem, case.body["title"], f"`{answered_by}`", str(compared), within, asked)
        yield f"| {' | '.join(row)} |"


def main() -> None:
    """Print the table, and write it into a document if one is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="document whose table is replaced")
    arguments = parser.parse_args()
    lines = list(table())
    print("\n".join(lines))
    if arguments.write:
        before, rest = arguments.write.read_text(encoding="utf-8").split(TABLE_START)
        after = rest.split(TABLE_END)[1]
        arguments.write.write_text(
            "\n".join([before + TABLE_START, *lines, TABLE_END + after]), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
