"""The card against its published figures, each to the digit in which it is published."""

from analysis.planning.reference_card import reference_card

WILSON = {10: (59.6, 98.2), 20: (69.9, 97.2), 30: (74.4, 96.5), 50: (78.6, 95.7), 100: (82.6, 94.5),
          200: (85.1, 93.4), 400: (86.7, 92.6), 1000: (88.0, 91.7)}  # fmt: skip
ALL_SATISFIED = {10: 72.2, 30: 88.6, 50: 92.9, 100: 96.3}


def test_card_against_the_published_figures():
    card = reference_card()
    assert {row.n: (round(100 * row.low, 1), round(100 * row.high, 1)) for row in card.intervals} == WILSON
    low = {row.n: round(100 * row.all_low, 1) for row in card.intervals}
    assert {n: low[n] for n in ALL_SATISFIED} == ALL_SATISFIED
    assert {row.margin: row.n for row in card.margins} == {0.05: 139, 0.03: 385, 0.025: 554}
    changes = {(row.before, row.after): row.n for row in card.changes}
    assert changes == {(0.8, 0.9): 199, (0.85, 0.9): 686, (0.9, 0.93): 1356, (0.8, 0.83): 2629}
    yamane = {row.population: row.n for row in card.yamane}
    assert yamane == {139: 103, 500: 222, 1000: 286, 5000: 370, 24_000: 393, 84_196: 398}
