"""What each item of an older version is in a newer one: proposed from codes and words, decided by people, then kept."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from survey_app.errors import DefinitionError, PublishedVersionImmutable
from survey_app.models import VersionMapping
from survey_app.queries import version_mappings as queries
from survey_app.services.definitions import MULTI_KINDS, Definition, items_under


class Kin(StrEnum):
    """How an item goes on: unchanged, with its answers recoded point by point, or not at all."""

    SAME = "same"
    RECODED = "recoded"
    BROKEN = "broken"


class Why(StrEnum):
    """What the proposal was read from."""

    ALIKE = "alike"
    RENAMED = "renamed"
    SCALE = "scale"
    WORDS = "words"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Link:
    """An item of the old version, what it is called in the new one, and which old point is which new one."""

    old: str
    new: str
    kin: Kin
    points: Mapping[str, str] = field(default_factory=dict)
    why: Why = Why.ALIKE

    def stored(self) -> dict[str, Any]:
        return {"old": self.old, "new": self.new, "kin": self.kin.value, "points": dict(self.points)}


@dataclass(frozen=True, slots=True)
class Relation:
    """What an item of one version is in another; `kin` is None where nobody has decided."""

    kin: Kin | None
    item: str = ""
    points: Mapping[str, str] = field(default_factory=dict)


UNMAPPED = Relation(None)


def propose_links(old: Definition, new: Definition) -> tuple[Link, ...]:
    """For every old item: by its code, else by its very words; only what measures alike is called the same."""
    new_items = {item["code"]: item for item in items_under(new["tree"])}
    taken = {item["code"] for item in items_under(old["tree"])} & new_items.keys()
    links = []
    for item in items_under(old["tree"]):
        partner = new_items.get(item["code"]) or _worded_alike(item, new_items, taken)
        if partner is None:
            links.append(Link(item["code"], "", Kin.BROKEN, {}, Why.GONE))
            continue
        taken.add(partner["code"])
        links.append(_proposed(item, partner, old["scales"], new["scales"]))
    return tuple(links)


def read_links(stored: Sequence[Mapping[str, Any]], old: Definition, new: Definition) -> tuple[Link, ...]:
    """The links as a person decided them; raises `DefinitionError` for one that cannot be.

    Every old item has exactly one; a recoding names a new point for every old one.
    """
    links = tuple(
        Link(str(row["old"]), str(row["new"]), Kin(row["kin"]), dict(row.get("points", {}))) for row in stored
    )
    for fault in link_faults(links, old, new):
        raise fault
    return links


def link_faults(links: Sequence[Link], old: Definition, new: Definition) -> Iterator[DefinitionError]:
    """What is wrong with a mapping; `path` is ``mapping.<old item>``."""
    old_items, new_items = ({item["code"]: item for item in items_under(each["tree"])} for each in (old, new))
    by_old = {link.old: link for link in links}
    for code in old_items.keys() - by_old.keys():
        yield DefinitionError(f"mapping.{code}", "the mapping says nothing of this item")
    used: set[str] = set()
    for code, link in by_old.items():
        if code not in old_items or (link.new and link.new not in new_items):
            yield DefinitionError(f"mapping.{code}", "the mapping names an item that is not there")
        elif link.kin is not Kin.BROKEN and not link.new:
            yield DefinitionError(f"mapping.{code}", "the mapping names no new item")
        elif link.new and link.kin is not Kin.BROKEN and link.new in used:
            yield DefinitionError(f"mapping.{code}", "two old items become one new item")
        elif link.kin is Kin.SAME and not _same_points(old_items[code], new_items[link.new], old, new):
            yield DefinitionError(f"mapping.{code}", "the answers of the two items differ")
        elif link.kin is Kin.RECODED and not _is_whole(link, old_items[code], new_items[link.new], old, new):
            yield DefinitionError(
                f"mapping.{code}", "the recoding does not say what every old answer becomes"
            )
        if link.kin is not Kin.BROKEN:
            used.add(link.new)


def store_mapping(session: Session, *, old_id: int, new_id: int, links: Sequence[Link], basis: str) -> None:
    """Keep a mapping as it is published; the same one again changes nothing, whatever was decided since."""
    rows = [link.stored() for link in links]
    history = queries.mapping_history(session, old_id=old_id, new_id=new_id)
    if history:
        if history[0].links != rows:
            raise PublishedVersionImmutable(f"{old_id}→{new_id}", "mapping")
        return
    session.add(VersionMapping(old_id=old_id, new_id=new_id, links=rows, basis=basis))
    session.flush()


def relation(session: Session, *, old_id: int, new_id: int, item: str) -> Relation:
    """What an item of one version is in another, over any versions between; a mapping read backwards never recodes."""
    if old_id == new_id:
        return Relation(Kin.SAME, item)
    edges = _edges(queries.newest_mappings(session))
    reached = {old_id: Relation(Kin.SAME, item)}
    waiting = [old_id]
    while waiting:
        here = waiting.pop(0)
        for there, links in edges.get(here, ()):
            if there not in reached:
                reached[there] = _onwards(reached[here], links)
                waiting.append(there)
    return reached.get(new_id, UNMAPPED)


def _edges(
    mappings: Sequence[queries.MappingRow],
) -> dict[int, list[tuple[int, dict[str, Relation]]]]:
    """From each version to those it is mapped to, forwards first."""
    edges: dict[int, list[tuple[int, dict[str, Relation]]]] = {}
    for mapping in mappings:
        old_id, new_id, rows = mapping.old_id, mapping.new_id, mapping.links
        forwards = {row["old"]: Relation(Kin(row["kin"]), row["new"], row["points"]) for row in rows}
        backwards = {
            row["new"]: Relation(Kin.SAME if row["kin"] == Kin.SAME else Kin.BROKEN, row["old"])
            for row in rows
            if row["new"]
        }
        edges.setdefault(old_id, []).insert(0, (new_id, forwards))
        edges.setdefault(new_id, []).append((old_id, backwards))
    return edges


def _onwards(before: Relation, links: Mapping[str, Relation]) -> Relation:
    """A relation followed by the next one on the way."""
    after = links.get(before.item, Relation(Kin.BROKEN))
    if before.kin is Kin.SAME or after.kin is Kin.BROKEN:
        return after
    if before.kin is Kin.BROKEN:
        return Relation(Kin.BROKEN, after.item)
    if after.kin is Kin.SAME:
        return Relation(Kin.RECODED, after.item, before.points)
    points = {old: after.points[new] for old, new in before.points.items() if new in after.points}
    return Relation(Kin.RECODED, after.item, points)


def answers_of(item: Definition, scales: Definition) -> tuple[tuple[str, str, Any, Any], ...]:
    """The answers an item offers: code, Vietnamese words, score and whether it counts as satisfied."""
    if item["kind"] in MULTI_KINDS:
        return tuple(
            (each["code"], each["label"].get("vi", ""), None, None) for each in item.get("options", ())
        )
    points = scales.get(item.get("scale", ""), {}).get("points", ())
    return tuple(
        (each["code"], each["label"].get("vi", ""), each.get("score"), each.get("satisfied"))
        for each in points
    )


def said_alike(one: str, other: str) -> bool:
    """Whether two texts are the same words, whatever their case, spacing and end."""
    return _plain(one) == _plain(other)


def _proposed(old: Definition, new: Definition, old_scales: Definition, new_scales: Definition) -> Link:
    is_renamed = old["code"] != new["code"]
    before, after = answers_of(old, old_scales), answers_of(new, new_scales)
    points = _point_partners(before, after)
    if not said_alike(old["text"].get("vi", ""), new["text"].get("vi", "")):
        return Link(old["code"], new["code"], Kin.BROKEN, {}, Why.WORDS)
    if old["kind"] != new["kind"]:
        return Link(old["code"], new["code"], Kin.BROKEN, {}, Why.WORDS)
    if before == after:
        return Link(old["code"], new["code"], Kin.SAME, {}, Why.RENAMED if is_renamed else Why.ALIKE)
    is_whole = len(points) == len(before)
    return Link(old["code"], new["code"], Kin.RECODED if is_whole else Kin.BROKEN, points, Why.SCALE)


def _point_partners(
    before: Sequence[tuple[str, str, Any, Any]], after: Sequence[tuple[str, str, Any, Any]]
) -> dict[str, str]:
    """Old points that the new scale has too, by their words, else by their codes."""
    by_words = {_plain(words): code for code, words, _score, _is_satisfied in after}
    codes = {code for code, *_rest in after}
    found = {}
    for code, words, _score, _is_satisfied in before:
        partner = by_words.get(_plain(words)) or (code if code in codes else None)
        if partner is not None:
            found[code] = partner
    return found


def _worded_alike(
    item: Definition, new_items: Mapping[str, Definition], taken: set[str]
) -> Definition | None:
    words = item["text"].get("vi", "")
    for code, other in new_items.items():
        if code not in taken and words and said_alike(words, other["text"].get("vi", "")):
            return other
    return None


def _same_points(old_item: Definition, new_item: Definition, old: Definition, new: Definition) -> bool:
    """Whether the same codes are offered and count alike; words may have been polished."""
    before, after = answers_of(old_item, old["scales"]), answers_of(new_item, new["scales"])
    return [(code, *rest) for code, _, *rest in before] == [(code, *rest) for code, _, *rest in after]


def _is_whole(
    link: Link, old_item: Definition, new_item: Definition, old: Definition, new: Definition
) -> bool:
    before = {code for code, *_rest in answers_of(old_item, old["scales"])}
    after = {code for code, *_rest in answers_of(new_item, new["scales"])}
    return before == link.points.keys() and set(link.points.values()) <= after


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split()).rstrip(" .?!:")
