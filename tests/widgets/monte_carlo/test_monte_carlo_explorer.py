"""The Monte Carlo explorer without a browser: its numbers, its words, its still, its twin in JS."""

import base64
import json
import math
import re
import shutil

import numpy as np
import pytest
import torch
from explorers import assert_refused_in_words, by_node

from course_utils.densities import DiagonalNormal, log_mean_exp
from course_utils.estimators import TRUST, effective_sample_size, naive_monte_carlo
from course_utils.plots import PALETTE
from course_utils.toys import LinearGaussian
from course_utils.widgets import monte_carlo_explorer
from course_utils.widgets._shared import view as _view
from course_utils.widgets._shared.normals import _key, standard_normals
from course_utils.widgets._shared.view import Explorer, read_esm
from course_utils.widgets.monte_carlo import MonteCarloState, monte_carlo_picture
from course_utils.widgets.monte_carlo._explorer import (
    FILES,
    RANGES,
    _signed,
    exact_log_px,
    log10_draws_needed,
    log_weights,
)

MATHS = read_esm("_shared/normals.js", "_shared/running.js", "monte_carlo/math.js")
STATES = [
    MonteCarloState(),
    MonteCarloState(dimension=1, sigma=1.0, n=10, seed=99),
    MonteCarloState(dimension=20, sigma=0.05, n=100_000, seed=5),
    MonteCarloState(dimension=20, sigma=0.3, n=3000, seed=1, proposal=0.9),
    MonteCarloState(dimension=7, sigma=0.123, n=1234, seed=42, proposal=0.37),
    MonteCarloState(dimension=5, sigma=0.1, n=50_000, seed=17, proposal=0.99),
    MonteCarloState(dimension=12, sigma=0.2, n=500, seed=3, proposal=1.0),
]
each_state = pytest.mark.parametrize("state", STATES, ids=str)
# A logarithm and a cosine, each right to 4 ulps or better, by two ways; a sum adds one for a draw.
ULPS = 16 * np.finfo(float).eps


def model_and_x(state):
    """The explorer's model as a toy of the course, x with its batch axis, q and the z it drew."""
    size = state.dimension
    model = LinearGaussian(torch.eye(size), torch.zeros(size), state.sigma)
    x = torch.ones(1, size, dtype=torch.float64)
    posterior = model.posterior(x)
    s = posterior.scale_tril[..., 0, 0].reshape(()) ** state.proposal
    q = DiagonalNormal(state.proposal * posterior.mu, 2 * s.log() * torch.ones_like(x))
    eps = torch.as_tensor(standard_normals(state.seed, state.n, size))
    return model, x, q, q.rsample(eps[:, None])


def weights_by_torch(state):
    """Log-weights by the densities of the course: shape (n, 1)."""
    model, x, q, z = model_and_x(state)
    return model.log_likelihood(x, z) + model.log_prior(z) - q.log_prob(z)


def test_draws_do_not_depend_on_how_many_there_are():
    """But for the last bits: NumPy may take a logarithm by another way in a longer column."""
    few, many = standard_normals(3, 50, 3), standard_normals(3, 1000, 8)
    assert few.shape == (50, 3)
    np.testing.assert_allclose(few, many[:50, :3], rtol=ULPS)


def test_every_stream_of_every_seed_has_its_own_key():
    keys = {int(_key(seed, stream)[0]) for seed in range(100) for stream in range(20)}
    assert len(keys) == 2000


@pytest.mark.parametrize("seed", [0, 1, 99])
def test_draws_are_standard_normal(seed):
    """Moments, tails and the whole distribution, each within five standard errors."""
    n, size = 100_000, 20
    eps = standard_normals(seed, n, size)
    count = n * size
    for power, mean, variance in [(1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)]:
        assert abs((eps**power).mean() - mean) < 5 * math.sqrt(variance / count)
    sorted_eps = torch.as_tensor(np.sort(eps, axis=None))
    below = torch.special.ndtr(sorted_eps).numpy()
    gap = np.abs(below - (np.arange(count) + 0.5) / count).max()
    assert gap < 2.3 / math.sqrt(count)  # Kolmogorov: exceeded with probability 5e-5


