"""Notebook 06, E6.4: the wrong implementations, made of the right one by changing a step."""

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.exercises.ex06_ppca import Answer, ppca, spectrum

Matrix = Callable[[Tensor], Tensor]  # of x
Noise = Callable[[Tensor, int], Tensor]  # of the eigenvalues and L
Scale = Callable[[Tensor, Tensor], Tensor]  # of the L eigenvalues and sigma^2
Columns = Callable[[Tensor, int], Tensor]  # of the eigenvectors and L


def covariance(x: Tensor) -> Tensor:
    """Between the pixels, (D, D), divided by N."""
    return (x - x.mean(0)).T @ (x - x.mean(0)) / len(x)


def root(values: Tensor, sigma2: Tensor) -> Tensor:
    """The right lengths; nan where the noise is more than the eigenvalue."""
    return (values - sigma2).sqrt()


def clamped(values: Tensor, sigma2: Tensor) -> Tensor:
    """The right lengths; 0 where the noise is more than the eigenvalue."""
    return (values - sigma2).clamp(min=0).sqrt()


def first_columns(vectors: Tensor, latent_dim: int) -> Tensor:
    """The right ones, where the eigenvalues descend."""
    return vectors[:, :latent_dim]


def mean_of_the_rest(values: Tensor, latent_dim: int) -> Tensor:
    """The right sigma^2, where the eigenvalues descend."""
    return values[latent_dim:].mean()


def of_the_small(values: Tensor, latent_dim: int) -> Tensor:
    """The right sigma^2, where the eigenvalues ascend."""
    return values[:-latent_dim].mean()


def unsigned(values: Tensor, sigma2: Tensor) -> Tensor:
    """Lengths for which no root is of a negative number."""
    return (values - sigma2).abs().sqrt()


def fit(
    matrix: Matrix = covariance,
    *,
    noise: Noise = mean_of_the_rest,
    scale: Scale = root,
    columns: Columns = first_columns,
    descending: bool = True,
) -> Answer:
    """The right answer with another matrix, sigma^2, lengths, columns or order."""

    def wrong(x, latent_dim):
        values, vectors = spectrum(matrix(x))
        if not descending:  # as eigh has them
            values, vectors = values.flip(0), vectors.flip(1)
        sigma2 = noise(values, latent_dim)
        w = columns(vectors, latent_dim) * scale(values[:latent_dim], sigma2)
        return w, x.mean(0), sigma2.sqrt()

    return wrong


def with_noise(of: Noise) -> tuple[Answer, Answer]:
    """Another sigma^2, with negative numbers under the root of W or with zeros there."""
    return fit(noise=of), fit(noise=of, scale=clamped)


def with_values(of: Callable[[Tensor, int], Tensor]) -> Answer:
    """The right directions with something else of the singular values and N for eigenvalues."""

    def wrong(x, latent_dim):
        _, s, rows = torch.linalg.svd(x - x.mean(0), full_matrices=False)
        values = of(s, len(x))
        sigma2 = values[latent_dim:].mean()
        return rows[:latent_dim].T * root(values[:latent_dim], sigma2), x.mean(0), sigma2.sqrt()

    return wrong


def changed(change: Callable[..., tuple]) -> Answer:
    """The right W, b and sigma, then made something else of: change(x, W, b, sigma)."""
    return lambda x, latent_dim: change(x, *ppca(x, latent_dim))


def turned(degrees: float) -> Answer:
    """The right answer with its first two latents turned, if there are two."""
    angle = torch.tensor(degrees, dtype=torch.float64).deg2rad()

    def wrong(x, latent_dim):
        w, b, sigma = ppca(x, latent_dim)
        turn = torch.eye(max(latent_dim, 2), dtype=x.dtype)
        turn[0, :2] = torch.stack([angle.cos(), -angle.sin()])
        turn[1, :2] = torch.stack([angle.sin(), angle.cos()])
        return (w @ turn if latent_dim > 1 else w), b, sigma

    return wrong


def left_vectors(x: Tensor, latent_dim: int) -> tuple[Tensor, Tensor, Tensor]:
    """W of the wrong half of the svd, (N, L)."""
    u, s, _ = torch.linalg.svd(x - x.mean(0), full_matrices=False)
    values = s**2 / len(x)
    sigma2 = mean_of_the_rest(values, latent_dim)
    return u[:, :latent_dim] * root(values[:latent_dim], sigma2), x.mean(0), sigma2.sqrt()


def all_columns(x: Tensor, latent_dim: int) -> tuple[Tensor, Tensor, Tensor]:
    """W with a column for every pixel, those of length 0 included."""
    values, vectors = spectrum(covariance(x))
    sigma2 = mean_of_the_rest(values, latent_dim)
    return vectors * clamped(values, sigma2), x.mean(0), sigma2.sqrt()
