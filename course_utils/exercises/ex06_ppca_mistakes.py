"""Notebook 06, E6.4: what people write instead of probabilistic PCA, and the hint for each."""

import torch

from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex06_ppca import Known, diagnosis, only_turned, ppca
from course_utils.exercises.ex06_ppca_wrong import (
    all_columns,
    changed,
    clamped,
    covariance,
    fit,
    left_vectors,
    of_the_small,
    turned,
    unsigned,
    with_noise,
    with_values,
)

KNOWN = (
    Known(
        "plain PCA",
        "Your columns have length 1 or nothing of the noise in them: the right directions, but "
        "that is PCA. In the model z has variance 1, so how far x moves along a direction, W has "
        "to say. Which variance is left for W once the noise has its part?",
        (
            fit(scale=lambda values, sigma2: torch.ones_like(values)),
            fit(scale=lambda values, sigma2: 1 / values.sqrt()),
            fit(scale=lambda values, sigma2: 1 / (values - sigma2).sqrt()),
        ),
    ),
    Known(
        "noise not subtracted",
        "The variance along a column should be lambda, and the noise already gives sigma^2 in "
        "every direction. With columns of length sqrt(lambda) it comes out as lambda + sigma^2. "
        "What is left for W?",
        (fit(scale=lambda values, sigma2: values.sqrt()),),
    ),
    Known(
        "noise added",
        "You add sigma^2 to the eigenvalue. W W^T + sigma^2 I is to have the eigenvalue lambda: on "
        "which side does sigma^2 stand once you solve for W?",
        (fit(scale=lambda values, sigma2: (values + sigma2).sqrt()),),
    ),
    Known(
        "no root",
        "Your columns have the length lambda - sigma^2, or lambda. W enters the covariance as "
        "W W^T, twice: what length gives the variance lambda - sigma^2?",
        (
            fit(scale=lambda values, sigma2: values - sigma2),
            fit(scale=lambda values, sigma2: values),
        ),
    ),
    Known(
        "sigma subtracted",
        "You subtract standard deviations, or sigma from an eigenvalue. Variances are what add up: "
        "which power of sigma belongs to a lambda?",
        (
            fit(scale=lambda values, sigma2: values.sqrt() - sigma2.sqrt()),
            fit(scale=lambda values, sigma2: (values - sigma2.sqrt()).sqrt()),
            fit(scale=lambda values, sigma2: (values - sigma2**2).sqrt()),
        ),
    ),
    Known(
        "variance for sigma",
        "Your last number is sigma^2. `LinearGaussian` takes the standard deviation.",
        (changed(lambda x, w, b, sigma: (w, b, sigma**2)),),
    ),
    Known(
        "logarithm for sigma",
        "Your last number is a logarithm: it may be negative, a standard deviation may not.",
        (
            changed(lambda x, w, b, sigma: (w, b, 2 * sigma.log())),
            changed(lambda x, w, b, sigma: (w, b, sigma.log())),
        ),
    ),
    Known(
        "root taken twice",
        "Your last number is the fourth root of the mean eigenvalue: a covariance's eigenvalues "
        "are variances, one root makes a standard deviation of them.",
        (changed(lambda x, w, b, sigma: (w, b, sigma.sqrt())),),
    ),
    Known(
        "noise from all eigenvalues",
        "Your sigma^2 is the mean of all D eigenvalues. Along the L directions that W has, W "
        "explains what is above the noise: which eigenvalues does the noise have to explain alone?",
        (*with_noise(lambda values, latent_dim: values.mean()),),
    ),
    Known(
        "noise from one eigenvalue",
        "Your sigma^2 is one of the discarded eigenvalues. The noise is the same in all D - L "
        "directions that W leaves, so it has to suit them all: what do you make of D - L numbers?",
        (
            *with_noise(lambda values, latent_dim: values[-1]),
            *with_noise(lambda values, latent_dim: values[latent_dim]),
            *with_noise(lambda values, latent_dim: values[latent_dim - 1]),
            *with_noise(lambda values, latent_dim: values[latent_dim:].median()),
        ),
    ),
    Known(
        "sum of the discarded",
        "You add up the discarded eigenvalues, or divide their sum by something else than their "
        "number. sigma^2 is the noise in one direction: over how many is that sum spread?",
        (
            *with_noise(lambda values, latent_dim: values[latent_dim:].sum()),
            *with_noise(lambda values, latent_dim: values[latent_dim:].sum() / len(values)),
            *with_noise(lambda values, latent_dim: values[latent_dim:].sum() / latent_dim),
        ),
    ),
    Known(
        "standard deviations averaged",
        "You average the roots of the eigenvalues. Variances are averaged, and then comes the "
        "root: sigma^2 is the mean of the discarded lambda.",
        (*with_noise(lambda values, latent_dim: values[latent_dim:].sqrt().mean() ** 2),),
    ),
    Known(
        "noise from the largest",
        "Your sigma^2 comes from the largest eigenvalues, so W is left with nothing (or nan). "
        "`eigh` begins with the smallest: which D - L does W leave to the noise?",
        (
            *with_noise(lambda values, latent_dim: values[:-latent_dim].mean()),
            *with_noise(lambda values, latent_dim: values[:latent_dim].mean()),
        ),
    ),
    Known(
        "from the wrong end",
        "Print the eigenvalues: `eigh` begins with the smallest. The first L columns are then the "
        "directions in which the data vary least.",
        (
            fit(descending=False),
            fit(descending=False, scale=clamped),
            fit(descending=False, noise=of_the_small),
            fit(descending=False, noise=of_the_small, scale=clamped),
            fit(descending=False, noise=of_the_small, scale=unsigned),
        ),
    ),
    Known(
        "values turned alone",
        "Your eigenvalues begin with the largest, but the vectors beside them belong to others. "
        "Values and vectors have to be turned round together, and each vector is a column: along "
        "which axis do the columns follow each other, 0 or 1?",
        (
            fit(columns=lambda vectors, latent_dim: vectors.flip(1)[:, :latent_dim]),
            fit(columns=lambda vectors, latent_dim: vectors.flip(0, 1)[:, :latent_dim]),
            fit(columns=lambda vectors, latent_dim: vectors.flip(0)[:, :latent_dim]),
            fit(columns=lambda vectors, latent_dim: vectors[:, -latent_dim:]),
        ),
    ),
    Known(
        "lengths in the wrong order",
        "Each direction has the length of another one: eigenvalues and eigenvectors have to be "
        "turned round together, `flip` for both or for none.",
        (fit(columns=lambda vectors, latent_dim: vectors[:, :latent_dim].flip(1)),),
    ),
    Known(
        "rows for columns",
        "Rows and columns are exchanged: `eigh` has its eigenvectors in columns, `vectors[:, i]`; "
        "`svd` returns them as the rows of its third part. Print the shape and check one: the "
        "covariance times it is lambda times it.",
        (
            fit(columns=lambda vectors, latent_dim: vectors[:latent_dim].T),
            fit(columns=lambda vectors, latent_dim: vectors.flip(1)[-latent_dim:].T),
            fit(columns=lambda vectors, latent_dim: vectors.flip(1)[-latent_dim:].flip(0).T),
            fit(columns=lambda vectors, latent_dim: vectors.flip(1)[:latent_dim].T),
        ),
    ),
    Known(
        "b forgotten",
        "W and sigma are right, b is not: it is where x lies when z is 0. On average z is 0; where "
        "is x on average?",
        (
            changed(lambda x, w, b, sigma: (w, 0 * b, sigma)),
            changed(lambda x, w, b, sigma: (w, -b, sigma)),
            changed(lambda x, w, b, sigma: (w, x[0], sigma)),
            changed(lambda x, w, b, sigma: (w, x.median(0).values, sigma)),
        ),
    ),
    Known(
        "one number for b",
        "Your b is not one number for each of the D pixels. The mean runs over the N pictures: "
        "which axis is theirs?",
        (
            changed(lambda x, w, b, sigma: (w, x.mean(), sigma)),
            changed(lambda x, w, b, sigma: (w, x.mean().expand_as(b), sigma)),
            changed(lambda x, w, b, sigma: (w, x.mean(1), sigma)),
        ),
    ),
    Known(
        "not centred",
        "Your eigenvalues are those of the mean square, x^T x / N: the mean of x counts as spread. "
        "What has to come off x first?",
        (
            fit(lambda x: x.T @ x / len(x)),
            lambda x, latent_dim: (
                fit(lambda x: x.T @ x / len(x))(x, latent_dim)[0],
                0 * x[0],
                fit(lambda x: x.T @ x / len(x))(x, latent_dim)[2],
            ),
            fit(lambda x: (x - x.mean()).T @ (x - x.mean()) / len(x)),
            fit(lambda x: x.T @ x / (len(x) - 1)),
        ),
    ),
    Known(
        "divided by N - 1",
        "Almost: your covariance is divided by N - 1, as `torch.cov` does unless told otherwise. "
        "That is unbiased, but equation 6.4 asks for the maximum of the likelihood. By what does "
        "maximum likelihood divide?",
        (fit(lambda x: torch.cov(x.T)),),
    ),
    Known(
        "singular values",
        "Your lambdas are not the eigenvalues of the covariance. The singular values s of the "
        "centred x are lengths that grow with N: what has to happen to them, twice, before they "
        "are variances?",
        (
            with_values(lambda s, n: s),
            with_values(lambda s, n: s**2),
            with_values(lambda s, n: s / n),
            with_values(lambda s, n: s / n**0.5),
            with_values(lambda s, n: (s / n) ** 2),
        ),
    ),
    Known(
        "pictures against pictures",
        "Your W has a row for each of the N pictures: the covariance you took is (N, N). That "
        "between the D pixels is asked; from `svd`, the other singular vectors.",
        (
            left_vectors,
            fit(lambda x: torch.cov(x, correction=0)),
            lambda x, latent_dim: (
                fit(lambda x: torch.cov(x, correction=0))(x, latent_dim)[0],
                *ppca(x, latent_dim)[1:],
            ),
        ),
    ),
    Known(
        "each pixel to variance 1",
        "You divide each pixel by its standard deviation: those are the correlations' directions. "
        "The model has the same noise in all pixels, as they come: pixels that vary little are "
        "part of the data.",
        (
            fit(lambda x: torch.corrcoef(x.T)),
            fit(lambda x: covariance(x / x.std(0))),
        ),
    ),
    Known(
        "transposed",
        "Your W is (L, D). W z is a picture: D numbers out of L.",
        (changed(lambda x, w, b, sigma: (w.T, b, sigma)),),
    ),
    Known(
        "all columns",
        "Your W is (D, D): it has a column for every direction. How many latents are there?",
        (all_columns, changed(lambda x, w, b, sigma: (w @ w.T, b, sigma))),
    ),
    Known(
        "exchanged",
        "All three are there, in another order: W, then b, then sigma.",
        (
            changed(lambda x, w, b, sigma: (w, sigma, b)),
            changed(lambda x, w, b, sigma: (b, w, sigma)),
            changed(lambda x, w, b, sigma: (sigma, w, b)),
        ),
    ),
)


PPCA = (
    Mistake(
        "turned",
        turned(30.0),
        "The same p(x): W W^T does not notice when the latents are turned. But the directions of "
        "equation 6.4 are the eigenvectors themselves, so its columns are orthogonal, and the "
        "notebook goes on with those. (Signs and order are free.) What else did you multiply by?",
        also_wrong=(turned(45.0), turned(-100.0)),
        looks_like=only_turned,
    ),
    *(
        Mistake(
            known.name,
            known.wrongs[0],
            known.hint,
            also_wrong=known.wrongs[1:],
            looks_like=lambda outputs, name=known.name: diagnosis(KNOWN, outputs) == name,
        )
        for known in KNOWN
    ),
)
