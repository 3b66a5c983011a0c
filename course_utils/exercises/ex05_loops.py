"""Notebook 05, E5.4: the training loop with a part changed, from which its mistakes are made."""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Answer = Callable[..., Tensor]
Choice = Callable[[Tensor, Tensor, Tensor, int], tuple[Tensor, Tensor]]


def rows(x: Tensor, eps: Tensor, batch: Tensor, start: int) -> tuple[Tensor, Tensor]:
    """The rows that belong to the batch."""
    return x[batch], eps[batch]


def loss_of(terms: Any) -> Tensor:
    """Eq. 5.8."""
    return -terms.elbo.mean()


def train(
    *,
    shown: Callable[[Any], Tensor] = loss_of,
    trained: Callable[[Any], Tensor] | None = None,
    shown_rows: Choice = rows,
    trained_rows: Choice | None = None,
) -> Answer:
    """The right loop, with another loss or other rows, to show or to train on."""

    def wrong(model, optimizer, x, eps, batches):
        values, start = [], 0
        for batch in batches:
            x_shown, eps_shown = shown_rows(x, eps, batch, start)
            x_trained, eps_trained = (trained_rows or shown_rows)(x, eps, batch, start)
            values.append(shown(model.elbo(x_shown, eps=eps_shown)).detach())
            optimizer.zero_grad()
            (trained or shown)(model.elbo(x_trained, eps=eps_trained)).backward()
            optimizer.step()
            start += len(batch)
        return torch.stack(values)

    return wrong


right = train()


def after(change: Callable[[Tensor], Tensor]) -> Answer:
    """The right losses, then made something else of."""
    return lambda *args: change(right(*args))


def steps(*order: str, before: str = "", at_the_end: bool = False) -> Answer:
    """The right losses with backward, step and zero_grad in another order."""

    def wrong(model, optimizer, x, eps, batches):
        values, total = [], 0.0
        if before:
            optimizer.zero_grad()
        for batch in batches:
            loss = loss_of(model.elbo(x[batch], eps=eps[batch]))
            values.append(loss.detach())
            total = total + loss
            for name in order:
                loss.backward() if name == "backward" else getattr(optimizer, name)()
        if at_the_end:
            total.backward()
            optimizer.step()
        return torch.stack(values)

    return wrong


def repeated(times: Callable[[int, int], int]) -> Answer:
    """The first losses of a loop that trains times(i, n) times on the i-th of n batches."""

    def wrong(model, optimizer, x, eps, batches):
        values = []
        for i, batch in enumerate(batches):
            values.append(loss_of(model.elbo(x[batch], eps=eps[batch])).detach())
            for _ in range(times(i, len(batches))):
                right(model, optimizer, x, eps, [batch])
        return torch.stack(values)

    return wrong


def epochs(n: int, shown: int) -> Answer:
    """n epochs at one call, and the losses of one of them."""
    return lambda *args: [right(*args) for _ in range(n)][shown]


def one_step_more(model, optimizer, x, eps, batches):
    """The right loop, and the last step again, outside it."""
    values = right(model, optimizer, x, eps, batches)
    optimizer.step()
    return values


def weights_put_back(model, optimizer, x, eps, batches):
    """The right loop, then the weights that came in."""
    before = copy.deepcopy(model.state_dict())
    values = right(model, optimizer, x, eps, batches)
    model.load_state_dict(before)
    return values


def all_put_back(model, optimizer, x, eps, batches):
    """The same with the optimiser's memory."""
    before = copy.deepcopy(optimizer.state_dict())
    values = weights_put_back(model, optimizer, x, eps, batches)
    optimizer.load_state_dict(before)
    return values


def on_a_copy(model, optimizer, x, eps, batches):
    """The right loop on copies of the model and its optimiser."""
    return right(*copy.deepcopy((model, optimizer)), x, eps, batches)


def loss_after_the_step(model, optimizer, x, eps, batches):
    """The right loop, each loss taken again after its step."""
    values = []
    for batch in batches:
        optimizer.zero_grad()
        loss_of(model.elbo(x[batch], eps=eps[batch])).backward()
        optimizer.step()
        values.append(loss_of(model.elbo(x[batch], eps=eps[batch])).detach())
    return torch.stack(values)


def losses_after_the_epoch(model, optimizer, x, eps, batches):
    """The right loop, all losses taken again at its end."""
    right(model, optimizer, x, eps, batches)
    return torch.stack([loss_of(model.elbo(x[b], eps=eps[b])).detach() for b in batches])


def every_picture(model, optimizer, x, eps, batches):
    """The right loop, one loss for each picture."""
    values = []
    for batch in batches:
        elbo = model.elbo(x[batch], eps=eps[batch]).elbo
        values.append(-elbo.detach())
        optimizer.zero_grad()
        (-elbo.mean()).backward()
        optimizer.step()
    return torch.cat(values)


def sized(
    shown: Callable[[Any, int, int], Tensor], trained: Callable[[Any], Tensor] | None = None
) -> Answer:
    """The right loop with a loss made of the terms, N and D."""

    def wrong(model, optimizer, x, eps, batches):
        loop = train(shown=lambda terms: shown(terms, *x.shape), trained=trained)
        return loop(model, optimizer, x, eps, batches)

    return wrong


def with_batches(change: Callable[[list], list]) -> Answer:
    """The right loop over other batches."""
    return lambda model, optimizer, x, eps, batches: right(
        model, optimizer, x, eps, change(batches)
    )


def slice_of(values: Tensor, batch: Tensor, start: int) -> Tensor:
    """As many rows as the batch has, from start on."""
    return values[start : start + len(batch)]
