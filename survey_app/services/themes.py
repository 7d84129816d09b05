"""What comments are about: words and pairs of words that stand out, each with the share of comments that hold it."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

from analysis.comparing.keyness import keyness
from analysis.intervals.shares import wilson_interval
from analysis.types import Estimate
from survey_app.names import clean_name, search_key
from survey_app.services.masking import MASKS

STOP_WORDS = Path(__file__).resolve().parents[2] / "seeds" / "words" / "stop_words_vi.txt"
MOST_THEMES = 8
# A theme is what several people say.
LEAST_TEXTS = 3
# In standard errors: two-sided 95%.
STANDS_OUT = 1.96
# A word that nearly always stands in one pair is that pair.
MOSTLY = 0.7
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE = re.compile(r"[.,;:!?()\[\]\n\u2013/]+")


@dataclass(frozen=True, slots=True)
class Theme:
    """A word or pair of words: how it is written, how many comments hold it, their share, and how far it stands out.

    `z` is None where there is nothing to compare with, and the theme is only frequent.
    """

    key: str
    words: str
    n: int
    share: Estimate
    z: float | None


@cache
def stop_words() -> frozenset[str]:
    lines = STOP_WORDS.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@lru_cache(maxsize=50_000)
def terms(text: str) -> dict[str, str]:
    """Words and neighbouring pairs of a text, without marks as keys, each as it is written; no stop words."""
    for each in MASKS:
        text = text.replace(each, ".")
    found: dict[str, str] = {}
    for sentence in _SENTENCE.split(clean_name(text).casefold()):
        words = [(search_key(word), word) for word in _WORD.findall(sentence)]
        found.update((key, word) for key, word in words if len(key) > 1 and word not in stop_words())
        for (key1, word1), (key2, word2) in pairwise(words):
            if not {word1, word2} & stop_words():
                found[f"{key1} {key2}"] = f"{word1} {word2}"
    return found


def find_themes(
    here: Sequence[str], elsewhere: Sequence[str], *, confidence_level: float
) -> tuple[Theme, ...]:
    """The themes of some comments against those of other units; the most frequent where there are no others."""
    counts, written = _count(here)
    candidates = sorted(term for term, n in counts.items() if n >= LEAST_TEXTS)
    if not candidates:
        return ()
    z: dict[str, float | None] = dict.fromkeys(candidates, None)
    if elsewhere:
        others, _written = _count(elsewhere)
        found = keyness(
            [counts[term] for term in candidates], [others[term] for term in candidates],
            n_here=len(here), n_elsewhere=len(elsewhere),
        )  # fmt: skip
        z = {term: float(each) for term, each in zip(candidates, found.z, strict=True) if each >= STANDS_OUT}
    chosen = _without_parts(z.keys(), counts)
    chosen.sort(key=lambda term: (-(z[term] or 0.0), -counts[term], -len(term), term))
    chosen, longer = _joined(chosen, here)
    chosen = chosen[:MOST_THEMES]
    shares = wilson_interval(
        [counts[term] for term in chosen], [len(here)] * len(chosen), confidence_level=confidence_level
    )
    return tuple(
        Theme(
            term, longer.get(term) or written[term].most_common(1)[0][0], counts[term], shares[place], z[term]
        )
        for place, term in enumerate(chosen)
    )


def _count(texts: Iterable[str]) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """How many texts hold each term, and how it is written in them."""
    counts: Counter[str] = Counter()
    written: dict[str, Counter[str]] = {}
    for text in texts:
        for term, words in terms(text).items():
            counts[term] += 1
            written.setdefault(term, Counter())[words] += 1
    return counts, written


def _without_parts(chosen: Collection[str], counts: Counter[str]) -> list[str]:
    """Without single words that nearly always stand in one chosen pair."""
    pairs = [term for term in chosen if " " in term]
    return [
        term
        for term in chosen
        if " " in term
        or not any(term in pair.split() and counts[pair] >= MOSTLY * counts[term] for pair in pairs)
    ]


def _joined(chosen: Sequence[str], here: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Neighbouring pairs that mostly stand together as one theme of three words; how that is written."""
    holding = {term: {place for place, text in enumerate(here) if term in terms(text)} for term in chosen}
    kept: list[str] = []
    longer: dict[str, str] = {}
    for term in chosen:
        for other in kept:
            first, second = (other, term) if other.split()[-1] == term.split()[0] else (term, other)
            is_chain = " " in term and " " in other and first.split()[-1] == second.split()[0]
            together = holding[term] & holding[other]
            if is_chain and other not in longer and len(together) >= MOSTLY * len(holding[term]):
                words = terms(here[min(together)])
                longer[other] = f"{words[first]} {words[second].split()[-1]}"
                break
        else:
            kept.append(term)
    return kept, longer
