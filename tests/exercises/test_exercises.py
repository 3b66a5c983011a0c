"""The exercise engine: what check says of an answer, and which function it hands back."""

import numpy as np
import pytest
import torch
from answers_02 import numpy_log_mean_exp
from learner import my_average, my_log_mean_exp, said

from course_utils import exercises
from course_utils.exercises import check
from course_utils.exercises._engine import compare
from course_utils.exercises._engine.registry import find_exercise

pytestmark = pytest.mark.usefixtures("fresh_learner")


def test_an_untouched_stub_waits_and_the_courses_function_is_handed_back(shown):
    average = check("E0.1", my_average)
    assert average is find_exercise("E0.1").reference
    assert "[waiting]" in said(shown) and "E0.1 is waiting for you." in said(shown)


def test_a_right_answer_is_handed_back_itself(shown):
    assert check("E2.1", my_log_mean_exp) is my_log_mean_exp
    assert said(shown).startswith("[right] E2.1")
    assert "The cells below that need it run on your function." in said(shown)


def test_a_wrong_answer_shows_where_it_differs_and_goes_on_with_the_courses_function(shown):
    average = check("E0.1", lambda p: p.mean(0) + 1)
    assert average is find_exercise("E0.1").reference
    assert "[not yet]" in said(shown) and "entry [0]: expected 0." in said(shown)
    assert 'hint("E0.1")' in said(shown)


def test_the_shape_comes_before_the_values_and_the_mistake_is_named(shown):
    check("E0.1", lambda p: p.mean(-1))
    assert "expected shape (4,), yours (6,)" in said(shown)
    assert "Hint: You have averaged over the examples" in said(shown)


def test_a_forgotten_return_is_named(shown):
    def forgot(p):
        p.mean(0)

    check("E0.1", forgot)
    assert "Is a `return` missing" in said(shown)


def test_the_result_instead_of_the_function_is_named(shown):
    check("E0.1", torch.ones(4))
    assert 'write `check("E0.1", my_average)`' in said(shown)


def test_an_error_is_shown_with_the_learners_line_not_ours(shown):
    def breaks(p):
        return p.reshape(7, 7)

    check("E0.1", breaks)
    assert "RuntimeError" in said(shown)
    assert "return p.reshape(7, 7) (in breaks)" in said(shown)
    assert "_judge" not in said(shown)


def test_an_error_inside_the_package_is_shown_at_the_learners_call(shown):
    def forgot_the_axis(model, x, z):
        return model.log_likelihood(x, z)

    check("E2.2", forgot_the_axis)
    assert "z[:, None]" in said(shown)
    assert "return model.log_likelihood(x, z) (in forgot_the_axis)" in said(shown)


def test_printing_is_captured_and_folded(shown, capsys):
    def chatty(p):
        print("shape", tuple(p.shape))
        return p.mean(0)

    assert check("E0.1", chatty) is chatty
    assert "<details><summary>What your function printed" in shown[-1]._repr_html_()
    assert "shape (6, 4)" in said(shown) and capsys.readouterr().out == ""


def test_changing_the_input_is_named(shown):
    def greedy(a, dim):
        top = a.amax(dim, keepdim=True)
        a -= top
        return a.exp().mean(dim).log() + top.squeeze(dim)

    check("E2.1", greedy)
    assert "changes its input number 1" in said(shown)


def test_a_gradient_that_is_cut_is_named(shown):
    check("E2.1", lambda a, dim: my_log_mean_exp(a.detach(), dim))
    assert "the gradient is cut" in said(shown) and ".detach()" in said(shown)


def test_a_gradient_that_is_wrong_is_named(shown):
    check("E2.1", lambda a, dim: 2 * my_log_mean_exp(a, dim) - my_log_mean_exp(a.detach(), dim))
    assert "the gradient is not: " in said(shown)
    assert "Is a part of the formula detached?" in said(shown)


def test_an_error_that_only_gradients_meet_is_said(shown):
    def fills_in(a, dim):
        if a.requires_grad:
            raise RuntimeError("not with me")
        return my_log_mean_exp(a, dim)

    check("E2.1", fills_in)
    assert "but with gradients: Your function stops with RuntimeError" in said(shown)


@pytest.mark.parametrize("prepare", [lambda a: a.numpy(), lambda a: a.detach().numpy()])
def test_numpy_in_a_tensor_s_clothes_is_told_that_it_cuts_the_gradient(prepare, shown):
    def through_numpy(a, dim):
        return torch.from_numpy(np.asarray(numpy_log_mean_exp(torch.from_numpy(prepare(a)), dim)))

    check("E2.1", through_numpy)
    assert "The values are right, but" in said(shown) and "the gradient is cut" in said(shown)
    assert "`torch.from_numpy`" in said(shown) and "would learn nothing" in said(shown)
    assert "RuntimeError" not in said(shown)


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ([1.0, 2.0], "yours returns a list of 2; `torch.tensor(...)` makes one of it"),
        ([torch.ones(())] * 4, "yours returns a list of 4; `torch.stack(...)` makes one of it"),
        (["a", "word"], "yours returns a list of 2."),
        (np.array([None]), "yours is a ndarray"),
        (torch.ones(4, dtype=torch.complex64), "yours is a tensor of torch.complex64"),
        (torch.ones(4, dtype=torch.bool), "expected numbers, yours has dtype torch.bool"),
        (torch.ones(1, 4), "expected shape (4,), yours (1, 4). An axis of length 1"),
        (3.0, "expected shape (4,), yours ()"),
    ],
)
def test_a_wrong_kind_of_answer_is_said(output, says, shown):
    check("E0.1", lambda p: output)
    assert says in said(shown)


def test_a_tuple_of_the_wrong_length_is_said(shown):
    check("E2.6", lambda log_w: log_w.mean(0))
    assert "expected 2 values, `std_error`, `void`; yours returns a Tensor" in said(shown)
    check("E2.6", lambda log_w: (log_w.mean(0),))
    assert "yours returns a tuple of 1" in said(shown)
    check("E2.6", lambda log_w: ())
    assert "yours returns a tuple of 0" in said(shown)


def test_as_many_digits_are_shown_as_it_takes():
    one = torch.tensor([1.0], dtype=torch.float64)
    assert "expected 1, yours 1.0001." in compare.difference(one, one + 1e-4)
    assert "expected 1, yours 1.00001." in compare.difference(one, one + 1e-5)
    assert compare.difference(one, one + 1e-12) is None
    assert compare._digits(1.0, 1.0 + 2**-52) == ("1.0", "1.0000000000000002")


@pytest.mark.parametrize("call", [exercises.check, exercises.hint, exercises.solution])
def test_an_unknown_exercise_is_refused_with_the_known_ones(call):
    with pytest.raises(ValueError, match=r"no exercise called 'E9.9'; known are: E0.1, .*E2.1"):
        call("E9.9", my_average) if call is check else call("E9.9")
