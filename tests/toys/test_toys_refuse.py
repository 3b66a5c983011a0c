"""What the toys refuse, and in which words."""

import math

import numpy as np
import pytest
import torch
from conditional_toy import SIGMA, B, C, D, K, L, model_of
from routes import M1, randn

from course_utils.densities import DiagonalNormal
from course_utils.estimators import elbo, importance_sampling, naive_monte_carlo
from course_utils.toys import (
    ConditionalLinearGaussian,
    FourPixels,
    LinearGaussian,
    Ring,
    TwoModes,
    TwoRoots,
)

PIXELS, MODES, WIDE = FourPixels(), TwoModes(0.1), model_of()
GIVEN = WIDE.given(randn(B, C, seed=5))
WHOLE = {"W": randn(D, L), "A": randn(D, C), "b": randn(D), "sigma": SIGMA}
Z, AT = torch.zeros(B, L), torch.tensor([[1.1, 0.0]])  # an x on the ring


def conditional(**change):
    return ConditionalLinearGaussian(**WHOLE | change)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: LinearGaussian([1.5], [0.3], 0.5), r"W should be \(D, L\)"),
        (lambda: LinearGaussian([[1.5]], [0.3, 0.1], 0.5), r"b \(2,\) came"),
        (lambda: LinearGaussian([[math.nan]], [0.3], 0.5), "W should be finite"),
        (lambda: LinearGaussian([[1.5]], [0.3], 0.0), "sigma should be a number above 0"),
        (lambda: LinearGaussian([[1.5]], [0.3], -1), "sigma should be a number above 0"),
        (lambda: Ring(math.inf), "sigma should be a number above 0"),
        (lambda: LinearGaussian.fit_ml(torch.randn(9, 4), 4), "below the 4 dimensions"),
        (lambda: LinearGaussian.fit_ml(torch.empty(0, 4), 2), "at least one example"),
        (lambda: LinearGaussian.fit_ml(torch.randn(9, 4), 2, sigma=-1.0), "above 0"),
        (lambda: LinearGaussian.fit_ml(torch.randn(3, 9), 3), "more examples, fewer latents"),
        (lambda: LinearGaussian.fit_ml(torch.randn(1, 9), 3), "more examples, fewer latents"),
        (lambda: M1.sample_prior(0), "n should be a whole number"),
        (lambda: M1.sample_prior(1e3), r"write 10\*\*5"),
        (lambda: M1.log_px(torch.zeros(3)), r"try x\[:, None\]"),
        (lambda: M1.log_px(torch.zeros(3, 2)), r"1 numbers an example, but \(3, 2\) came"),
        (lambda: M1.log_px(torch.tensor([[math.nan]])), "x should be finite"),
        (lambda: M1.log_px(np.zeros((3, 1))), "torch.as_tensor"),
        (lambda: M1.log_likelihood(torch.zeros(3, 1), torch.zeros(5, 1)), r"z\[:, None\]"),
        (lambda: M1.log_likelihood(torch.zeros(3, 1), torch.zeros(5, 2, 1)), r"but \(5, 2, 1\)"),
        (lambda: M1.log_likelihood(torch.zeros(3, 1), torch.zeros(3, 2)), r"but \(3, 2\)"),
        (lambda: M1.log_likelihood(torch.zeros(3, 1), torch.zeros(3)), r"but \(3,\)"),
        (lambda: PIXELS.log_px(torch.zeros(2, 3)), r"4 numbers an example, but \(2, 3\) came"),
        (lambda: PIXELS.log_px(torch.full((1, 4), math.nan)), "x should be finite"),
        (lambda: PIXELS.log_likelihood(torch.eye(4), torch.zeros(5, 1)), r"z\[:, None\]"),
        (lambda: TwoModes(0.0), "sigma should be a number above 0"),
        (lambda: MODES.log_px(torch.zeros(2, 3)), r"1 numbers an example, but \(2, 3\) came"),
        (lambda: MODES.log_likelihood(torch.zeros(2, 1), torch.zeros(5, 1)), "z should be"),
        (lambda: Ring(0.0005).log_px(AT), r"sigma of at least 0\.00"),
        (lambda: Ring(0.02).log_px(torch.tensor([[4.0, 0.0]])), "nearer to the ring"),
        (lambda: TwoRoots(0.3).log_px(torch.tensor([[-1e6]])), "another sigma"),
        (lambda: TwoRoots(0.005).log_px(torch.tensor([[9.0]])), "another sigma"),
        (lambda: TwoRoots(1.0).log_px(torch.tensor([[64.0]])), "nearer to 0"),
        (lambda: conditional(A=[1.0] * D), r"A should .* a row .* \(6,\) came; .* \(6, 1\)"),
        (lambda: conditional(A=torch.zeros(D + 1, C)), r"A should be \(6, C\).* but \(7, 3\) came"),
        (lambda: conditional(A=torch.zeros(C, D)), r"A should be \(6, C\).* but \(3, 6\) came"),
        (lambda: conditional(A=torch.zeros(D, 0)), "A should hold at least one"),
        (lambda: conditional(A=torch.full((D, C), math.nan)), "A should be finite, but 18 of 18"),
        (lambda: conditional(W=torch.zeros(D)), r"W should be \(D, L\)"),
        (lambda: conditional(W=torch.full((D, L), math.inf)), "W should be finite"),
        (lambda: conditional(b=torch.zeros(D + 1)), r"b \(7,\) came"),
        (lambda: conditional(b=torch.full((D,), math.nan)), "b should be finite"),
        (lambda: conditional(sigma=0.0), "sigma should be a number above 0, but 0.0 came"),
        (lambda: conditional(sigma=-1), "sigma should be a number above 0"),
        (lambda: conditional(sigma=math.nan), "sigma should be a number above 0"),
        (lambda: conditional(sigma="learned"), "sigma should be a number above 0"),
        (lambda: GIVEN.log_px(torch.zeros(D)), "y has 4 rows"),
        (lambda: GIVEN.log_px(torch.tensor(0.0)), "4 rows"),
        (lambda: GIVEN.log_px(torch.zeros(B, D + 1)), r"6 numbers an example, but \(4, 7\) came"),
        (lambda: GIVEN.log_px(torch.full((B, D), math.nan)), "x should be finite"),
        (lambda: GIVEN.log_px([[0.0] * D]), "x should be a torch tensor"),
        (lambda: GIVEN.posterior(np.zeros((B, D))), "x should be a torch tensor"),
        (lambda: GIVEN.log_likelihood([[0.0] * D], Z), "x should be a torch tensor"),
        (lambda: GIVEN.log_likelihood(torch.zeros(B, D), torch.zeros(B, L + 1)), "z should be"),
        (lambda: GIVEN.log_likelihood(torch.zeros(B, D), torch.zeros(K, L)), r"try z\[:, None\]"),
        (lambda: GIVEN.sample(0), "n should be a whole number of at least 1"),
        (lambda: GIVEN.sample(4.0), "n should be a whole number"),
        (lambda: GIVEN.sample_prior(0), "n should be a whole number"),
    ],
)
def test_toys_refuse_bad_input_in_words(call, says):
    with pytest.raises(ValueError, match=says):
        call()


