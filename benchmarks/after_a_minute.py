"""How good is a model after a minute of each training loop, on one thread?

    COURSE_DATA=FOLDER python benchmarks/after_a_minute.py --pythae /tmp/pythae/bin/python

The loops of training_speed.py, and pythae's trainer in an environment of its own (see
sampling_speed.py), train 784-400-20 from the same weights on all 60 000 pictures of MNIST, in
batches of 128 with Adam at 1e-3: as many passes as end by the minute, the first one counted, and
at least one. Then one yardstick for all, the course's: the ELBO and IW-500 of all test pictures,
binarised once, with the share of pictures that have an effective sample size below 10. The tutorial
and pythae train on grey pixels, as they are written; the others binarise them anew at each use, so
this compares recipes as they are used, not loops alone. One run each, not in turns.
Pass --seconds for another time, --test for fewer test pictures.
"""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import torch
from torch import Tensor

SIZES = ((28, 28), 400, 20)


def by_pythae(file: Path, seconds: float) -> None:
    """The child's work: train by pythae, put its weights, seconds and passes into the file."""
    from pythae.data.datasets import BaseDataset
    from pythae.trainers import BaseTrainer, BaseTrainerConfig
    from pythae.trainers.training_callbacks import TrainingCallback
    from sampling_speed import pythae_vae

    class Over(Exception):
        pass

    class Clock(TrainingCallback):
        begun, passes = time.process_time(), 0

        def on_train_begin(self, *args, **kwargs) -> None:
            self.begun = time.process_time()

        def on_epoch_end(self, *args, **kwargs) -> None:
            self.passes += 1
            self.used = time.process_time() - self.begun
            if self.used * (1 + 1 / self.passes) > seconds:
                raise Over

    task = torch.load(file, weights_only=True)
    model, clock = pythae_vae(task["weights"]), Clock()
    x = task["x"].flatten(1).float() / 255
    data, folder = BaseDataset(x, torch.zeros(len(x))), str(file.parent / "pythae")
    how = {"per_device_train_batch_size": 128, "learning_rate": 1e-3, "num_epochs": 10_000}
    settings = BaseTrainerConfig(output_dir=folder, no_cuda=True, **how)
    trainer = BaseTrainer(model, data, training_config=settings, callbacks=[clock])
    try:
        trainer.train()
    except Over:
        weights = {k.replace(".net.", "."): w for k, w in trainer.model.state_dict().items()}
        torch.save({"weights": weights, "seconds": clock.used, "passes": clock.passes}, file)


def trained_by(epoch, seconds: float) -> tuple[float, int]:
    """CPU seconds and passes of a loop."""
    used, passes = 0.0, 0
    while not passes or used * (1 + 1 / passes) <= seconds:
        begun = time.process_time()
        epoch()
        used, passes = used + time.process_time() - begun, passes + 1
    return used, passes


def report(name: str, weights: dict[str, Tensor], seconds: float, passes: int, x: Tensor) -> None:
    """One line of the table."""
    from course_utils.estimators import TRUST
    from course_utils.models import VAE
    from course_utils.pretrained._measure import weigh

    model, noise = VAE(SIZES[0], SIZES[2], (SIZES[1],)), torch.Generator().manual_seed(1)
    model.load_state_dict(weights)
    with torch.no_grad():
        elbo = torch.cat([model.elbo(part, generator=noise).elbo for part in x.split(1000)]).mean()
        found = weigh(model.eval(), 500, x, generator=noise)
    print(
        f"{name:22s} {passes:3} passes, {seconds:5.1f} s: ELBO {elbo:8.2f}, "
        f"IW-500 {found.log_px.mean():8.2f} (ESS < {TRUST} for {found.void:.0%})",
        flush=True,
    )


def weights_of(loop) -> dict[str, Tensor]:
    """The weights behind a loop of training_speed.py, as the course's VAE has them."""
    state = loop.state_dict()
    if "fc1.weight" not in state:
        return state
    weights = {}
    for part in ("weight", "bias"):
        weights[f"encoder.0.{part}"] = state[f"fc1.{part}"]
        heads = [state[f"fc2{head}.{part}"] for head in "12"]
        weights[f"encoder.2.{part}"] = torch.cat(heads)
        weights[f"decoder.0.{part}"] = state[f"fc3.{part}"]
        weights[f"decoder.2.{part}"] = state[f"fc4.{part}"]
    return weights


def main() -> None:
    """Train by each and print its line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pythae", metavar="PYTHON", help="of an environment that has pythae")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--test", type=int, default=10_000, help="test pictures")
    parser.add_argument("--child", type=Path, help="weights and pictures; used by the script")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.child:
        by_pythae(options.child, options.seconds)
        return
    from training_speed import LeanVAE, contenders

    from course_utils.data import load

    data = load("mnist")
    x = (data.train.images * 255).round().to(torch.uint8)
    noise = torch.Generator().manual_seed(0)
    test = data.test.binarized(generator=noise).images[:: 10_000 // options.test]
    torch.manual_seed(0)
    weights = LeanVAE(784, *SIZES[1:]).state_dict()
    models = {}
    for name, epoch in contenders(x, "mnist", weights, models).items():
        if name not in ("fit, lean", "fit fast, lean"):
            used = trained_by(epoch, options.seconds)
            report(name, weights_of(models[name]), *used, test)
    if options.pythae:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "task.pt"
            torch.save({"weights": weights, "x": x}, file)
            command = [options.pythae, __file__, "--child", str(file)]
            subprocess.run(
                [*command, "--seconds", str(options.seconds)], check=True, capture_output=True
            )
            made = torch.load(file, weights_only=True)
        report("pythae's trainer", made["weights"], made["seconds"], made["passes"], test)


if __name__ == "__main__":
    main()
