"""The exercise engine: what check says of an answer, and which function it hands back."""

import numpy as np
import pytest
import torch
from answers_04 import elbo_of
from learner import changed, my_average, my_log_mean_exp, said, wrong

from course_utils import exercises
from course_utils.exercises import check, ex02_inputs
from course_utils.exercises._engine import compare
from course_utils.exercises._engine import state as memory
from course_utils.exercises._engine.registry import find_exercise

pytestmark = pytest.mark.usefixtures("fresh_learner")


def test_an_untouched_stub_waits_and_the_course_s_own_function_is_nobody_s_answer(shown):
    course_s = find_exercise("E0.1").reference
    for answer in (my_average, course_s):
        assert check("E0.1", answer) is course_s
        assert "[waiting]" in said(shown) and "E0.1 is waiting for you." in said(shown)
        assert "E0.1" not in memory.read()["exercises"]


def test_a_right_answer_is_handed_back_itself(shown):
    assert check("E2.1", my_log_mean_exp) is my_log_mean_exp
    assert said(shown).startswith("[right] E2.1")
    assert "The cells below that need it run on your function." in said(shown)


def test_printing_is_captured_and_folded(shown, capsys):
    def chatty(p):
        print("shape", tuple(p.shape))
        return p.mean(0)

    assert check("E0.1", chatty) is chatty
    assert "<details><summary>What your function printed" in shown[-1]._repr_html_()
    assert "shape (6, 4)" in said(shown) and capsys.readouterr().out == ""


def rms_in_another_order(model, x, n, repeats, generator):
    """E2.3, but of the same draws each repeat takes others than the reference does."""
    z = model.sample_prior(n * repeats, generator=generator)
    p_hat = model.log_likelihood(x, z[:, None]).exp().reshape(n, repeats).mean(0)
    return ((p_hat / model.log_px(x).exp() - 1) ** 2).mean().sqrt().item()


def numpy_in_tensors(prepare):
    """E2.1 in NumPy, its result in a tensor again."""

    def answer(a, dim):
        total = torch.from_numpy(np.asarray(np.logaddexp.reduce(prepare(a), dim)))
        return total - np.log(a.shape[dim])

    return answer


def drawn_in_numpy(prepare):
    """E4.1 in NumPy, its result in a tensor again."""

    def answer(mu, log_var, eps):
        drawn = prepare(mu) + np.exp(prepare(log_var) / 2) * prepare(eps)
        return torch.from_numpy(np.asarray(drawn))

    return answer


def of_mu_before_it_asks(x, mu, log_var, *rest):
    return torch.autograd.grad(elbo_of(x, mu, log_var, *rest).sum(), (mu, log_var))


def of_a_whole_tensor(x, mu, log_var, *rest):
    mu, log_var = mu.clone().requires_grad_(), log_var.clone().requires_grad_()
    return torch.autograd.grad(elbo_of(x, mu, log_var, *rest), (mu, log_var))


