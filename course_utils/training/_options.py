"""What `fit` is asked for, checked at the door: options, history, device."""

import math
import numbers

import torch
from torch import nn

from course_utils._require import is_number, shown
from course_utils.training._history import History


def require_options(learning_rate: object, seed: object, callbacks: object, history: object):
    """Refuse what is no step size, no seed, no list of functions, no history that fit made."""
    if not is_number(learning_rate) or not 0 < learning_rate < math.inf:
        raise ValueError(
            f"learning_rate should be a number above 0, but {shown(learning_rate)} came; "
            f"1e-3 suits most models of the course."
        )
    if not is_number(seed, numbers.Integral) or seed < 0:
        raise ValueError(f"seed should be a whole number from 0 on, but {shown(seed)} came; try 0.")
    if not isinstance(callbacks, (list, tuple)) or not all(map(callable, callbacks)):
        raise ValueError(
            f"callbacks should be a list of functions of (model, history), but {shown(callbacks)} "
            f"came; a single one goes in brackets: [f]."
        )
    if not isinstance(history, History):
        came = type(history).__name__
        raise ValueError(f"history should be what fit handed back, but a {came} came.")


def require_same_run(model: nn.Module, history: History, device: torch.device) -> None:
    """Refuse a history that cannot go on with this model on this device."""
    if history.run is None:
        return
    known = history.run.optimizer.param_groups[0]["params"]
    came = [weight for weight in model.parameters() if weight.requires_grad]
    if list(map(id, known)) != list(map(id, came)):
        raise ValueError(
            f"the history belongs to another model, of {sum(w.numel() for w in known):,} trained "
            f"parameters, but one of {sum(w.numel() for w in came):,} came; even with equally "
            f"many they are other ones: leave history out for a model made anew."
        )
    if device != history.run.device:
        raise ValueError(
            f"the history goes on where it began, on {history.run.device}, but device {device} "
            f"came; try device={str(history.run.device)!r}."
        )


def find_device(name: object) -> torch.device:
    """The device of that name, if it is here."""
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    there = ["cpu"]
    if accelerator is not None:
        there += [accelerator.type]
        there += [f"{accelerator.type}:{i}" for i in range(torch.accelerator.device_count())]
    if str(name) not in there:
        raise ValueError(
            f"there is no device {shown(str(name))} here; there is: {', '.join(there)}. "
            f"Every model of the course trains on 'cpu' in minutes."
        )
    return torch.device(str(name))