@pytest.mark.parametrize("pixel", [0.5, -1.0, 2.0, 255.0])
def test_four_pixels_refuse_grey(pixel):
    x = torch.tensor([[1.0, pixel, 0.0, 1.0]])
    for use in (PIXELS.log_px, lambda x: PIXELS.log_likelihood(x, torch.zeros(1, 1))):
        with pytest.raises(ValueError, match="only 0s and 1s, but 1 of 4 pixels .* is no density"):
            use(x)


def test_what_is_hard_but_within_reach_is_not_refused():
    assert Ring(0.001).log_px(AT).isfinite().all()
    assert TwoRoots(60.0).log_px(torch.tensor([[1.0]])).item() == pytest.approx(-5.01, abs=0.01)


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (torch.zeros(C), r"y should be \(B, 3\), but \(3,\) came; try y\[None\]"),
        (torch.arange(B), r"y should be \(B, 3\), but \(4,\) came"),
        (torch.zeros(B, C + 1), r"but \(4, 4\) came"),
        (torch.zeros(B, 1, C), r"but \(4, 1, 3\) came"),
        (torch.tensor(1.0), r"but \(\) came"),
        (torch.zeros(0, C), "y should hold at least one example"),
        (torch.full((1, C), math.nan), "y should be finite, but 3 of 3"),
        (torch.full((1, C), math.inf), "y should be finite"),
        (np.zeros((1, C)), r"y should be a torch tensor, but a ndarray came; try torch.as_tensor"),
        ([[0.0] * C], "y should be a torch tensor, but a list came"),
    ],
)
def test_what_is_no_condition_of_a_toy_is_refused(y, says):
    for use in (WIDE.given, WIDE.sample):
        with pytest.raises(ValueError, match=says):
            use(y)


@pytest.mark.parametrize("n", [1, 3, 5])
def test_a_toy_refuses_x_and_y_of_different_lengths(n):
    x, q = torch.zeros(n, D), DiagonalNormal(torch.zeros(n, L), torch.zeros(n, L))
    for use in (
        lambda: GIVEN.log_px(x),
        lambda: GIVEN.posterior(x),
        lambda: GIVEN.log_likelihood(x, torch.zeros(K, 1, L)),
        lambda: GIVEN.exact_elbo(x, q),
        lambda: GIVEN.sample(n),
        lambda: naive_monte_carlo(GIVEN, x, 10),
        lambda: importance_sampling(GIVEN, x, q, 10),
        lambda: elbo(GIVEN, x, q, torch.zeros(n, L)),
    ):
        with pytest.raises(ValueError, match=rf"4 rows, one for each x, but {n} .*y\[i\] belongs"):
            use()