P = ex02_inputs.evidence()
CUT = "The values are right, but ... the gradient is cut ... "
IN_NUMPY = CUT + "`torch.from_numpy` ... would learn nothing"
RETURNED = [  # by E0.1
    ([1.0, 2.0], "yours returns a list of 2. ... `torch.tensor(...)` makes one of it"),
    ([torch.ones(())] * 4, "yours returns a list of 4. ... of tensors `torch.stack(...)`"),
    (["a", "word"], "yours returns a list of 2."),
    (np.array([None]), "yours is a ndarray"),
    (torch.ones(4, dtype=torch.complex64), "yours is a tensor of torch.complex64"),
    (torch.ones(4, dtype=torch.bool), "expected numbers, yours has dtype torch.bool"),
    (torch.ones(1, 4), "expected shape (4,), yours (1, 4). An axis of length 1"),
    (3.0, "expected shape (4,), yours ()"),
    (None, "Is a `return` missing"),
    (torch.arange(4.0), '[not yet] ... entry [0]: expected 0. ... hint("E0.1")'),
]
TOLD = [  # an answer, or an edit of the reference; what stands on the page, in pieces
    *(("E0.1", lambda p, output=output: output, told) for output, told in RETURNED),
    ("E0.1", torch.ones(4), 'write `check("E0.1", my_average)`'),
    (
        "E0.1",
        lambda p: p.mean(-1),
        "expected shape (4,), yours (6,) ... Hint: You have averaged over the examples",
    ),
    ("E0.1", "`return p.reshape(7, 7)`", "RuntimeError ... return p.reshape(7, 7) (in my_average)"),
    (
        "E2.2",
        "`log_likelihood = model.log_likelihood(x, z)`",
        "z[:, None] ... log_likelihood = model.log_likelihood(x, z) ... (in my_naive_log_px)",
    ),
    ("E2.1", "`(a - top).exp()` → `a.sub_(top).exp()`", "changes its input number 1"),
    (
        "E2.1",
        lambda a, dim: 2 * my_log_mean_exp(a, dim) - my_log_mean_exp(a.detach(), dim),
        "the gradient is not:  ... Is a part of the formula detached?",
    ),
    (
        "E2.1",
        "`top =` → `assert not a.requires_grad; top =`",
        "but with gradients: Your function stops with AssertionError",
    ),
    ("E4.1", drawn_in_numpy(lambda a: a.numpy()), IN_NUMPY),
    ("E4.1", drawn_in_numpy(lambda a: a.detach().numpy()), CUT + ".detach()"),
    ("E2.6", lambda log_w: log_w.mean(0), "2 values, `std_error`, `void`; yours returns a Tensor"),
    ("E2.6", lambda log_w: (log_w.mean(0),), "yours returns a tuple of 1"),
    ("E2.6", lambda log_w: (), "yours returns a tuple of 0"),
    (
        "E2.3",
        lambda *args: rms_in_another_order(*args[:4], torch.Generator().manual_seed(1)),
        "different generators gave the same number ... "
        "Hint: The generator that comes in makes no difference",
    ),
    (
        "E2.3",
        lambda *args: rms_in_another_order(*args[:4], None),
        "equal generators gave different numbers",
    ),
    ("E2.3", lambda *args: rms_in_another_order(*args) ** 2, "mean square"),
    ("E2.3", lambda *args: rms_in_another_order(*args) * P, "in units of p(x)"),
    ("E2.3", lambda *args: rms_in_another_order(*args) / 1000**0.5, "one estimate"),
    ("E2.3", lambda *args: -rms_in_another_order(*args) / 1000**0.5, "above and below cancel"),
    (
        "E2.3",
        lambda *args: torch.tensor([rms_in_another_order(*args)]),
        "expected shape (), yours (1,). An axis of length 1 is too many",
    ),
    (
        "E2.3",
        lambda *args: torch.tensor([[rms_in_another_order(*args)]]),
        "expected shape (), yours (1, 1). An axis of length 1 is too many",
    ),
    (
        "E2.3",
        f"`model.log_px(x).exp()` → `{P}`",
        "1.5 times too large on purpose ... Hint: Your number is the spread of p_hat",
    ),
    (
        "E4.3",
        of_mu_before_it_asks,
        "RuntimeError: element 0 of tensors does not require grad ... "
        "`mu = mu.clone().requires_grad_()`",
    ),
    ("E4.3", of_a_whole_tensor, "take the `.sum()` of what you differentiate"),
    (
        "E4.1",
        "`sigma * eps` → `sigma.detach() * eps`",
        "The values are right, but (mu, log_var (4, 3), eps (5, 4, 3)) ... "
        "Hint: The gradient reaches mu, but not log_var.",
    ),
    (
        "E4.5",
        wrong("E4.5", "only mu is asked"),
        "`log_var`: the shape is right, a value is not: expected  ... expected True, yours False",
    ),
]


@pytest.mark.parametrize(("name", "answer", "told"), TOLD)
def test_a_wrong_answer_is_told_and_the_course_s_function_goes_on(name, answer, told, shown):
    answer = changed(name, answer) if isinstance(answer, str) else answer
    assert check(name, answer) is find_exercise(name).reference
    assert all(piece in said(shown) for piece in told.split(" ... "))
    assert "_judge" not in said(shown)


@pytest.mark.parametrize("prepare", [lambda a: a.numpy(), lambda a: a.detach().numpy()])
def test_numpy_in_a_tensor_s_clothes_is_not_told_torch_s_words(prepare, shown):
    check("E4.1", drawn_in_numpy(prepare))
    assert "RuntimeError" not in said(shown)
    check("E2.1", numpy_in_tensors(prepare))
    assert said(shown).startswith("[right]") and compare.NO_WAY_BACK in said(shown)


def test_one_number_per_repeat_is_not_one_number(shown):
    check("E2.3", lambda model, x, n, repeats, generator: torch.ones(repeats))
    assert "expected shape (), yours (1000,)." in said(shown)
    assert "An axis of length 1" not in said(shown)


def test_as_many_digits_are_shown_as_it_takes():
    one = torch.tensor([1.0], dtype=torch.float64)
    assert "expected 1, yours 1.0001." in compare.difference(one, one + 1e-4)
    assert "expected 1, yours 1.00001." in compare.difference(one, one + 1e-5)
    assert compare.difference(one, one + 1e-12) is None
    assert compare._digits(1.0, 1.0 + 2**-52) == ("1.0", "1.0000000000000002")


NO_EXERCISE = "no exercise called 'E9.9'; known are: E0.1, .*E2.1"
REFUSED = [
    (exercises.check, ("E9.9", my_average), NO_EXERCISE),
    (exercises.hint, ("E9.9",), NO_EXERCISE),
    (exercises.solution, ("E9.9",), NO_EXERCISE),
    (exercises.progress, ("77",), "known are: 00, .*02"),
    (exercises.recall, ("00",), "no set of recall questions called '00'; known are: .*02"),
]


@pytest.mark.parametrize(("call", "args", "words"), REFUSED)
def test_what_is_unknown_is_refused(call, args, words):
    with pytest.raises(ValueError, match=words):
        call(*args)
