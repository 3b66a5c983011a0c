"""What the explorers say about a state: the numbers of the picture, and what they mean."""

import math

import explorers
import numpy as np
import torch
from explorers import HALF, classes, completions, cvae, digits, latent, vae

from course_utils.estimators import TRUST
from course_utils.models import Autoencoder
from course_utils.toys import FourPixels
from course_utils.widgets import latent_explorer, stroke_writer
from course_utils.widgets._shared.words import two_decimals
from course_utils.widgets.elbo import ElboState, e_step, elbo_picture
from course_utils.widgets.gradient import GradientState, gradient_picture
from course_utils.widgets.gradient._words import fixed, plain, shown
from course_utils.widgets.monte_carlo import monte_carlo_picture
from course_utils.widgets.strokes import StrokeState, stroke_picture


def label(code: int) -> str:
    return f", labelled {digits().labels[code]} in the data set"


def test_numbers_are_rounded_as_a_browser_does():
    assert [fixed(v, 2) for v in (0.125, -0.125, -0.001)] == ["0.13", "−0.13", "0.00"]
    assert [shown(v) for v in (1234.5, 0.05, 99.0, 1e-5)] == ["1,235", "0.050", "99.00", "0.00"]
    assert [plain(v) for v in (1.0, -0.5, 0.0, 0.25)] == ["1", "−0.5", "0", "0.25"]
    halfway = [two_decimals(v) for v in (0.125, -0.125, -0.001, 2)]
    assert halfway == ["0.13", "−0.12", "0.00", "2.00"]


def test_words_say_when_the_error_bar_is_void():
    good, void = (monte_carlo_picture(explorers.MONTE_CARLO[i]) for i in (0, 2))
    assert good.ess[-1] > TRUST > void.ess[-1]
    assert f"± {good.std_error[-1]:.2f}" in good.text and "void" not in good.text
    assert "(error bar void)" in void.text and "nats too low" in void.text
    assert f"exactly −{-good.exact:.2f}" in good.text


# --- the ELBO ---


def test_words_hold_both_identities_in_numbers():
    picture = elbo_picture(ElboState())
    assert picture.text.startswith("Linear, a = 0.50, q = N(0.50, 0.71²): ")
    numbers = [f"{v:.2f}".replace("-", "−") for v in (picture.log_px, picture.elbo, picture.gap)]
    assert "log p(x) {} = ELBO {} + gap {};".format(*numbers) in picture.text
    assert f"ELBO = rec −{-picture.rec:.2f} − KL {picture.kl:.2f}." in picture.text


def test_words_for_the_other_ways_to_fall_short():
    for wrong, says in [
        ({"mu": 0.0, "log_var": 0.3}, "it straddles both modes"),
        ({"mu": 0.3, "log_var": 0.3, "a": -1.0}, "the posterior is not normal"),
        ({"mu": 1.0, "log_var": -1.0, "a": 0.05}, "it holds one mode only."),
    ]:
        assert says in elbo_picture(e_step(ElboState("two roots", **wrong))).text
    top = e_step(ElboState())
    near = ElboState(mu=top.mu + 0.01, log_var=top.log_var)
    assert "lies less than 0.01 nats below log p(x): q is not the" in elbo_picture(near).text


# --- gradients ---


def test_words_say_what_it_costs_and_when_it_is_wrong():
    opening, *others = map(gradient_picture, explorers.GRADIENT)
    texts = [picture.text for picture in (opening, *others)]
    assert f"score function {fixed(opening.score_mean[-1], 2)} ± " in texts[0]
    assert "multiplies it by noise" in texts[2]
    assert "takes the 10 away" in texts[3]
    assert "pathwise is the noisier one" in gradient_picture(GradientState("sin 3z", sigma=2)).text
    assert "says the same at every draw" in texts[8]
    assert "wrong at any n" in texts[9] and "differentiable f" in texts[9]
    symmetric = gradient_picture(GradientState("step", 0.0, parameter="sigma")).text
    assert "Right here by coincidence" in symmetric and "wrong at any n" not in symmetric


# --- strokes ---

NO_NOISE = "Same knobs, same picture: this writer adds no noise."


def test_words_say_what_a_value_means_and_how_likely_it_is():
    text = stroke_picture(StrokeState(slant=0.32)).text
    assert text == (
        "slant 0.32: leans right; under p(z) 14 % of writers lean more to the right. The digit 3: "
        "slant 0.32, weight 2.50 px, size 0.96, angle 0.00 rad, no wobble. " + NO_NOISE
    )
    left = stroke_picture(StrokeState(slant=-0.4)).text
    assert left.startswith("slant −0.40: leans left; under p(z) 0.6 % of writers sit here, where")
    bent = stroke_picture(StrokeState(wobble=(0, 0, 0, 0, 1.5, 0, 0, 2), knob="wobble 5")).text
    assert bent.startswith("wobble 5 (sag) 1.50: both sides down; under p(z) 6.7 % of writers")
    assert "wobble of length 2.50 (2.7 is typical)" in bent and bent.endswith(NO_NOISE)
    digit = stroke_picture(StrokeState(digit=8, knob="digit")).text
    assert digit.startswith("digit 8: ") and "1 chance in 10" in digit


def test_the_words_tell_a_wobble():
    call = "stroke_writer(3, 0.1, 2.5, 0.96, 0.0, wobble=[0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0])"
    assert repr(stroke_writer(wobble=[0, 0, 0.5, 0, 0, 0, 0, 0])).startswith(f"{call}: ")


# --- latents and classes ---