def test_draws_are_independent_over_dimensions_rows_and_seeds():
    n = 100_000
    eps = standard_normals(0, n, 20)
    columns = np.concatenate([eps, standard_normals(1, n, 4), np.roll(eps[:, :4], 1, axis=0)], 1)
    for table in (columns, columns**2):  # squares: Box-Muller's partners share a radius
        off = np.corrcoef(table.T) - np.eye(columns.shape[1])
        assert np.abs(off).max() < 5 / math.sqrt(n)


@each_state
def test_weights_agree_with_the_densities_of_the_course(state):
    torch.testing.assert_close(
        torch.as_tensor(log_weights(state)), weights_by_torch(state)[:, 0], rtol=1e-9, atol=1e-9
    )


@each_state
def test_estimate_and_sample_size_agree_with_the_estimators(state):
    log_w, picture = weights_by_torch(state), monte_carlo_picture(state)
    for end, value, ess in zip(picture.draws, picture.estimate, picture.ess, strict=True):
        assert value == pytest.approx(log_mean_exp(log_w[:end], dim=0).item(), rel=1e-9)
        assert ess == pytest.approx(effective_sample_size(log_w[:end]).item(), rel=1e-9)
    spread = np.sqrt(np.maximum(0, 1 / picture.ess - 1 / picture.draws))
    np.testing.assert_allclose(picture.std_error, spread, atol=1e-7)


@pytest.mark.parametrize("n", [10, 1000])
def test_from_the_prior_it_is_naive_monte_carlo(n):
    """The package's estimator, given the same draws, says the same three numbers."""
    state = MonteCarloState(dimension=3, n=n, seed=8)
    model, x, _, z = model_and_x(state)
    model.sample_prior = lambda n, generator=None: z[:, 0]
    expected, picture = naive_monte_carlo(model, x, n), monte_carlo_picture(state)
    for ours, theirs in [
        (picture.estimate, expected.log_px),
        (picture.std_error, expected.std_error),
        (picture.ess, expected.ess),
    ]:
        assert ours[-1] == pytest.approx(theirs.item(), rel=1e-9)


@each_state
def test_the_exact_line_is_the_evidence_of_the_toy(state):
    model, x, *_ = model_and_x(state)
    assert exact_log_px(state) == pytest.approx(model.log_px(x).item(), rel=1e-12)


@pytest.mark.parametrize("dimension", [1, 20])
def test_at_the_posterior_there_is_no_error(dimension):
    picture = monte_carlo_picture(MonteCarloState(dimension=dimension, proposal=1.0))
    np.testing.assert_allclose(picture.estimate, picture.exact, rtol=1e-13)
    np.testing.assert_allclose(picture.ess, picture.draws, rtol=1e-12)
    assert picture.std_error.max() < 1e-12
    assert "one draw is enough" in picture.text


@pytest.mark.parametrize("proposal", [0.0, 0.4, 0.9])
@pytest.mark.parametrize("sigma", [0.1, 0.3, 1.0])
def test_draws_needed_agree_with_quadrature(sigma, proposal):
    """1 + relvar = E_q[(w / p(x))^2], in one dimension by the trapezoid rule."""
    state = MonteCarloState(dimension=1, sigma=sigma, proposal=proposal)
    model, x, q, _ = model_and_x(state)
    z = torch.linspace(-12, 12, 200_001, dtype=torch.float64)[:, None]
    log_ratio = 2 * model.posterior(x).log_prob(z[:, None])[:, 0] - q.log_prob(z)
    relvar = torch.trapezoid(log_ratio.exp(), z[:, 0]).item() - 1
    assert log10_draws_needed(state) == pytest.approx(max(0, math.log10(relvar / 0.01)), abs=1e-6)


