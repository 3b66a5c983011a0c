"""Notebook 06, the latent space: its exercises, each with a reference and the hint ladder."""

import torch

from course_utils.exercises import ex06_inputs as inputs
from course_utils.exercises._exercise import Exercise
from course_utils.exercises.ex06_active import ACTIVE_UNITS
from course_utils.exercises.ex06_count import ACTIVE_COUNT
from course_utils.exercises.ex06_moments import MOMENTS
from course_utils.exercises.ex06_ppca import PARTS, judge_ppca
from course_utils.exercises.ex06_ppca_mistakes import PPCA
from course_utils.exercises.ex06_quantiles import QUANTILES
from course_utils.exercises.ex06_questions import PREDICTIONS, RECALL

__all__ = ["EXERCISES", "PREDICTIONS", "RECALL"]


def my_quantiles(n):
    """Middles of n even shares of N(0, 1): n -> positions (n,), from the smallest."""
    shares = (torch.arange(n, dtype=torch.float64) + 0.5) / n
    return torch.special.ndtri(shares)


def my_active_units(mu):
    """Which latents are in use: mu (N, L), one row a picture -> (L,) of true and false."""
    return mu.var(dim=0) > 0.01


def my_aggregated_moments(mu, log_var):
    """Mean and variance of q(z), the average of N posteriors: two (N, L) -> two of (L,)."""
    mean = mu.mean(dim=0)
    variance = mu.var(dim=0, correction=0) + log_var.exp().mean(dim=0)
    return mean, variance


def _moments_unbiased(mu, log_var):
    """Divides the spread of the centres by N - 1, as `var` does unless told otherwise."""
    return mu.mean(dim=0), mu.var(dim=0) + log_var.exp().mean(dim=0)


def my_ppca(x, latent_dim):
    """Probabilistic PCA by maximum likelihood: x (N, D) -> W (D, L), b (D,), sigma a number."""
    b = x.mean(dim=0)
    values, vectors = torch.linalg.eigh((x - b).T @ (x - b) / len(x))
    values, vectors = values.flip(0), vectors.flip(1)  # the largest first
    sigma2 = values[latent_dim:].mean()
    W = vectors[:, :latent_dim] * (values[:latent_dim] - sigma2).sqrt()
    return W, b, sigma2.sqrt().item()


def my_active_count(eigenvalues, sigma2, latent_dim):
    """How many latents a linear VAE uses at its best: eigenvalues (D,) descending -> a number."""
    return (eigenvalues[:latent_dim] > sigma2).sum()


EXERCISES = (
    Exercise(
        id="E6.1",
        title="Even shares of the prior",
        difficulty=1,
        minutes=5,
        points=2,
        reference=my_quantiles,
        cases=inputs.quantile_cases,
        mistakes=QUANTILES,
        hints=(
            "Cut the prior into n pieces that hold 1/n of it each, and stand in the middle of each "
            "(by share, not by length). Which share of the prior lies below the first of these "
            "positions, and which below the second?",
            "The shares are (i + 1/2) / n for i = 0 to n - 1. What you need is the z that has a "
            "given share below it: the inverse of the distribution function.",
            "`torch.special.ndtri`, or `torch.distributions.Normal(0.0, 1.0).icdf`, of "
            "`(torch.arange(n) + 0.5) / n`.",
        ),
    ),
    Exercise(
        id="E6.2",
        title="Which latents are in use?",
        difficulty=1,
        minutes=6,
        points=2,
        reference=my_active_units,
        cases=inputs.active_cases,
        mistakes=ACTIVE_UNITS,
        hints=(
            "A latent that is not in use says the same about every picture. What does its column "
            "of mu look like?",
            "The variance over pictures, one for each latent: along which axis does it run? Then "
            "compare it with 0.01.",
            "`mu.var(dim=0)` has shape (L,); the comparison with `> 0.01` makes true and false.",
        ),
    ),
    Exercise(
        id="E6.3",
        title="The moments of all codes together",
        difficulty=2,
        minutes=6,
        points=3,
        reference=my_aggregated_moments,
        cases=inputs.moment_cases,
        mistakes=MOMENTS,
        parts=("mean", "variance"),
        also_right=(_moments_unbiased,),
        hints=(
            "A draw from q(z): pick a picture at random, then draw z from its q(z|x_n). From which "
            "two sources does z get its spread?",
            "The centres mu_n differ from picture to picture, and each q(z|x_n) has a width of its "
            "own. Variances of two such sources add up: equation 6.3.",
            "The mean is `mu.mean(dim=0)`. The variance is that of mu over dim 0, plus the mean "
            "over dim 0 of `log_var.exp()`.",
        ),
    ),
    Exercise(
        id="E6.4",
        title="Probabilistic PCA by hand",
        difficulty=3,
        minutes=15,
        points=4,
        reference=my_ppca,
        cases=inputs.ppca_cases,
        mistakes=PPCA,
        parts=PARTS,
        judge=judge_ppca,
        hints=(
            "The model says: x has mean b and covariance W W^T + sigma^2 I. The data have a mean "
            "and a covariance. With L columns, how close can the one come to the other?",
            "Take the covariance of the centred x, divided by N, and its eigenvalues from the "
            "largest down. Along L directions W and the noise make lambda together; in the other "
            "D - L there is noise alone, the same in each: equation 6.4.",
            "`values, vectors = torch.linalg.eigh(covariance)` begins with the smallest: `flip` "
            "both, the vectors along dim 1. sigma^2 is `values[latent_dim:].mean()`; each of the "
            "first L columns is multiplied by the root of its lambda - sigma^2. Return sigma, not "
            "sigma^2.",
        ),
    ),
    Exercise(
        id="E6.5",
        title="Who survives?",
        difficulty=2,
        minutes=5,
        points=2,
        reference=my_active_count,
        cases=inputs.count_cases,
        mistakes=ACTIVE_COUNT,
        hints=(
            "A latent can take one direction of the data, and it is charged for it. Against what "
            "does the variance along that direction have to stand out?",
            "Equation 6.7: the best column of W has the squared length lambda - sigma^2, if that "
            "is more than 0. And how many columns are there?",
            "Of the first `latent_dim` eigenvalues, count those above `sigma2`.",
        ),
    ),
)
