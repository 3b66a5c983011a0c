"""Notebook 09, rate, distortion and collapse: its exercises; their words are in `text/`."""

from course_utils.exercises import ex09_inputs as inputs
from course_utils.exercises._engine.exercise import Exercise


def my_rate_distortion(eigenvalues, theta):
    """Of a normal x at water level theta: eigenvalues (D,), theta a number -> R, D, two numbers.

    R is the least rate, in nats, at distortion D, the expected squared error of all of x.
    """
    rate = 0.5 * (eigenvalues / theta).clamp(min=1).log().sum()
    distortion = eigenvalues.clamp(max=theta).sum()
    return rate, distortion


def my_geco_step(log_multiplier, distortion, target, step_size):
    """The next log of GECO's multiplier: distortion (B,), target and step_size numbers -> a number.

    The multiplier weighs the distortion, and grows where the batch's mean is above target.
    """
    excess = distortion.mean() - target
    return log_multiplier + step_size * excess


def my_active_count(eigenvalues, sigma, beta, latent_dim):
    """How many latents a linear beta-VAE uses at its best: eigenvalues (D,), falling -> a number.

    sigma is the standard deviation of the decoder's noise, beta the weight of the KL.
    """
    return (eigenvalues[:latent_dim] > beta * sigma**2).sum()


EXERCISES = (  # in the notebook's order
    Exercise("E9.1", my_rate_distortion, inputs.water_cases, parts=("rate", "distortion")),
    Exercise("E9.3", my_geco_step, inputs.geco_cases),
    Exercise("E9.2", my_active_count, inputs.count_cases),
)