def test_words_for_a_place_and_a_code():
    """Of both explorers."""
    log_pz = two_decimals(-math.log(2 * math.pi) - 0.5 * (0.25 + 1.44))
    beyond = 100 * math.exp(-0.5 * (0.25 + 1.44))
    start = f"z = (0.50, −1.20): log p(z) = {log_pz} nats; {beyond:.0f} % of draws from the prior"
    widget = latent(z=(0.5, -1.2))
    assert widget.picture.text == f"{start} lie further out."
    widget.chosen = 7
    mean, sd = (
        ", ".join(map(two_decimals, numbers))
        for numbers in (widget.codes.mu[7], np.exp(widget.codes.log_var[7] / 2))
    )
    code = (
        f"Code 7{label(7)}: q(z|x) has mean ({mean}) and standard deviation ({sd}), KL(q‖N(0, I))"
    )
    assert code in widget.picture.text

    widget = classes(z=(0.5, -1.2), digit=3)
    every = "all 10 classes, 3 shown large."
    assert widget.picture.text == f"{start} lie further out. Decoded in this one style: {every}"
    widget.chosen = 7
    own = ", ".join(map(two_decimals, widget.shown.codes.mu[7]))
    assert widget.picture.text.endswith(f"{every} Image 7{label(7)}, has its own at ({own}).")
    widget.z = widget.shown.codes.mu[7]
    assert widget.picture.text.endswith(f" This is the style of image 7{label(7)}: {every}")


def test_words_lead_through_a_walk():
    widget = latent(mode="interpolate")
    assert widget.picture.text.endswith(". Choose the first code.")
    widget.chosen = 3
    start = f"From code 3{label(3)}"
    assert widget.picture.text.startswith(f"{start}: choose the second code. z = ")
    widget.other, widget.t = 4, 0.25
    second = label(4).removesuffix(" in the data set")
    assert widget.picture.text.startswith(f"{start}, to code 4{second}: ")
    assert ": t = 0.25, z = (" in widget.picture.text


def test_words_for_many_latents_name_those_shown():
    text = latent(5, z=(0.0, 3.0, 4.0, 0.0, 1.0), axes=(4, 3), chosen=2).picture.text
    assert text.startswith("z[4] = 1.00, z[3] = 0.00, the other 3 of length 5.00: log p(z) = ")
    assert " on these axes, KL(q‖N(0, I)) = " in text and text.endswith(" nats in all 5 latents.")
    three = latent_explorer(vae(3), z=(0, 0, -2)).picture.text
    assert three.startswith("z[0] = 0.00, z[1] = 0.00, the other of length 2.00: ")


def test_an_autoencoder_has_neither_prior_nor_q():
    widget = latent_explorer(vae(kind=Autoencoder), digits(), chosen=1)
    assert ": log N(z; 0, I) = −1.84 nats; 100 % of draws from N(0, I) lie" in widget.picture.text
    assert widget.picture.text.endswith(" is a point: this encoder gives no q(z|x).")
    assert widget.picture.kl is None and widget.recipe["codes"]["spread"] is False


def test_a_prior_of_another_kind_is_not_called_the_prior():
    class Wider(FourPixels):
        def log_prior(self, z):
            return super().log_prior(z / 2) - math.log(2)

    assert "log N(z; 0, I)" in latent_explorer(Wider()).picture.text
    for widget in (latent_explorer(FourPixels()), latent()):
        assert "log p(z)" in widget.picture.text


def test_far_out_the_share_is_put_in_words_and_no_label_is_claimed_for_a_decoded_z():
    assert "fewer than 1 in 1000 of draws" in latent(z=(3.0, 3.0)).picture.text
    assert "; 1.1 % of draws" in latent(z=(3.0, 0.0)).picture.text
    assert "label" not in latent(z=(1.0, 1.0)).picture.text


def test_under_a_learned_prior_the_words_name_the_class():
    text = classes(prior="learned", digit=3, z=(0.5, 1.0)).picture.text
    with torch.no_grad():
        p = cvae(prior="learned").prior_given(torch.arange(10))
    heights = p.log_prob(torch.tensor([[0.5, 1.0]]).expand(10, 2)).tolist()
    best = int(np.argmax(heights))
    assert f": log p(z|y=3) = {two_decimals(heights[3])} nats; " in text
    assert " of draws from p(z|y=3) lie further out. " in text
    highest = two_decimals(heights[best])
    assert f"likeliest for class {best}: log p(z|y={best}) = {highest}. " in text
    assert "likeliest" not in classes().picture.text


# --- halves ---


def test_words_for_a_picture_a_drawing_and_an_empty_half():
    picture = completions(left=7, seed=3, spread=0.5).picture
    one, mean, best = map(two_decimals, picture.errors)
    assert picture.text == (
        "The left half of picture 7. Nine draws of z from p(z|y), seed 3, their noise times 0.50; "
        f"64 such draws vary by {two_decimals(picture.variance)}. Off the true right half by {one} "
        f"for a draw on average, {mean} for the mean of 64, {best} for the nearest of the nine."
    )
    ink = int((np.array(HALF) > 0).sum())
    drawn = completions(left=HALF).picture.text
    assert drawn.startswith(f"A left half drawn by hand, ink on {ink} of 32 pixels. Nine draws ")
    assert "Off the true" not in drawn
    empty = completions("fixed", left=None).picture.text
    assert empty.startswith("The left half is empty: draw in it, by mouse, finger or keys. Nine ")
    assert " draws of z from N(0, I), seed 0; 64 such draws vary by " in empty


@explorers.each(explorers.HALVES)
def test_no_class_is_ever_named(state):
    text = repr(completions(**vars(state)))
    assert "label" not in text and "class" not in text and "digit" not in text
