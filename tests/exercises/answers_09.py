"""Notebook 09's exercises: right answers in other forms, and wrong ones of no known slip."""

import math

import numpy as np
import torch


def water_in_numpy(eigenvalues, theta):
    values = eigenvalues.numpy()
    return np.log(np.maximum(values / theta, 1)).sum() / 2, np.minimum(values, theta).sum()


def water_one_by_one(eigenvalues, theta):
    rate = distortion = 0.0
    for value in eigenvalues.tolist():
        if value > theta:
            rate += 0.5 * math.log(value / theta)
            distortion += theta
        else:
            distortion += value
    return rate, distortion


def water_in_two_parts(eigenvalues, theta):
    told = eigenvalues[eigenvalues > theta]
    rate = 0.5 * (told.log() - math.log(theta)).sum()
    return rate, theta * len(told) + eigenvalues[eigenvalues <= theta].sum()


def water_by_where(eigenvalues, theta):
    told = eigenvalues > theta
    rate = torch.where(told, 0.5 * (eigenvalues / theta).log(), 0.0).sum()
    return rate, torch.where(told, theta, eigenvalues).sum()


def step_by_hand(log_multiplier, distortion, target, step_size):
    multiplier = math.exp(log_multiplier)
    return math.log(multiplier * math.exp(step_size * (sum(distortion) / len(distortion) - target)))


ROUTES = [("E9.1", water_in_numpy), ("E9.1", water_by_where)]
OTHER_FORMS = [
    ("E9.1", water_one_by_one),
    ("E9.1", water_in_two_parts),
    ("E9.1", "`return torch.stack((rate, distortion))`"),
    ("E9.1", "`rate = 0.5 * (eigenvalues / theta).log().clamp(min=0).sum()`"),
    ("E9.1", "`rate = (eigenvalues / theta).log().relu().sum() / 2`"),
    ("E9.1", "`rate = (eigenvalues.clamp(min=theta) / theta).sqrt().log().sum()`"),
    ("E9.1", "`rate = 0.5 * (eigenvalues.clamp(min=theta).log() - math.log(theta)).sum()`"),
    ("E9.1", "`distortion = torch.minimum(eigenvalues, torch.tensor(theta)).sum()`"),
    ("E9.1", "`distortion = eigenvalues.sum() - (eigenvalues - theta).clamp(min=0).sum()`"),
    ("E9.1", "`return rate.item(), distortion.item()`"),
    ("E9.3", step_by_hand),
    ("E9.3", "`excess = (distortion - target).mean()`"),
    ("E9.3", "`excess = distortion.sum() / len(distortion) - target`"),
    ("E9.3", "`return (log_multiplier.exp() * (step_size * excess).exp()).log()`"),
    ("E9.3", "`return log_multiplier.item() + step_size * excess.item()`"),
    ("E9.2", "`return sum(1 for value in eigenvalues[:latent_dim] if value > beta * sigma**2)`"),
    (
        "E9.2",
        "`return ((eigenvalues[:latent_dim] / (beta * sigma**2)).log() / 2 > 0).sum().item()`",
    ),
    ("E9.2", "`return (eigenvalues[:latent_dim].sqrt() > beta**0.5 * sigma).sum()`"),
    ("E9.2", "`return min((eigenvalues > beta * sigma**2).sum(), latent_dim)`"),
    ("E9.2", "`return (eigenvalues / beta > sigma**2).sum().clamp(max=latent_dim)`"),
    ("E9.2", "`return len(eigenvalues[:latent_dim][eigenvalues[:latent_dim] > beta * sigma**2])`"),
    ("E9.2", "`return np.count_nonzero(eigenvalues[:latent_dim].numpy() > beta * sigma * sigma)`"),
    ("E9.2", "`return (eigenvalues[:latent_dim] - beta * sigma**2 > 1e-6).sum()`"),
]
REFUSED = [
    ("E9.1", "five directions", "`.clamp(max=theta)` → `.clamp(max=theta)[:5]`"),
    ("E9.1", "something told", "`rate =` → `rate = 0.01 + `"),
    ("E9.3", "at most one", "`excess = (distortion.mean() - target).clamp(max=100)`"),
    ("E9.3", "at least a batch of 5", "`excess = distortion[:5].mean() - target`"),
]
SAID = [
    ("E9.3", "minus the right", "`return -(log_multiplier + step_size * excess)`"),
    ("E9.1", "expected 2 values, `rate`", "`return rate`"),
]
