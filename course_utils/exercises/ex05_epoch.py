"""Notebook 05, E5.4: what people write instead of one epoch, and the hint for each."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from course_utils.exercises._compare import same_outputs
from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex05_inputs import SHORT_TWINS
from course_utils.exercises.ex05_loops import (
    after,
    all_put_back,
    epochs,
    every_picture,
    loss_after_the_step,
    loss_of,
    losses_after_the_epoch,
    on_a_copy,
    one_step_more,
    repeated,
    rows,
    sized,
    slice_of,
    steps,
    train,
    weights_put_back,
    with_batches,
)


def _draws_its_own(outputs: Sequence[Any]) -> bool:
    """Whether equal inputs give different values."""
    one, two = ([outputs[i]] for i in SHORT_TWINS)
    return not same_outputs(one, two)


EPOCH = (
    Mistake(
        "fresh noise",
        train(shown_rows=lambda x, eps, b, start: (x[b], torch.randn_like(eps[b]))),
        "The same model and the same inputs give other losses the second time: the noise, or the "
        "order of the pictures, is drawn inside. Hand the rows of `eps` to `model.elbo(..., "
        "eps=...)`: with the noise frozen, two runs can be compared.",
        also_wrong=(train(shown_rows=lambda x, eps, b, start: (x[b], None)),),
        looks_like=_draws_its_own,
    ),
    Mistake(
        "nothing changes",
        steps("zero_grad", "backward"),
        "These are the losses of the untrained model: its weights do not change between two "
        "batches. Three suspects: no `optimizer.step()`, or only one, after the loop; no "
        "`backward()`; or a `zero_grad()` that stands between backward and step and wipes the "
        "gradient before it is used.",
        also_wrong=(
            steps(),
            steps("backward", "zero_grad", "step"),
            steps("zero_grad", "step"),
            steps("zero_grad", "step", "backward"),
            steps("backward"),
            steps(at_the_end=True),
        ),
    ),
    Mistake(
        "gradients pile up",
        steps("backward", "step"),
        "The first two losses are right, the third is not: `backward()` *adds* to the gradients "
        "that are there. From the second step on, old gradients pull as well. What clears them, "
        "and when?",
        also_wrong=(steps("backward", "step", before="zero_grad"),),
    ),
    Mistake(
        "uphill",
        train(trained=lambda t: t.elbo.mean()),
        "The losses rise: the optimiser makes small what you call `backward()` on, and that was "
        "the ELBO. Which sign has the loss?",
        also_wrong=(
            train(shown=lambda t: t.elbo.mean()),
            train(shown=lambda t: t.elbo.sum()),
            train(trained=lambda t: t.elbo.sum()),
        ),
    ),
    Mistake(
        "returns the ELBO",
        after(Tensor.neg),
        "It trains rightly, and returns the ELBO of each batch. The loss is minus that.",
    ),
    Mistake(
        "sum over the batch",
        train(shown=lambda t: -t.elbo.sum()),
        "Somewhere the batch is summed, in the loss that you return or in the one that you train "
        "on. Equation 5.8 averages over the pictures, so that the step does not grow with the "
        "batch (Adam would hide it, plain gradient descent does not).",
        also_wrong=(
            train(trained=lambda t: -t.elbo.sum()),
            train(shown=lambda t: -t.elbo.sum(), trained=loss_of),
        ),
    ),
    Mistake(
        "divided by N",
        sized(lambda t, n, d: -t.elbo.sum() / n),
        "You divide by the number of all pictures, N. Each loss is an average over its own batch: "
        "equation 5.8 divides by B. (And the last batch may be smaller.)",
        also_wrong=(
            lambda model, optimizer, x, eps, batches: train(
                shown=lambda t: -t.elbo.sum() / len(batches[0])
            )(model, optimizer, x, eps, batches),
            lambda model, optimizer, x, eps, batches: train(
                shown=lambda t: -t.elbo.mean() / len(batches)
            )(model, optimizer, x, eps, batches),
        ),
    ),
    Mistake(
        "mean over the pixels",
        sized(lambda t, n, d: loss_of(t) / d),
        "You also divide by the number of pixels. Scaling the whole loss does little harm, but the "
        "number is no longer -ELBO in nats a picture; and whoever scales one term only changes "
        "the model.",
        also_wrong=(
            sized(lambda t, n, d: loss_of(t) / d, loss_of),
            sized(lambda t, n, d: t.kl.mean() - t.rec.mean() / d),
        ),
    ),
    Mistake(
        "only rec",
        train(shown=lambda t: -t.rec.mean()),
        "The KL is missing, in the loss that you return or in the one that you train on: that is "
        "an autoencoder with noise. `.elbo` of `model.elbo(...)` has both terms.",
        also_wrong=(
            train(trained=lambda t: -t.rec.mean()),
            train(shown=lambda t: -t.rec.mean(), trained=loss_of),
        ),
    ),
    Mistake(
        "only the KL",
        train(shown=lambda t: t.kl.mean()),
        "That is the KL of each batch. The loss is -ELBO = KL - rec, averaged over the batch.",
        also_wrong=(
            train(trained=lambda t: t.kl.mean()),
            train(shown=lambda t: t.kl.mean(), trained=loss_of),
        ),
    ),
    Mistake(
        "a sign between the terms",
        train(shown=lambda t: -(t.rec + t.kl).mean()),
        "rec and kl are put together with a wrong sign: elbo = rec - kl, and the loss is minus "
        "that. `.elbo` of `model.elbo(...)` has done it already.",
        also_wrong=(
            train(shown=lambda t: (t.rec + t.kl).mean()),
            train(shown=lambda t: (t.rec - t.kl).mean(), trained=lambda t: -(t.rec + t.kl).mean()),
            train(shown=lambda t: -(t.elbo - t.kl).mean()),
        ),
    ),
    Mistake(
        "the first batch again",
        with_batches(lambda batches: [batches[0]] * len(batches)),
        "The same pictures come again and again. Which name changes from one turn of the loop to "
        "the next?",
        also_wrong=(with_batches(lambda batches: [batches[-1]] * len(batches)),),
    ),
    Mistake(
        "by position",
        train(shown_rows=lambda x, eps, b, start: (slice_of(x, b, start), slice_of(eps, b, start))),
        "You cut x into slices, in the order in which it came. `batches` says which rows belong "
        "together: each is a tensor of indices, and `x[indices]` picks those rows.",
        also_wrong=(
            train(shown_rows=lambda x, eps, b, start: (x[: len(b)], eps[: len(b)])),
            train(shown_rows=lambda x, eps, b, start: (slice_of(x, b, start), eps[b])),
            train(shown_rows=lambda x, eps, b, start: (x[: len(b)], eps[b])),
        ),
    ),
    Mistake(
        "noise by position",
        train(shown_rows=lambda x, eps, b, start: (x[b], slice_of(eps, b, start))),
        "The pictures are right, their noise is not: row i of `eps` belongs to row i of x. Which "
        "rows of eps go with this batch?",
        also_wrong=(
            train(shown_rows=lambda x, eps, b, start: (x[b], eps[: len(b)])),
            train(shown_rows=lambda x, eps, b, start: (x[b], eps[-len(b) :])),
            train(shown_rows=lambda x, eps, b, start: (x[b], eps[b[:1]].expand(len(b), -1))),
            train(shown_rows=lambda x, eps, b, start: (x[b], eps[:1].expand(len(b), -1))),
        ),
    ),
    Mistake(
        "no noise",
        train(shown_rows=lambda x, eps, b, start: (x[b], 0 * eps[b])),
        "The noise is 0: you train an autoencoder that pays a KL for noise it never meets. The "
        "rows of `eps` belong into `model.elbo(..., eps=...)`.",
    ),
    Mistake(
        "everything at once",
        train(shown_rows=lambda x, eps, b, start: (x, eps)),
        "All N pictures come in at every step, in the loss that you return or in the one that you "
        "train on. Which rows belong to this batch?",
        also_wrong=(
            train(trained_rows=lambda x, eps, b, start: (x, eps)),
            train(shown_rows=lambda x, eps, b, start: (x, eps), trained_rows=rows),
        ),
    ),
    Mistake(
        "after the step",
        loss_after_the_step,
        "Your losses are those after the update: the model has just seen these very pictures, so "
        "they flatter. Take the number from the loss you went backward from.",
        also_wrong=(losses_after_the_epoch,),
    ),
    Mistake(
        "one number for the epoch",
        after(Tensor.mean),
        "One number for the whole epoch comes back. Return the loss of each batch, in order: the "
        "notebook looks at how they fall.",
        also_wrong=(
            after(Tensor.sum),
            after(lambda losses: losses[-1]),
            after(lambda losses: losses[0]),
            after(lambda losses: losses[-1:]),
            after(lambda losses: losses.cumsum(0)),
            after(lambda losses: losses.cumsum(0) / torch.arange(1, len(losses) + 1)),
        ),
    ),
    Mistake(
        "one number for each picture",
        every_picture,
        "One loss for each picture comes back, or they are not in the order of `batches`. Asked is "
        "one number for each batch, the average over its pictures.",
        also_wrong=(after(lambda losses: losses.flip(0)),),
    ),
    Mistake(
        "the last step is missing",
        repeated(lambda i, n: int(i < n - 1)),
        "The losses of one epoch are right, and the model it leaves behind is not: the step after "
        "the last batch is missing. No loss of this epoch can show it, the next call does. Does "
        "every turn of your loop get as far as `optimizer.step()`?",
    ),
    Mistake(
        "trained more than once",
        epochs(2, shown=0),
        "The model has moved further than one epoch: there is a second pass through `batches`, or "
        "more than one step for a batch. One call, one pass; one batch, one gradient, one step.",
        also_wrong=(
            epochs(2, shown=1),
            epochs(3, shown=0),
            epochs(3, shown=2),
            repeated(lambda i, n: 2),
            repeated(lambda i, n: 1 + (i == n - 1)),
            steps("zero_grad", "backward", "step", "step"),
            one_step_more,
        ),
    ),
    Mistake(
        "the weights are put back",
        weights_put_back,
        "The losses are right, and the model is as untrained as it came: its weights have been put "
        "back, or a copy was trained in its place. Losses only tell of the training. What does "
        "the next epoch, or the decoder that draws pictures, need of it?",
        also_wrong=(all_put_back, on_a_copy),
    ),
)
