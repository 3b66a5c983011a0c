"""What `fit` is asked for, checked at the door: options, history, device."""

import numbers

import torch
from torch import nn

from course_utils._require import is_number, require_kind, require_positive, require_value, shown
from course_utils.training._history import History


def require_options(learning_rate: object, seed: object, callbacks: object, history: object):
    """Refuse what is no step size, no seed, no list of functions, no history that fit made."""
    require_positive("; 1e-3 suits most models of the course", learning_rate=learning_rate)
    good = is_number(seed, numbers.Integral) and seed >= 0
    require_value("seed", seed, good, "a whole number from 0 on", "; try 0")
    expected = "a list of functions of (model, history)"
    good = isinstance(callbacks, (list, tuple)) and all(map(callable, callbacks))
    require_value("callbacks", callbacks, good, expected, "; a single one goes in brackets: [f]")
    require_kind("history", history, History, "what fit handed back", "")


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
        begun = str(history.run.device)
        came = f"device {device} came; try device={begun!r}."
        raise ValueError(f"the history goes on where it began, on {begun}, but {came}")


def find_device(name: object) -> torch.device:
    """The device of that name, if it is here."""
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    there = ["cpu"]
    if accelerator is not None:
        kind, n = accelerator.type, torch.accelerator.device_count()
        there += [kind, *(f"{kind}:{i}" for i in range(n))]
    if str(name) not in there:
        missing = f"there is no device {shown(str(name))} here; there is: {', '.join(there)}"
        raise ValueError(f"{missing}. Every model of the course trains on 'cpu' in minutes.")
    return torch.device(str(name))
