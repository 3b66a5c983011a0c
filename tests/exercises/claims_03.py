"""What the hints of notebook 03's exercises claim, of every answer that is shown them."""

import math

import torch
from each_case import (
    each,
    exchanged,
    flat,
    gives,
    like_any,
    q_of,
    same,
    shape_is_another,
    single_number,
    two_runs_differ,
)
from torch.distributions import Normal, kl_divergence

from course_utils.exercises import ex03


def on_numbers(holds):
    """A claim of the answer as a function of numbers, for B = L = 1."""

    def claim(seen):
        return holds(lambda *values: float(seen.answer(*map(one, values)).sum()))

    return claim


def one(value):
    return torch.tensor([[value]], dtype=torch.float64)


def of_zeros(seen, L=4):
    """The answer where all is 0, for B = 1."""
    count = len(seen.inputs[0])
    return seen.answer(*torch.zeros(count, 1, L)).item()


def unmoved_by(*positions, right=lambda *inputs: 0):
    """What is added to the right value stays as it is if one is added to these inputs."""

    def claim(seen):
        args = seen.inputs[0]
        moved = [arg + 1 if i in positions else arg for i, arg in enumerate(args)]
        return same(*(seen.answer(*inputs) - right(*inputs) for inputs in (args, moved)))

    return claim


one_factor = each(lambda came, right: flat(came / right))
OF_SHAPES = {
    "not summed": each(lambda came, right: same(came.sum(-1), right)),
    "divided after the sum": one_factor,
    "keepdim": gives(lambda right: right[:, None]),
    "sign": gives(lambda right: -right),
    "no half": gives(lambda right: 2 * right),
    "by sampling": two_runs_differ,
}

# --- E3.1 ---


KL = {
    **OF_SHAPES,
    "mean over latents": gives(lambda right, mu: right / mu.shape[-1]),
    "sum over the batch too": gives(lambda right: right.sum()),
    "mean over the batch": gives(
        lambda right: right.mean(), lambda right, mu: right.mean() / mu.shape[1]
    ),
    "the wrong axis": each(lambda came, mu: len(came) == mu.shape[1]),
    "one counted once": lambda seen: of_zeros(seen) != 0,
    "a fixed L": each(lambda came, right, mu: same(came, right) == (mu.shape[1] == 3)),
    "no minus one": lambda seen: of_zeros(seen) != 0,
    "no half, no minus one": lambda seen: of_zeros(seen) == 4,
    "mu not squared": on_numbers(lambda f: f(1, 0.5) != f(-1, 0.5)),
    "the size of mu": on_numbers(
        lambda f: (
            f(1, 0.5) == f(-1, 0.5) and math.isclose(f(2, 0.5) - f(1, 0.5), f(1, 0.5) - f(0, 0.5))
        )
    ),
    "log_var cancels": unmoved_by(1),
    "mu subtracted": on_numbers(lambda f: f(3, 0) <= 0 and f(-3, 0) <= 0),
    "a sign inside": on_numbers(lambda f: f(0, -3) < 0 or f(0, 3) < 0),
    "prior first": gives(
        lambda mu, log_var: kl_divergence(Normal(0 * mu, 1.0), q_of(mu, log_var)).sum(1)
    ),
}

# --- E3.2 ---


KL_NORMAL = {
    **OF_SHAPES,
    "mean over latents": gives(lambda right, mu_q: right / mu_q.shape[-1]),
    "arguments swapped": gives(
        lambda mu_q, log_var_q, mu_p, log_var_p: ex03.my_kl_normal(mu_p, log_var_p, mu_q, log_var_q)
    ),
    "symmetrised": on_numbers(
        lambda f: math.isclose(f(0.3, 0.5, -1.0, 0.2), f(-1.0, 0.2, 0.3, 0.5))
    ),
    "over the batch": shape_is_another,
    "no log-ratio": on_numbers(lambda f: f(0, -1, 0, 0) < 0),
    "log-ratio upside down": on_numbers(lambda f: f(0, -20, 0, 0) < f(0, -10, 0, 0)),
    "difference not squared": on_numbers(lambda f: f(1, 0, 0, 0) != f(-1, 0, 0, 0)),
    "the size of the difference": on_numbers(lambda f: f(1, 0, 0, 0) == f(-1, 0, 0, 0)),
    "squared before the difference": lambda seen: not unmoved_by(0, 2)(seen),
    "sum of the means": on_numbers(lambda f: f(3, 0, 3, 0) > f(0, 0, 0, 0)),
    "no minus one": lambda seen: of_zeros(seen, 5) != 0,
    "a term is missing": on_numbers(lambda f: (f(1, 0.5, 0, 0.5) == 0) != (f(1, 0.5, 1, 0) == 0)),
    "ignores p": gives(lambda mu_q, log_var_q: ex03.my_kl(mu_q, log_var_q)),
    "variance of p ignored": gives(
        lambda mu_q, log_var_q, mu_p: ex03.my_kl(mu_q - mu_p, log_var_q)
    ),
}

