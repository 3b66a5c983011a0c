"""The numbers of the explorer of rate and distortion: the Gaussian's curve, points, pictures."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from explorers import RATES, each, few, networks, rates

from course_utils.data import load
from course_utils.toys import LinearGaussian
from course_utils.widgets import rate_distortion_explorer
from course_utils.widgets._shared.normals import standard_normals
from course_utils.widgets.rate_distortion import RateDistortionState, rate_distortion_picture
from course_utils.widgets.rate_distortion._explorer import describe
from course_utils.widgets.rate_distortion._water import at_level, curve_of, needed_for

TRAIN = load("digits").train.vectors
VARIANCES = torch.linalg.eigvalsh(torch.cov(TRAIN.T, correction=0)).clamp(min=0).numpy()
MEAN = TRAIN.mean(0).numpy()
each_theta = pytest.mark.parametrize("theta", [0.0225, 0.1, 0.25, 0.5, 1.0])


def linear_vae(sigma) -> LinearGaussian:
    """At its optimum, with more latents than variances above sigma^2."""
    return LinearGaussian.fit_ml(TRAIN, 63, sigma=sigma)


# --- the curve ---


@each_theta
def test_the_linear_vae_is_where_water_filling_says(theta):
    """Its rate and its distortion over draws of z, both exact, on the pictures it is fitted to."""
    model = linear_vae(math.sqrt(theta))
    q = model.posterior(TRAIN)
    variance = q.scale_tril @ q.scale_tril.mT
    square = q.mu.square().sum(-1).mean() + variance.trace()
    rate = 0.5 * (square - 63 - torch.logdet(variance))
    error = (TRAIN - q.mu @ model.W.T - model.b).square().sum(-1).mean()
    distortion = error + (model.W @ variance @ model.W.T).trace()
    expected = pytest.approx(at_level(VARIANCES, theta), rel=1e-9, abs=1e-9)
    assert (rate.item(), distortion.item()) == expected


@pytest.mark.parametrize("variances", [VARIANCES, np.array([0.25, 4, 0.01, 1])], ids=len)
def test_what_the_gaussian_needs_is_the_curve_read_the_other_way(variances):
    largest, whole = variances.max(), variances.sum()
    for theta in largest * np.geomspace(1e-4, 1, 37):
        rate, distortion = at_level(variances, theta)
        assert needed_for(variances, distortion) == pytest.approx(rate, rel=1e-9, abs=1e-9)
        if theta < largest / 2:  # the slope is -1 / (2 theta)
            step = 1e-4 * theta
            two = [needed_for(variances, distortion + side * step) for side in (-1, 1)]
            assert (two[1] - two[0]) / (2 * step) == pytest.approx(-1 / (2 * theta), rel=1e-3)
    assert [needed_for(variances, share * whole) for share in (1, 1.5)] == [0, 0]
    assert needed_for(variances, 1e-3 * whole) < needed_for(variances, 0) < math.inf


def test_by_hand_for_two_variances():
    variances = np.array([4.0, 1.0])
    assert at_level(variances, 2) == pytest.approx((0.5 * math.log(2), 3))
    assert at_level(variances, 0.5) == pytest.approx((0.5 * math.log(2) + 0.5 * math.log(8), 1))
    assert needed_for(variances, 3) == pytest.approx(0.5 * math.log(2))
    rates, distortions = np.array(curve_of(variances, 3.0)).T
    assert rates[0] == 0 and distortions[0] == 5
    assert rates[-2] <= 3 < rates[-1] and (np.diff(rates) > 0).all()
    assert (np.diff(distortions) < 0).all()


@each_theta
def test_the_pictures_of_the_linear_vae_are_as_far_off_as_it_says(theta):
    """Within five standard errors."""
    model, eps = linear_vae(math.sqrt(theta)), torch.from_numpy(standard_normals(1, 1497, 63))
    z = model.posterior(TRAIN).rsample(eps)
    errors = (z @ model.W.T + model.b - TRAIN).square().sum(-1)
    off = abs(errors.mean().item() - at_level(VARIANCES, theta)[1])
    assert off < 5 * errors.std().item() / math.sqrt(len(errors))


# --- the points ---


def test_points_are_means_over_the_test_pictures():
    """As the ELBO of the course has them: KL, and the squared error in rec, by the same noise."""
    models, widget = networks(), rates()
    test, generator = load("digits").test.images, torch.Generator().manual_seed(0)
    eps = torch.stack([torch.randn(300, 3, generator=generator) for _ in range(32)])
    assert widget.shown.plane.tested == 300
    for model, point in zip(models, widget.shown.plane.points, strict=True):
        sigma = model.pixels.sigma.item()
        with torch.no_grad():
            terms = model.elbo(test, eps=eps)
        error = -2 * sigma**2 * (terms.rec + 32 * math.log(2 * math.pi * sigma**2))
        assert point.sigma == pytest.approx(sigma, rel=1e-12)
        assert point.rate == pytest.approx(terms.kl.mean().item(), rel=1e-5, abs=1e-6)
        assert point.distortion == pytest.approx(error.mean().item(), rel=1e-4)
        own = torch.stack([terms.kl, error], dim=1)[:12]
        np.testing.assert_allclose(point.own, own, rtol=1e-3)
        assert point.needed == pytest.approx(needed_for(VARIANCES, point.distortion))


def test_the_linear_optimum_is_measured_on_the_same_pictures():
    """Within five standard errors of draws; those of other pictures leave the curve."""
    test = load("digits").test.vectors
    for point in rates().shown.plane.points:
        model = linear_vae(point.sigma)
        q = model.posterior(test)
        z = q.rsample(torch.from_numpy(standard_normals(7, 300, 63)))
        sent = q.log_prob(z) - model.log_prior(z)
        errors = (z @ model.W.T + model.b - test).square().sum(-1)
        rate, distortion, needed = point.linear
        for draws, exact in [(sent, rate), (errors, distortion)]:
            assert abs(draws.mean().item() - exact) <= 5 * draws.std().item() / math.sqrt(300)
        assert needed == pytest.approx(needed_for(VARIANCES, distortion))
        assert (rate, distortion) != pytest.approx(at_level(VARIANCES, point.sigma**2), rel=1e-3)


def test_a_network_that_sends_nothing_has_no_rate():
    models = networks()
    with torch.no_grad():
        for parameter in models[3].encoder[-1].parameters():
            parameter.zero_()
    point = rate_distortion_explorer(models, load("digits")).shown.plane.points[3]
    assert point.rate == 0 and {rate for rate, _ in point.own} == {0}


def test_a_learned_sigma_is_that_of_the_moment():
    models = networks(sigma="learned")
    with torch.no_grad():
        models[1].pixels.position.fill_(-1.0)
    points = rate_distortion_explorer(models, few()).shown.plane.points
    sigma = models[1].pixels.sigma.item()
    assert points[1].sigma == sigma != points[0].sigma
    assert points[1].linear != points[0].linear


def test_few_pictures_and_few_networks_are_enough():
    widget = rate_distortion_explorer(networks()[:2], few(test=2), image=1)
    assert widget.shown.plane.images == widget.shown.plane.tested == 2
    assert len(widget.shown.plane.points) == 2


# --- the pictures ---


@each(RATES)
def test_pictures_are_decoded_from_the_draws_of_the_seed(state):
    models, images = networks(), load("digits").test.images[:12]
    widget = rates(**vars(state))
    picture, model = widget.picture, models[state.model]
    noise = torch.from_numpy(standard_normals(state.seed, 22, 3)).float()
    with torch.no_grad():
        q = model.encode(images)
        decoded = model.mean_x(q.rsample(noise[:12]))[state.image]
        samples = model.mean_x(noise[12:])
    half_a_step = 0.5 / 255 + 1e-6
    for ours, expected in [
        (picture.original, images[state.image]),
        (picture.decoded, decoded),
        (picture.samples, samples),
    ]:
        assert ours.shape == expected.shape
        np.testing.assert_allclose(ours, expected, atol=half_a_step)
    linear, eps = linear_vae(model.pixels.sigma.item()), standard_normals(state.seed, 12, 63)
    z = linear.posterior(images).rsample(torch.from_numpy(eps))[state.image]
    expected = (linear.W @ z + linear.b).clamp(0, 1).unflatten(0, (8, 8))
    np.testing.assert_allclose(picture.optimum, expected, atol=half_a_step)


def test_where_the_linear_vae_sends_nothing_it_shows_the_mean():
    shown = [rates(model=4, image=i, seed=i % 5).picture.optimum for i in range(3)]
    for pixels in shown:
        np.testing.assert_allclose(pixels.ravel(), MEAN, atol=0.5 / 255 + 1e-9)


def test_other_draws_move_no_point():
    before, after = (rates(seed=seed).picture for seed in (0, 1))
    assert before.text == after.text and before.point == after.point
    for name in ("decoded", "optimum", "samples"):
        assert np.abs(getattr(before, name) - getattr(after, name)).max() > 0.02
    np.testing.assert_array_equal(before.original, after.original)


def test_a_picture_is_looked_up_and_not_computed_anew():
    widget, state = rates(), RateDistortionState(3, 7, 2)
    widget.model, widget.image, widget.seed = 3, 7, 2
    assert widget.picture.text == rate_distortion_picture(state, widget.shown).text


# --- words ---


@pytest.mark.parametrize(
    ("rate", "says"),
    [
        (13.8, "R 13.80 nats, D 0.93: 4.58 nats below the Gaussian's curve, which needs 18.38 at"),
        (20.0, "R 20.00 nats, D 0.93: 1.62 nats above the Gaussian's curve, which needs 18.38 at"),
        (18.384, "R 18.38 nats, D 0.93: on the Gaussian's curve, which needs 18.38 at this D. "),
    ],
)
def test_words_begin_with_the_network_against_the_gaussian(rate, says):
    point = rates().picture.point
    point = replace(point, rate=rate, distortion=0.933, needed=18.38)
    text = describe(RateDistortionState(image=2), point, 1000)
    own = [f"{value:.2f}" for value in point.own[2]]
    assert text.startswith(says) and "Sigma 0.15, 1,000 test pictures. " in text
    assert text.endswith("Picture 2: R {}, D {}.".format(*own))


def test_words_say_what_the_linear_optimum_does():
    first, last = (rates(model=model).picture for model in (0, 4))
    rate, distortion, needed = first.point.linear
    place = f"R {rate:.2f}, D {distortion:.2f}, {rate - needed:.2f} nats above the curve."
    assert f"The linear optimum at this sigma, on the same pictures: {place}" in first.text
    total = f"{(load('digits').test.vectors - TRAIN.mean(0)).square().sum(-1).mean():.2f}"
    assert f"sends nothing, as no variance is above sigma²: R 0.00, D {total}." in last.text
