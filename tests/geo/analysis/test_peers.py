"""Are peers the most similar others, by features both have, whatever the order of rows?"""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from scipy.spatial.distance import cdist

from geo.analysis.peers import Form, peer_districts, peer_score

NAMES = ["log_population", "density", "share_16", "housing", "centre_m"]


def codes(count: int) -> list[str]:
    return [f"d{at:03}" for at in range(count)]


@pytest.mark.parametrize("form", ["standardised", "mahalanobis"])
def test_equal_to_the_distance_library(form: Form) -> None:
    features = np.random.default_rng(1).normal(size=(30, 5)) * [1, 10, 0.1, 3, 1000]
    features[:, 1] += 8 * features[:, 0]
    peers = peer_districts(features, NAMES, codes(30), form=form)
    if form == "mahalanobis":
        inverse = np.linalg.inv(np.cov(features.T, bias=True))
        apart = cdist(features, features, "mahalanobis", VI=inverse)
    else:
        apart = cdist(features, features, "seuclidean", V=features.var(axis=0))
    np.fill_diagonal(apart, np.inf)
    np.testing.assert_array_equal(peers.peer, np.argsort(apart, axis=1)[:, :5])
    np.testing.assert_allclose(peers.distance, np.sort(apart, axis=1)[:, :5])


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(2, 20))
def test_order_of_rows_does_not_matter(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    features = random.integers(0, 4, (count, 4)).astype(float)  # many ties
    features[random.random((count, 4)) < 0.15] = np.nan
    order = random.permutation(count)
    peers = peer_districts(features, NAMES[:4], codes(count))
    again = peer_districts(features[order], NAMES[:4], [codes(count)[at] for at in order])
    named = np.where(again.peer >= 0, order[again.peer], -1)
    np.testing.assert_array_equal(named, peers.peer[order])
    assert not (peers.peer == np.arange(count)[:, None]).any()


def test_a_missing_feature_is_made_up_for_by_the_others() -> None:
    features = np.array([[1, 1, 1, np.nan], [1, 1, 1, 50], [9, 9, 9, 1], [8, 9, 9, 2]])
    assert peer_districts(features, NAMES[:4], codes(4), count=1).peer[0, 0] == 1


def test_fewer_than_three_shared_features_are_not_compared() -> None:
    features = np.array([[1, np.nan, np.nan, 2], [1, 2, 3, 2], [4, 5, 6, 7], [4, 5, 7, 7]])
    peers = peer_districts(features, NAMES[:4], codes(4), count=2)
    assert peers.assessed.tolist() == [False, True, True, True]
    assert peers.peer[0].tolist() == [-1, -1]
    assert np.isnan(peers.distance[0]).all()
    assert 0 not in peers.peer[1:].ravel().tolist()


def test_a_feature_equal_everywhere_is_left_out() -> None:
    features = np.array([[1, 7, 1, 2], [2, 7, 5, 2.5], [4, 7, 6, 9]], float)
    assert peer_districts(features, NAMES[:4], codes(3)).features == ("log_population", "share_16", "housing")


@pytest.mark.parametrize("form", ["standardised", "mahalanobis"])
def test_one_district_all_equal_and_few(form: Form) -> None:
    assert peer_districts([[1, 2, 3]], NAMES[:3], ["a"], form=form).peer.tolist() == [[-1] * 5]
    same = peer_districts([[1, 2, 3]] * 3, NAMES[:3], codes(3), form=form)
    assert same.features == ()
    few = peer_districts(np.random.default_rng(0).normal(size=(3, 4)), NAMES[:4], codes(3), form=form)
    assert (few.peer[:, :2] >= 0).all()
    assert (few.peer[:, 2:] == -1).all()


def test_a_district_against_its_peers() -> None:
    features = np.array([[at, at, at] for at in (1, 1.1, 1.2, 9, 9.1, 9.2, 9.3)], float)
    peers = peer_districts(features, NAMES[:3], codes(7), count=3)
    score = peer_score([1, 2, 3, 10, 20, 30, 40], peers)
    assert score[3] == pytest.approx((10 - 30) / np.std([20, 30, 40], ddof=1))
    assert np.isnan(peer_score([5] * 7, peers)).all()
    assert np.isnan(peer_score([1, 2, 3, 10, np.nan, 30, 40], peers)[3])


def test_features_must_fit() -> None:
    with pytest.raises(ValueError):
        peer_districts([[1, 2]], NAMES[:3], ["a"])
