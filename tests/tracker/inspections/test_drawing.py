"""A draw is fair, fits what was asked, and comes out the same wherever and whenever it is repeated."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.errors import Invalid
from tracker.inspections.drawing import Candidate, DrawOptions, counted, draw
from tracker.inspections.round_models import Draw
from tracker.inspections.route_order import length_m, ordered, shortest

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
FIXED = ["P0001", "P0002", "P0015", "P0019", "P0026", "P0029", "P0032", "P0036"]


def point(number: int, site_type="market", community="A", *, days_ago=None, cycle=30) -> Candidate:
    visited = None if days_ago is None else NOW - timedelta(days=days_ago)
    return Candidate(number, f"P{number:04}", site_type, community, cycle, visited)


def codes(drawn) -> list[str]:
    return [one.code for one in drawn]


candidates = st.lists(
    st.builds(
        point,
        st.integers(0, 9999),
        st.sampled_from(["market", "road", "school"]),
        st.sampled_from(["A", "B", ""]),
        days_ago=st.none() | st.integers(0, 90),
    ),
    max_size=60,
    unique_by=lambda one: one.code,
)
options = st.builds(
    DrawOptions,
    site_types=st.sampled_from([(), ("market",), ("market", "road")]),
    communities=st.sampled_from([(), ("A",)]),
    per_stratum=st.none() | st.integers(1, 5),
    size=st.none() | st.integers(1, 40),
)


def test_the_same_seed_and_points_give_the_same_draw_on_every_machine():
    all_ = [point(n, "market" if n % 3 else "road", "AB"[n % 2]) for n in range(40)]
    drawn = draw(Draw.RANDOM, all_, DrawOptions(size=8), seed="jinwan-2026-11", now=NOW)
    # written down once: another Python, another machine, another day must find these eight
    assert codes(drawn) == FIXED


@given(candidates, options, st.randoms(use_true_random=False), st.sampled_from(list(Draw)))
@settings(max_examples=150, deadline=None)
def test_a_draw_depends_on_its_points_not_on_their_order(all_, wanted, random, how):
    shuffled = list(all_)
    random.shuffle(shuffled)
    hand = [one.code for one in all_[::2]]
    first = draw(how, all_, wanted, seed="s", now=NOW, by_hand=hand)
    assert draw(how, shuffled, wanted, seed="s", now=NOW, by_hand=hand) == first


@given(candidates, options, st.text(max_size=8), st.sampled_from([Draw.RANDOM, Draw.OVERDUE_FIRST]))
@settings(max_examples=200, deadline=None)
def test_a_draw_takes_no_point_twice_none_unasked_and_never_too_many(all_, wanted, seed, how):
    drawn = draw(how, all_, wanted, seed=seed, now=NOW)
    assert len(set(codes(drawn))) == len(drawn)
    assert set(drawn) <= set(all_)
    assert wanted.size is None or len(drawn) <= wanted.size
    assert not wanted.site_types or {one.site_type for one in drawn} <= set(wanted.site_types)
    assert not wanted.communities or {one.community for one in drawn} <= set(wanted.communities)
    if wanted.per_stratum:
        assert all(count <= wanted.per_stratum for count in counted(drawn).values())


@given(candidates, st.integers(1, 60), st.text(max_size=8))
@settings(max_examples=150, deadline=None)
def test_a_random_draw_of_a_size_is_full_and_shares_in_proportion(all_, size, seed):
    drawn = draw(Draw.RANDOM, all_, DrawOptions(size=size), seed=seed, now=NOW)
    assert len(drawn) == min(size, len(all_))
    if len(all_) > size:
        found = counted(drawn)
        for stratum, members in counted(all_).items():
            assert abs(found.get(stratum, 0) - members * size / len(all_)) < 1


@given(candidates, st.integers(1, 100))
@settings(max_examples=80, deadline=None)
def test_a_share_takes_at_least_one_of_every_kind_in_every_community(all_, share):
    drawn = counted(draw(Draw.RANDOM, all_, DrawOptions(share=share), seed="x", now=NOW))
    for stratum, members in counted(all_).items():
        assert drawn[stratum] == -(-members * share // 100)


def test_another_seed_draws_other_points():
    all_ = [point(n) for n in range(200)]
    draws = {tuple(codes(draw(Draw.RANDOM, all_, DrawOptions(size=10), seed=str(s), now=NOW))) for s in range(20)}  # fmt: skip
    assert len(draws) == 20


def test_every_point_is_about_as_likely_as_any_other():
    all_ = [point(n) for n in range(20)]
    hits = dict.fromkeys(codes(all_), 0)
    for seed in range(400):
        for one in draw(Draw.RANDOM, all_, DrawOptions(size=5), seed=str(seed), now=NOW):
            hits[one.code] += 1
    assert min(hits.values()) > 60
    assert max(hits.values()) < 140


def test_never_visited_points_come_first_then_the_longest_overdue():
    all_ = [point(1, days_ago=31), point(2, days_ago=80), point(3), point(4, days_ago=5), point(5, days_ago=40, cycle=7)]  # fmt: skip
    assert codes(draw(Draw.OVERDUE_FIRST, all_, DrawOptions(), seed="", now=NOW)) == ["P0003", "P0002", "P0005", "P0001"]  # fmt: skip
    by_size = draw(Draw.OVERDUE_FIRST, all_, DrawOptions(size=5), seed="", now=NOW)
    assert codes(by_size)[-1] == "P0004", "with a size, what is not yet due fills it up"


def test_points_chosen_by_hand_stay_within_what_was_offered():
    all_ = [point(1), point(2, "road")]
    drawn = draw(
        Draw.BY_HAND, all_, DrawOptions(site_types=("market",)), seed="", now=NOW,
        by_hand=["P0001", "P0002", "P9999"],
    )  # fmt: skip
    assert codes(drawn) == ["P0001"]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (DrawOptions(per_stratum=1, share=10), "share"),
        (DrawOptions(per_stratum=0), "per_stratum"),
        (DrawOptions(share=101), "share"),
        (DrawOptions(size=0), "size"),
    ],
)
def test_numbers_that_make_no_sense_name_their_field(wanted, field):
    with pytest.raises(Invalid) as refusal:
        draw(Draw.RANDOM, [point(1)], wanted, seed="", now=NOW)
    assert refusal.value.field == field


@given(options)
def test_options_are_kept_and_read_again_without_loss(wanted):
    assert DrawOptions.of_document(wanted.as_document()) == wanted


places = st.lists(
    st.tuples(
        st.sampled_from(["A", "B"]),
        st.none() | st.tuples(st.floats(113.3, 113.4), st.floats(22.0, 22.1)),
    ),
    max_size=25,
)


@given(places)
@settings(max_examples=80, deadline=None)
def test_a_route_visits_every_point_once_and_community_by_community(found):
    route = ordered(found)
    assert sorted(route) == list(range(len(found)))
    communities = [found[i][0] for i in route]
    assert sum(a != b for a, b in zip(communities, communities[1:], strict=False)) <= 1


def test_more_points_than_a_walk_may_have_are_walked_stretch_by_stretch_and_better_than_drawn():
    places = [("A", (113.3 + (n * 37 % 101) / 9000, 22 + (n * 53 % 97) / 9000)) for n in range(230)]
    places += [("B", None)]
    route = shortest(places)
    assert sorted(route) == list(range(231))
    assert route[-1] == 230, "what is nowhere comes last"
    assert length_m([places[i][1] for i in route]) < length_m(
        [places[i][1] for i in ordered(places)]
    )


def test_a_route_goes_along_a_street_instead_of_to_and_fro():
    street = [("A", (113.30 + step * 0.001, 22.0)) for step in (5, 0, 3, 1, 4, 2)]
    route = ordered(street)
    assert route == [1, 3, 5, 2, 4, 0]
    metres = length_m([street[i][1] for i in route])
    assert 515 < metres < 517, "five thousandths of a degree on the 22nd parallel"
