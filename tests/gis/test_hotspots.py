"""Hot spots against known answers: what is planted is found, chance is not, and order never matters."""

import numpy as np
import pytest

from gis import hotspots
from gis.clusters import clusters, recurring
from gis.hotspots import TooLittle, density, gi_star, hexagons, peaks
from gis.projection import Plane

PLANE = Plane(113.355, 22.045)


def noise(n: int, side: float = 4000.0, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, side, (n, 2))


def around(x: float, y: float, n: int, spread: float = 60.0, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).normal((x, y), spread, (n, 2))


def square_grid(columns: int, rows: int, step: float = 100.0) -> np.ndarray:
    xs, ys = np.meshgrid(np.arange(columns) * step, np.arange(rows) * step)
    return np.stack([xs.ravel(), ys.ravel()], axis=-1)


def test_metres_and_degrees_are_each_others_inverse():
    lon, lat = np.array([113.30, 113.40]), np.array([22.00, 22.10])
    back = PLANE.degrees(PLANE.metres(lon, lat))
    assert np.allclose(back, np.stack([lon, lat], axis=-1), atol=1e-12)


def test_each_point_lies_in_the_hexagon_with_the_nearest_centre():
    places = noise(500) - 2000
    made = hexagons(places, 200.0)
    index = made.index_of(places)
    away = np.hypot(*(places[:, None, :] - made.centres[None, :, :]).transpose(2, 0, 1))
    assert (away[np.arange(500), index] <= away.min(axis=1) + 1e-9).all()
    assert away[np.arange(500), index].max() <= 200 / 3**0.5 + 1e-9
    assert made.counts(places).sum() == 500
    assert made.index_of(np.array([[9e5, 9e5]])).tolist() == [-1]
    assert np.allclose(np.hypot(*made.corners.T), 200 / 3**0.5)


def test_density_is_points_per_square_kilometre():
    even = square_grid(41, 41, 50.0)  # one point for each 2500 square metres
    assert density(even, np.array([[1000.0, 1000.0]]), 300.0) == pytest.approx([400.0], rel=0.02)
    assert density(even, np.array([[9000.0, 9000.0]]), 300.0) == pytest.approx([0.0])


def test_a_planted_hot_spot_is_found_where_it_was_planted():
    places = np.concatenate([noise(1500), around(2500, 1200, 80)])
    cells = hexagons(places, 200.0)
    found = gi_star(cells.centres, cells.counts(places), 400.0)
    hot = cells.centres[found.level == 3]
    assert len(hot) >= 3
    assert np.hypot(*(hot - (2500, 1200)).T).max() < 800
    best = peaks(cells.centres, np.where(found.level > 0, found.z, 0.0), 500.0, most=5)
    assert np.hypot(*(cells.centres[best[0]] - (2500, 1200))) < 250


def test_of_uniform_noise_hardly_anything_is_called_hot_or_cold():
    called = total = 0
    for seed in range(8):
        places = noise(1500, seed=seed)
        cells = hexagons(square_grid(40, 40), 200.0)
        found = gi_star(cells.centres, cells.counts(places), 400.0)
        called += int((np.abs(found.level) >= 2).sum())
        total += len(cells)
    assert called / total < 0.01


def test_the_scores_are_those_of_the_formula_of_getis_and_ord():
    centres, values = square_grid(6, 6), np.random.default_rng(4).poisson(3.0, 36).astype(float)
    values[[8, 13, 14, 15, 20]] = 20.0
    near = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1)) <= 100.0
    n, mean = 36, values.mean()
    s = np.sqrt((values**2).mean() - mean**2)
    w = near.sum(axis=1)
    z = (near @ values - mean * w) / (s * np.sqrt((n * w - w**2) / (n - 1)))
    found = gi_star(centres, values, 100.0)
    assert np.allclose(found.z, z)
    assert found.neighbours.tolist() == (w - 1).tolist()
    assert found.level[14] == 3
    assert found.level[0] == 0, "a corner has two neighbours: it is not judged"


def test_the_example_of_the_library_gives_the_numbers_of_its_book(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hotspots, "LEAST_CELLS", 6)
    centres = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)], float)
    found = gi_star(centres, np.array([2, 3, 3.2, 5, 8, 7]), 15.0)
    expected = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]
    assert found.z == pytest.approx(expected)


def test_a_single_extreme_test_among_many_is_not_enough_without_correction():
    centres = square_grid(20, 20)
    values = np.random.default_rng(8).poisson(4.0, 400).astype(float)
    found = gi_star(centres, values, 150.0)
    assert (found.p < 0.05).sum() > (found.level != 0).sum()
    assert all(found.p[found.level != 0] < 0.10)