def test_draws_needed_multiply_over_dimensions():
    """log(1 + relvar) adds up; at large L also where 1 + relvar would overflow nothing."""
    one = MonteCarloState(dimension=1, sigma=0.3)
    relvar = 0.01 * 10 ** log10_draws_needed(one)
    many = MonteCarloState(dimension=20, sigma=0.3)
    expected = math.log10((1 + relvar) ** 20 - 1) + 2
    assert log10_draws_needed(many) == pytest.approx(expected, rel=1e-9)
    assert 13 < log10_draws_needed(many) < 15


def test_with_the_draws_needed_the_error_is_a_tenth():
    """Over 100 seeds the relative error of p(x) has the standard deviation it was promised."""
    opening = MonteCarloState(dimension=1, sigma=0.3)
    n = round(10 ** log10_draws_needed(opening))
    states = [MonteCarloState(dimension=1, sigma=0.3, n=n, seed=seed) for seed in range(100)]
    misses = [monte_carlo_picture(s).estimate[-1] - exact_log_px(s) for s in states]
    squares = np.expm1(misses) ** 2
    standard_error = squares.std() / math.sqrt(len(squares))
    assert abs(squares.mean() - 0.1**2) < 5 * standard_error


@each_state
def test_shares_are_the_largest_weights(state):
    picture, log_w = monte_carlo_picture(state), weights_by_torch(state)[:, 0]
    expected = log_w.softmax(dim=0).sort(descending=True).values[:30]
    np.testing.assert_allclose(picture.shares, expected, rtol=1e-8)
    assert picture.shares.sum() + picture.others == pytest.approx(1)


def test_a_longer_run_goes_on_where_a_shorter_one_ended():
    short, long = (monte_carlo_picture(MonteCarloState(n=n)) for n in (1000, 100_000))
    assert 140 < len(long.draws) < 210
    shared = len(short.draws) - 1
    np.testing.assert_array_equal(short.draws[:-1], long.draws[:shared])
    np.testing.assert_allclose(short.estimate[:-1], long.estimate[:shared], rtol=1000 * ULPS)


def test_words_say_when_the_error_bar_is_void():
    good, void = monte_carlo_picture(STATES[0]), monte_carlo_picture(STATES[2])
    assert good.ess[-1] > TRUST > void.ess[-1]
    assert f"± {good.std_error[-1]:.2f}" in good.text and "void" not in good.text
    assert "(error bar void)" in void.text and "nats too low" in void.text
    assert f"exactly −{-good.exact:.2f}" in good.text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"dimension": 0}, "dimension should be a whole number from 1 to 20, but 0 came"),
        ({"dimension": 2.0}, "dimension should be a whole number"),
        ({"sigma": 0}, "sigma should be a number from 0.05 to 1.0, but 0 came"),
        ({"sigma": math.nan}, "but nan came"),
        ({"sigma": "0.3"}, "but '0.3' came"),
        ({"n": 1e5}, "n should be a whole number from 10 to 100000"),
        ({"n": 5}, "opens with n=1000"),
        ({"seed": 100}, "seed should be a whole number from 0 to 99"),
        ({"proposal": True}, "proposal should be a number from 0.0 to 1.0, but True came"),
        ({"sigma": None}, "sigma should be a number from 0.05 to 1.0, but None came"),
    ],
)
def test_bad_state_is_refused_in_words(wrong, says):
    assert_refused_in_words(monte_carlo_explorer, MonteCarloState, wrong, says)


def test_whole_numbers_of_numpy_are_welcome():
    state = MonteCarloState(dimension=np.int64(3), sigma=1)
    assert state == MonteCarloState(dimension=3, sigma=1.0)
    assert type(state.dimension) is int and type(state.sigma) is float


def test_the_view_holds_the_state_and_little_else():
    widget = monte_carlo_explorer(dimension=4, sigma=0.5, n=200, seed=7, proposal=0.25)
    assert widget.state == MonteCarloState(4, 0.5, 200, 7, 0.25)
    saved = widget.get_state()
    assert {name: saved[name] for name in RANGES} == vars(widget.state)
    assert len(json.dumps(saved)) < 30_000
    widget.sigma = 1
    assert widget.state == MonteCarloState(4, 1.0, 200, 7, 0.25)


