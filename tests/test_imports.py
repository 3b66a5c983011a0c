"""What a first call imports: nothing heavy that it does not need.

Torch's own imports are what they are. Beside them stand these, each of which a learner would wait
for and whose memory every kernel would hold.
"""

import os
import subprocess
import sys

HEAVY = {"sympy", "sklearn", "scipy", "requests", "pooch", "pandas", "torch._dynamo"}
STEPS = {
    "data": "from course_utils.data import fetch_mnist, load",
    "digits": 'digits = load("digits")',
    "strokes": 'strokes = load("strokes")',
    "no mnist": "from course_utils.data._mnist import find_mnist; find_mnist()",
    "densities": """
from course_utils.densities import DiagonalNormal, kl, log_bernoulli, log_normal
log_normal(zeros(5, 1, 2), zeros(3, 2), zeros(2))
log_bernoulli(zeros(3, 2), zeros(5, 1, 2))
kl(DiagonalNormal(zeros(3, 2), zeros(3, 2)), DiagonalNormal(zeros(3, 2), zeros(3, 2)))
""",
    "toys": """
from course_utils.toys import LinearGaussian
model = LinearGaussian.fit_ml(digits.train.vectors, latent_dim=2)
x = digits.test.vectors[:3]
q = model.posterior(x)
model.log_px(x), model.log_likelihood(x, model.sample_prior(50)[:, None])
""",
    "estimators": """
from course_utils.estimators import importance_sampling, naive_monte_carlo
naive_monte_carlo(model, x, 50)
importance_sampling(model, x, q, 50)
""",
    "models": """
from course_utils.models import CVAE, VAE
vae = VAE((8, 8), latent_dim=2, hidden=(16,))
vae.elbo(digits.images[:9]).elbo.mean().backward()
cvae = CVAE((8, 8), latent_dim=2, condition_dim=10, hidden=(16,))
cvae.elbo(digits.images[:9], digits.labels[:9]).elbo.mean().backward()
cvae.decode(zeros(5, 9, 2), digits.labels[:9])
""",
    "training": "import course_utils.training",
    "pretrained": """
from course_utils.pretrained import load_pretrained
load_pretrained("mnist-2d").elbo(strokes.images[:3])
cvae = load_pretrained("mnist-cvae")
cvae.generate(torch.arange(3))
""",
    "plots": """
from course_utils.plots import image_grid, plot_line
image_grid(digits.images[:4])
""",
    "widgets": """
from course_utils import widgets
widgets.stroke_writer(), widgets.monte_carlo_explorer(), widgets.elbo_explorer()
widgets.gradient_explorer(), widgets.conditional_explorer(cvae)
normal = [VAE((8, 8), 2, (16,), "gaussian", sigma=sigma) for sigma in (0.2, 0.5)]
widgets.rate_distortion_explorer(normal, digits)
""",
    "exercises": """
from course_utils.exercises import check, hint, predict, recall, reveal, solution
check("E2.1", lambda *_: zeros(1))
""",
    "doctor": "from course_utils.doctor import summary; summary()",
}
RUN = f"""
import sys
import torch
from torch import zeros
for step in {[*STEPS.values()]!r}:
    before = {{*sys.modules}}
    exec(step)
    print("\\nBROUGHT", *{HEAVY!r} & ({{*sys.modules}} - before))
"""


def test_no_step_imports_anything_heavy(tmp_path):
    """One after the other, in one fresh process."""
    environment = {"COURSE_DATA": "no data", "COURSE_STATE": "state", "MPLBACKEND": "agg"}
    run = subprocess.run(
        [sys.executable, "-c", RUN],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | environment,
    )
    assert run.returncode == 0, run.stderr
    lines = [line.split() for line in run.stdout.splitlines()]
    heavy = [names for word, *names in filter(None, lines) if word == "BROUGHT"]
    assert dict(zip(STEPS, heavy, strict=True)) == dict.fromkeys(STEPS, [])