# --- E3.3 and E3.4: x, mu, log_var (B,), a, b, sigma ---


def kl(mu, log_var):
    """To the prior."""
    return ex03.my_kl(mu[:, None], log_var[:, None])


ELBO = {
    "plug-in mean": each(lambda came, right: (came > right).all()),
    "spread added": each(lambda came, right: (came > right).all()),
    "KL added": gives(lambda right, kl: right + 2 * kl, kl=kl),
    "only the reconstruction": gives(lambda right, kl: right + kl, kl=kl),
    "only the KL": gives(kl),
    "minus the KL alone": gives(lambda kl: -kl, kl=kl),
    "log p(x)": unmoved_by(1, 2),
    "minus the ELBO": gives(lambda right: -right),
    "no entropy": gives(
        lambda right, log_var: right - 0.5 * (math.log(2 * math.pi * math.e) + log_var)
    ),
    "KL to the posterior": gives(lambda right, kl, gap: right + kl - gap, kl=kl, gap=ex03.my_gap),
    "at one z alone": unmoved_by(2),
    "constants dropped": each(lambda came, right: flat(came - right)),
    "the KL is not right": unmoved_by(0, right=ex03.my_exact_elbo),
    "reduced over the batch": single_number,
    "(B, B)": each(lambda came, right: came.shape == (len(right), len(right))),
}


def right_at_two(seen):
    q = (torch.tensor([n], dtype=torch.float64) for n in (2.0, 0.3, -1.0))
    args = (*q, 1.5, 0.3, 0.5)
    return same(seen.answer(*args), ex03.my_gap(*args))


GAP = {
    "KL to the prior": gives(kl),
    "posterior first": gives(
        lambda mu, log_var, m, r: kl_divergence(Normal(m, r**-0.5), q_of(mu, log_var)),
        r=lambda a, sigma: 1 + a**2 / sigma**2,
        m=lambda x, a, b, sigma, r: (a / sigma**2) * (x - b) / r,
    ),
    "posterior to the prior": unmoved_by(1, 2),
    "posterior mean of another size": unmoved_by(2, right=ex03.my_gap),
    "b forgotten": unmoved_by(2, right=ex03.my_gap),
    "sign": gives(lambda right: -right),
    "means alone": unmoved_by(2),
    "a bound without its KL": gives(
        lambda right, kl: right - kl, lambda right, kl: right - 2 * kl, kl=kl
    ),
    "plug-in bound": gives(
        lambda right, log_var, a, sigma: right - a**2 * log_var.exp() / (2 * sigma**2)
    ),
    "evidence not right": unmoved_by(1, 2, right=ex03.my_gap),
    "the ELBO itself": gives(ex03.my_exact_elbo),
    "log p(x)": unmoved_by(1, 2),
    "reduced over the batch": single_number,
    "a fixed model": lambda seen: same(seen.outputs[0], seen.expected[0]),
    "a fixed posterior": right_at_two,
}

# --- E3.5 ---


mu_right_alone = each(lambda came, right: same(came[0], right[0]) and not same(came[1], right[1]))
BEST = {
    "no entropy": each(lambda came, log_vars: came[1] == log_vars.min()),
    "forward KL": each(
        lambda came, mus, mean: like_any(came[0], mean, mus[(mus - mean).abs().argmin()]),
        mean=lambda log_joint, z: (torch.softmax(log_joint, 0) * z).sum(),
    ),
    "index for value": each(
        lambda came, right, mus, log_vars: same((mus[came[0]], log_vars[came[1]]), right)
    ),
    "order": exchanged,
    "variance returned": mu_right_alone,
    "one of two": mu_right_alone,
}

TABLES = {"E3.1": KL, "E3.2": KL_NORMAL, "E3.3": ELBO, "E3.4": GAP, "E3.5": BEST}