def test_nothing_is_concluded_from_too_little():
    with pytest.raises(TooLittle) as few:
        gi_star(square_grid(5, 5), np.arange(25.0), 150.0)
    assert few.value.code == "few_cells"
    with pytest.raises(TooLittle) as equal:
        gi_star(square_grid(6, 6), np.ones(36), 150.0)
    assert equal.value.code == "all_equal"
    with pytest.raises(TooLittle):
        gi_star(square_grid(6, 6, 5000.0), np.arange(36.0), 150.0)


def test_the_order_of_the_points_never_matters():
    places = np.concatenate([noise(900), around(2500, 1200, 60), around(800, 3300, 40)])
    mixed = places[np.random.default_rng(5).permutation(len(places))]
    one, other = hexagons(places, 200.0), hexagons(mixed, 200.0)
    assert (one.keys == other.keys).all()
    assert (one.counts(places) == other.counts(mixed)).all()
    assert np.allclose(density(places, one.centres, 200), density(mixed, other.centres, 200))
    shown = [
        [(len(c.members), np.round(c.centre, 6).tolist(), round(c.radius_m, 6)) for c in found]
        for found in (
            clusters(places, within_m=60, least=8),
            clusters(mixed, within_m=60, least=8),
        )
    ]
    assert shown[0] == shown[1]


def test_two_crowds_are_two_clusters_and_the_rest_is_none():
    places = np.concatenate(
        [noise(60, seed=3), around(1000, 1000, 40, 20), around(3000, 3000, 25, 20)]
    )
    first, second = clusters(places, within_m=60, least=6)
    assert np.hypot(*(np.array(first.centre) - 1000)) < 40
    assert np.hypot(*(np.array(second.centre) - 3000)) < 40
    assert 40 <= len(first.members) <= 43
    assert 25 <= len(second.members) <= 27
    assert len(first.hull) >= 3
    inside = np.hypot(*(places[first.members] - first.centre).T)
    assert inside.max() <= first.radius_m + 1e-6


def test_many_points_of_one_place_are_one_cluster_and_cost_no_square_of_their_number():
    places = np.concatenate([around(0, 0, 19_000, 40.0), noise(1000, side=60_000)])
    found = clusters(places, within_m=100, least=5)
    assert len(found[0].members) >= 19_000


@pytest.mark.parametrize("n", [0, 1, 2])
def test_hardly_any_points_are_no_trouble(n: int):
    places = noise(2)[:n]
    cells = hexagons(places, 200.0)
    assert len(cells) <= n
    assert len(density(places, cells.centres, 200.0)) == len(cells)
    assert clusters(places, within_m=100, least=3) == []
    empty = np.full(n, np.nan)
    assert recurring(places, np.zeros(n, int), np.arange(n) * 1.0, empty, np.full(n, -1), within_m=50, within=30) == []  # fmt: skip
    assert peaks(cells.centres, np.zeros(len(cells)), 100.0, most=5) == []


def test_points_of_one_place_and_points_on_a_line_make_clusters_without_a_hull():
    one = clusters(np.zeros((9, 2)), within_m=100, least=5)[0]
    assert (len(one.members), one.radius_m, len(one.hull)) == (9, 0.0, 0)
    line = clusters(np.stack([np.arange(9) * 50.0, np.zeros(9)], axis=-1), within_m=60, least=3)[0]
    assert line.radius_m == pytest.approx(200)
    assert len(line.hull) == 0


def test_what_comes_back_where_it_was_closed_is_a_recurrence():
    nan = float("nan")
    # place, kind, reported on day, closed on day
    rows = [
        (0, 1, 0, 5), (10, 1, 8, 12), (20, 1, 20, nan),  # came back twice
        (0, 2, 8, 9),  # another kind at the same place
        (900, 1, 8, nan),  # the same kind elsewhere
        (3000, 1, 0, 10), (3000, 1, 5, nan),  # reported before the first was closed
        (5000, 1, 0, 1), (5000, 1, 90, nan),  # closed too long ago
        (7000, 1, 0, nan), (7500, 1, 3, nan),  # linked by a person
    ]  # fmt: skip
    x, kinds, reported, closed = (np.array(column, float) for column in zip(*rows, strict=True))
    places = np.stack([x, np.zeros(len(x))], axis=-1)
    earlier = np.full(len(rows), -1)
    earlier[10] = 9
    found = recurring(
        places, kinds.astype(int), reported, closed, earlier, within_m=50, within=30
    )  # fmt: skip
    assert [(one.members.tolist(), one.again) for one in found] == [([0, 1, 2], 2), ([9, 10], 1)]
    assert found[0].radius_m == pytest.approx(10)
    alone = recurring(places, kinds.astype(int), reported, closed, np.full(len(rows), -1), within_m=50, within=100)  # fmt: skip
    assert [one.members.tolist() for one in alone] == [[0, 1, 2], [7, 8]]