def test_without_a_browser_there_are_words_and_a_still():
    data, _ = monte_carlo_explorer()._repr_mimebundle_()
    again, _ = monte_carlo_explorer()._repr_mimebundle_()
    opening = monte_carlo_picture(MonteCarloState())
    assert data["text/plain"] == f"monte_carlo_explorer(2, 0.3, 1000, 0, 0.0): {opening.text}"
    assert data["image/png"] == again["image/png"]
    assert "application/vnd.jupyter.widget-view+json" in data
    png = base64.b64decode(data["image/png"])
    assert png.startswith(b"\x89PNG") and len(png) < 40_000


def test_the_still_shows_the_picture():
    widget = monte_carlo_explorer(dimension=8, n=3000)
    picture = monte_carlo_picture(widget.state)
    weights, running = widget.still().axes
    heights = [bar.get_height() for bar in weights.patches]
    np.testing.assert_allclose(heights, [*picture.shares, picture.others])
    lines = {line.get_label(): line.get_ydata() for line in running.lines}
    np.testing.assert_array_equal(lines["estimate"], picture.estimate)
    assert set(lines["exact"]) == {picture.exact}
    assert running.get_ylabel() == "log p(x) [nats]"


def test_an_explorer_without_a_still_says_so():
    with pytest.raises(NotImplementedError, match="Explorer should define still"):
        Explorer(_esm="export default {}").still()


def test_the_page_uses_the_colours_of_the_course():
    text = (_view.HERE / "_shared/canvas.js").read_text(encoding="utf-8")
    roles = dict(re.findall(r'(\w+): "(#[0-9A-F]{6})"', text))
    assert roles == {name: PALETTE[name] for name in ("p", "q", "samples", "data")}
    css = (_view.HERE / "_shared/explorer.css").read_text(encoding="utf-8").upper()
    assert PALETTE["p"] in css and PALETTE["q"] in css


def test_one_browser_module_is_made_of_several_files():
    sent = read_esm(*FILES)
    assert not re.search(r"^(import|//|\s)|\s// ", sent, re.MULTILINE)
    assert re.findall(r"^export.*", sent, re.MULTILINE) == ["export default { render };"]
    text = "\n".join((_view.HERE / name).read_text(encoding="utf-8") for name in FILES)
    names = re.findall(r"^(?:export )?(?:function|const) (\w+)", text, re.MULTILINE)
    assert len(names) == len(set(names)) > 30  # a name twice would be a syntax error on the page


needs_node = pytest.mark.skipif(
    not shutil.which("node"), reason="no node; tests/browser runs it in Chromium"
)


@needs_node
def test_javascript_computes_the_same_picture():
    theirs = by_node(MATHS, "(states) => states.map(picture)", [vars(state) for state in STATES])
    for state, made in zip(STATES, theirs, strict=True):
        assert_agrees(made, monte_carlo_picture(state))


@needs_node
def test_a_number_that_rounds_to_zero_has_no_sign():
    numbers, texts = [-0.004, 0.004, -1.006, 12.3], ["0.00", "0.00", "−1.01", "12.30"]
    assert [_signed(value) for value in numbers] == texts
    assert by_node(MATHS, "(values) => values.map((v) => signed(v))", numbers) == texts


def assert_agrees(theirs: dict, ours) -> None:
    """A picture from the browser equals Python's to 1e-9, and in every word."""
    for name in ("draws", "estimate", "ess", "shares", "exact", "others", "log10_needed"):
        np.testing.assert_allclose(
            theirs[name], getattr(ours, name), rtol=1e-9, atol=1e-12, err_msg=name
        )
    np.testing.assert_allclose(theirs["std_error"], ours.std_error, rtol=1e-9, atol=1e-12)
    assert theirs["text"] == ours.text
