"""Hierarchies, and tables as systems of cells and sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure.hierarchies import Hierarchy
from analysis.disclosure.systems import cumulative_membership, membership_system, table_system
from analysis.errors import StatisticsError

PROVINCE = {"province": {"north": {"a": {}, "b": {}, "c": None}, "south": {"d": {}, "e": {}}}}


def test_tree_and_parents_describe_the_same_hierarchy() -> None:
    units = Hierarchy.from_tree(PROVINCE)
    assert units.labels == ("province", "north", "a", "b", "c", "south", "d", "e")
    assert units.parents.tolist() == [-1, 0, 1, 1, 1, 0, 5, 5]
    assert [units.labels[leaf] for leaf in units.leaves] == list("abcde")
    assert units.root == 0
    assert units.children(1).tolist() == [2, 3, 4]
    assert units.sums.sum(axis=1).tolist() == [5, 3, 1, 1, 1, 2, 1, 1]
    assert Hierarchy.of(units.parents, units.labels).labels == units.labels


def test_leaves_may_stand_at_different_depths() -> None:
    tree = Hierarchy.from_tree({"all": {"x": {}, "y": {"y1": {}, "y2": {}}}})
    assert [tree.labels[leaf] for leaf in tree.leaves] == ["x", "y1", "y2"]
    system = table_system([1, 2, 4], [tree])
    assert system.values[system.tables[0]].tolist() == [7, 1, 6, 2, 4]


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.integers(0, 999))
@settings(deadline=None)
def test_every_relation_holds_for_every_table(a: int, b: int, c: int, seed: int) -> None:
    counts = np.random.default_rng(seed).integers(0, 50, (a, b, c))
    system = table_system(counts, tables=[(0, 1), (2, 0), (1,), ()])
    assert not (system.relations @ system.values).any()
    assert (system.values[system.tables[0]][:-1, :-1] == counts.sum(axis=2)).all()
    assert (system.values[system.tables[1]][:-1, :-1] == counts.sum(axis=1).T).all()
    assert (system.values[system.tables[2]][:-1] == counts.sum(axis=(0, 2))).all()
    assert system.values[system.tables[3]] == counts.sum()


def test_tables_share_the_cells_of_their_common_margin() -> None:
    system = table_system(np.arange(24).reshape(2, 3, 4), tables=[(0, 1), (0, 2)])
    first, second = system.tables
    assert (first[:, -1] == second[:, -1]).all()
    assert len(system) == 3 * 4 + 3 * 5 - 3
    assert not system.is_latent.any()


def test_joint_cells_are_latent_and_tie_the_margins_together() -> None:
    counts = np.arange(8).reshape(2, 2, 2)
    system = table_system(counts, tables=[(0, 1), (1, 2), (0, 2)], has_joint_cells=True)
    assert system.is_latent.sum() == 8
    assert sorted(system.values[system.is_latent].tolist()) == list(range(8))
    assert not (system.relations @ system.values).any()


def test_hierarchical_table_adds_up_at_every_level() -> None:
    counts = np.arange(10).reshape(5, 2)
    system = table_system(counts, [Hierarchy.from_tree(PROVINCE), Hierarchy.flat(2)])
    table = system.values[system.tables[0]]
    assert table[0].tolist() == [20, 25, 45]
    assert table[1].tolist() == [*counts[:3].sum(axis=0).tolist(), counts[:3].sum()]


def test_releases_add_up_to_what_came_before() -> None:
    member = cumulative_membership([[1, 0], [1, 1]], n_releases=3)
    counts = np.array([1, 2, 10, 20, 100, 200])
    assert (member @ counts).tolist() == [1, 3, 11, 33, 111, 333]
    system = membership_system(member, counts)
    assert not (system.relations @ system.values).any()
    assert system.is_latent.tolist() == [False] * 6 + [True] * 6


@pytest.mark.parametrize(
    "parents", [[], [0], [-1, -1], [-1, 5], [-1, 0, 3, 2], [[-1]], [-1.0, 0.0], [-2, -1]]
)
def test_hierarchy_rejects_bad_input(parents: list) -> None:
    with pytest.raises(StatisticsError):
        Hierarchy.of(parents)


def test_systems_reject_bad_input() -> None:
    for counts in ([], [1.5], [-1, 2], [np.nan, 1], 3):
        with pytest.raises(StatisticsError):
            table_system(counts)
    with pytest.raises(StatisticsError):
        table_system([[1, 2]], [Hierarchy.flat(2)])
    for tables in ([], [(0, 2)], [(0, 0)]):
        with pytest.raises(StatisticsError):
            table_system([[1, 2]], tables=tables)
    with pytest.raises(StatisticsError):
        membership_system([[1, 1]], [1, 2, 3])
    with pytest.raises(StatisticsError):
        membership_system([[2, 1]], [1, 2])
    with pytest.raises(StatisticsError):
        cumulative_membership([[1]], n_releases=0)
    with pytest.raises(StatisticsError):
        Hierarchy.from_tree({"a": {}, "b": {}})
    with pytest.raises(StatisticsError):
        Hierarchy.flat(0)
    with pytest.raises(StatisticsError):
        Hierarchy.of([-1, 0], ("only one",))


def test_the_smallest_tables_degenerate() -> None:
    assert len(table_system([4])) == 2
    assert len(table_system([[4]])) == 4
    assert table_system([4], [Hierarchy.of([-1])]).relations.shape == (0, 1)
