"""The sheets and columns of an XLSForm, ours among them: other tools skip the columns that begin with `hailong_`."""

import re
from collections.abc import Mapping

from survey_app.languages import NAMES

SHEETS = ("survey", "choices", "settings")
FORMAT = "1"
# The question that the written form asks first, so that conditions on the stage work in other tools too.
STAGE = "hailong_stage"
LABEL, AUDIO = "label", "media::audio"
TEXT_LENGTH = 1_000

SURVEY_COLUMNS: Mapping[str, str] = {
    "hailong_code": "code of the question, where `name` may not be written so",
    "hailong_kind": "aspect, factor, section; satisfaction, assertion, fact, profile, confidential, multi, expectation",
    "hailong_screen": "where the citizen's pages ask it",
    "hailong_scale": "scale of the question, where its own list only rewords the answers outside the scale",
    "hailong_counts": "yes or no, where scoring departs from the kind",
    "hailong_max_choices": "`none` where no maximum is stated on purpose",
    "hailong_channels_hidden": "channels that do not ask it, with blanks between",
    "hailong_text_<channel>_<language>": "other words of the question on one channel",
}
CHOICE_COLUMNS: Mapping[str, str] = {
    "hailong_score": "score of the scale point",
    "hailong_satisfied": "yes or no: whether the point counts as satisfied",
    "hailong_missing": "yes: an answer outside the scale (don't know, refused, not applicable)",
    "hailong_group": "group of an option of a multi-select",
}
SETTING_COLUMNS: Mapping[str, str] = {
    "hailong_format": "1: written by this product",
    "hailong_title_<language>": "title in another language",
    "hailong_legal_basis": "legal basis",
    "hailong_provenance": "where the wording comes from",
    "hailong_effective_from": "first day, 2026-01-31",
    "hailong_english": "standing of the English text",
    "hailong_headline": "code of the headline question",
    "hailong_factors": "codes of the groups that make the index, with blanks between",
}

_LANGUAGE_NAMES: Mapping[str, str] = {
    "english": "en", "tiếng việt": "vi", "tieng viet": "vi", "vietnamese": "vi", "français": "fr", "francais": "fr",
    "french": "fr", "español": "es", "espanol": "es", "spanish": "es", "português": "pt", "portuguese": "pt",
    "العربية": "ar", "arabic": "ar", "swahili": "sw", "kiswahili": "sw", "lao": "lo", "khmer": "km", "thai": "th",
    "bahasa indonesia": "id", "indonesian": "id", "chinese": "zh", "russian": "ru", "nepali": "ne", "hindi": "hi",
    "bengali": "bn", "bangla": "bn", "tagalog": "tl", "filipino": "fil", "burmese": "my", "urdu": "ur",
}  # fmt: skip
_CODE_AT_END = re.compile(r"\(([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)?\)\s*$")
_CODE_ALONE = re.compile(r"[A-Za-z]{2,3}")
_ALIASES: Mapping[str, str] = {
    "list_name": "list_name", "value": "name", "caption": "label", "relevance": "relevant", "relevent": "relevant",
    "bind::relevant": "relevant", "bind::required": "required", "bind::constraint": "constraint",
    "bind::calculate": "calculation", "calculate": "calculation", "title": "form_title", "id_string": "form_id",
    "set_form_title": "form_title", "set_form_id": "form_id", "audio": AUDIO, "image": "media::image",
    "video": "media::video", "control::appearance": "appearance", "choice_filter": "choice_filter",
}  # fmt: skip


def language_header(column: str, language: str) -> str:
    return f"{column}::{NAMES.get(language, language)} ({language})"


def language_code(words: str) -> str:
    """The code that a column's language names, as `English (en)`, `en` or `English`; empty if it is not known."""
    found = _CODE_AT_END.search(words)
    if found:
        return found.group(1).lower()
    plain = words.strip().lower()
    if plain in _LANGUAGE_NAMES:
        return _LANGUAGE_NAMES[plain]
    return plain if _CODE_ALONE.fullmatch(plain) and plain in _LANGUAGE_NAMES.values() else ""


def canonical_header(header: str) -> str:
    """The column's name as we look it up: aliases resolved, `label:English` as `label::English`."""
    parts = [part.strip() for part in re.split(r"::?", header.strip())]
    parts[0] = parts[0].lower().replace(" ", "_")
    if len(parts) == 1:
        return _ALIASES.get(parts[0], parts[0])
    if parts[0] in {"bind", "control", "media", "body"}:
        parts[1] = parts[1].lower()
    name = "::".join(parts[:2])
    head = _ALIASES.get(name, name) if parts[0] in {"bind", "control"} else name
    if parts[0] in {"caption", "audio", "image", "video"}:
        head = f"{_ALIASES[parts[0]]}::{parts[1]}"
    return "::".join([head, *parts[2:]])
