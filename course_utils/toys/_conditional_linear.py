"""The conditional linear-Gaussian model: a CVAE whose evidence and posterior are known exactly."""

import torch
from torch import Generator, Tensor

from course_utils._require import require_count, require_fit, require_tensor
from course_utils.toys._latent_model import require_rows
from course_utils.toys._linear_gaussian import LinearGaussian, read_weights


class ConditionalLinearGaussian:
    """z ~ N(0, I), x | z, y ~ N(W z + A y + b, sigma^2 I): y moves the mean, z is free of y.

    Args:    W: (D, L); A: (D, C), the A in A y; b: (D,); sigma: standard deviation of the noise,
             > 0.
    Raises:  ValueError if the shapes do not fit, an entry is not finite, or sigma <= 0.
    Source:  Doersch (2016), section 3; notebook 07 of the course.

    >>> model = ConditionalLinearGaussian(W=[[1.5]], A=[[2.0]], b=[0.3], sigma=0.5)
    >>> model.given(torch.tensor([[0.5]])).log_px(torch.tensor([[3.0]]))  # y shifts x by 1
    tensor([-1.9551], dtype=torch.float64)
    """

    def __init__(self, W: Tensor, A: Tensor, b: Tensor, sigma: float) -> None:
        free = LinearGaussian(W, b, sigma)
        self.W, self.b, self.sigma = free.W, free.b, free.sigma
        self.data_dim, self.latent_dim = self.W.shape
        (self.A,) = read_weights(A=A)  # (D, C)
        n = self.data_dim
        expected = f"({n}, C), a row for each of the {n} rows of W"
        way = f"; one condition needs A of shape ({n}, 1)"
        require_fit(expected, lambda t: t.dim() == 2 and len(t) == n, otherwise=way, A=self.A)
        self.condition_dim = self.A.shape[1]

    def __repr__(self) -> str:
        sizes = f"D={self.data_dim}, L={self.latent_dim}, C={self.condition_dim}"
        return f"ConditionalLinearGaussian({sizes}, sigma={self.sigma:.3g})"

    def given(self, y: Tensor) -> "LinearGaussianGiven":
        """The model of x once y is known: a LatentModel, its log_px being log p(x | y).

        Args:    y: (B, C), one row for each x, or (1, C) for all.
        Raises:  ValueError if y is of another shape or not finite.
        """
        require_rows(f"(B, {self.condition_dim})", self.condition_dim, y=y)
        return LinearGaussianGiven(self, y.to(torch.float64))  # y (B, C), or (1, C) for all x

    def sample(self, y: Tensor, *, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
        """Draw a pair for each row of y: z (B, L) from the prior, x (B, D) given z and y."""
        return self.given(y).sample(len(y), generator=generator)


class LinearGaussianGiven(LinearGaussian):
    """The linear-Gaussian model with an offset of its own, A y + b, for each x.

    The spread of its exact posterior p(z | x, y) sees neither x nor y.
    """

    def __init__(self, model: ConditionalLinearGaussian, y: Tensor) -> None:
        super().__init__(model.W, model.b, model.sigma)
        self.b = y @ model.A.T + model.b  # (B, C) @ (C, D) + (D,) -> (B, D), or (1, D)
        self.model = model

    def __repr__(self) -> str:
        return f"{self.model!r} with y of {len(self.b)} row{'s' * (len(self.b) > 1)}"

    def sample(self, n: int, *, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
        """Draw a pair for each row of y, or n pairs if it has one: z (n, L), x (n, D)."""
        require_count(n=n)
        self._require_rows(n)
        return super().sample(n, generator=generator)

    def _centre(self, x: Tensor) -> Tensor:
        require_tensor(x=x)
        self._require_rows(len(x) if x.dim() else 0)
        return super()._centre(x)

    def _require_rows(self, n: int) -> None:
        if len(self.b) not in (1, n):
            hint = "y[i] belongs to x[i], and a y of one row to all."
            raise ValueError(f"y has {len(self.b)} rows, one for each x, but {n} x came; {hint}")
