"""How long does a draw of `importance_sampling` take, beside one of pythae's `get_nll`?

    python -m venv /tmp/pythae
    /tmp/pythae/bin/pip install pythae==0.1.2 torch==2.13.0      # the torch of requirements.lock
    COURSE_DATA=FOLDER python benchmarks/sampling_speed.py --pythae /tmp/pythae/bin/python

Both estimate log p(x) of 100 binarised pictures by mnist-20d, 784-400-20, with 500 draws for each,
in turns (see turns.py); pythae in an environment of its own, where this file runs as a child that
needs nothing of the course. Its imports are not counted, and it computes under no_grad. A draw is
one that was made, so its decoder counts them: `get_nll` takes them 100 at a time, one picture after
the other, and as many where fewer are asked for. Without --pythae: ours alone. The pictures are of
MNIST's test set or, where COURSE_DATA is not set, the model's own. "medium" is torch's precision of
matrix products that fit(fast=True) uses.

The bar: 2.2 times as fast as pythae on processors with a penalty for denormals.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

import torch
from torch import Tensor, nn
from turns import has_penalty, in_turns, judged, processor_time, products_round, ratio

N_PICTURES, K, BAR = 100, 500, 2.2


def report(seconds: float, draws: int, log_px: float) -> dict[str, float]:
    """What one turn found."""
    return {"microseconds": 1e6 * seconds / draws, "draws": draws, "log_px": log_px}


def pythae_vae(weights: dict[str, Tensor]) -> nn.Module:
    """Its VAE with these weights of ours, 784-400-20; the decoder counts its draws."""
    from pythae.models import VAE, VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder

    class Encoder(BaseEncoder):
        def forward(self, x: Tensor) -> ModelOutput:
            mu, log_var = self.net(x).chunk(2, dim=1)
            return ModelOutput(embedding=mu, log_covariance=log_var)

    class Decoder(BaseDecoder):
        draws = 0

        def forward(self, z: Tensor) -> ModelOutput:
            self.draws += len(z)
            return ModelOutput(reconstruction=self.net(z).sigmoid())

    encoder, decoder = Encoder(), Decoder()
    for name, part in {"encoder": encoder, "decoder": decoder}.items():
        sizes = [weights[f"{name}.{layer}.weight"].shape for layer in (0, 2)]
        part.net = nn.Sequential(nn.Linear(*sizes[0][::-1]), nn.ReLU(), nn.Linear(*sizes[1][::-1]))
    config = VAEConfig(input_dim=(784,), latent_dim=20, reconstruction_loss="bce")
    model = VAE(config, encoder=encoder, decoder=decoder)
    model.load_state_dict({name.replace(".", ".net.", 1): t for name, t in weights.items()})
    return model


def by_pythae(weights: dict[str, Tensor], x: Tensor) -> dict[str, float]:
    """One turn of pythae, which imports it: the child's work."""
    model = pythae_vae(weights).eval()
    with torch.no_grad():
        model.get_nll(x[:2], n_samples=K)  # the first calls
        model.decoder.draws, log_px = 0, []
        seconds = processor_time(lambda: log_px.append(model.get_nll(x, n_samples=K)))
    return report(seconds, model.decoder.draws, float(log_px[0]))


def by_course(model, x: Tensor, precision: str) -> dict[str, float]:
    """One turn of ours, with this precision of torch's matrix products."""
    from course_utils.estimators import importance_sampling

    estimates, generator = [], torch.Generator().manual_seed(0)
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    seconds = processor_time(
        lambda: estimates.append(
            importance_sampling(model, x, model.encode(x), K, generator=generator)
        )
    )
    torch.set_float32_matmul_precision(before)
    return report(seconds, len(x) * K, estimates[0].log_px.mean().item())


def pictures(model) -> Tensor:
    """Bits (N, 784): of MNIST's test set, or drawn from the model."""
    from course_utils.data import load

    generator = torch.Generator().manual_seed(0)
    if "COURSE_DATA" not in os.environ:
        print("COURSE_DATA is not set: the pictures are the model's own")
        z = model.sample_prior(N_PICTURES, generator=generator)
        return model.sample_x(z, generator=generator).flatten(1)
    grey = load("mnist").test.images[:N_PICTURES].flatten(1)
    return torch.bernoulli(grey, generator=generator)


def main() -> None:
    """Take turns and print a line for each contender."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pythae", metavar="PYTHON", help="of an environment that has pythae")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", type=Path, help="weights and pictures; used by the script")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.child:
        print(json.dumps(by_pythae(**torch.load(options.child, weights_only=True))))
        return
    from course_utils.pretrained import load_pretrained

    penalty, _, model = has_penalty(), products_round(), load_pretrained("mnist-20d")
    x = pictures(model)
    by_course(model, x[:2], "highest")  # the first calls
    work = {
        "ours": lambda: by_course(model, x, "highest"),
        "ours, medium": lambda: by_course(model, x, "medium"),
    }
    with tempfile.TemporaryDirectory() as folder:
        if options.pythae:
            file = Path(folder) / "task.pt"
            torch.save({"weights": dict(model.state_dict()), "x": x}, file)
            command = [options.pythae, __file__, "--child", str(file)]
            work["pythae"] = lambda: json.loads(subprocess.check_output(command))
        turns = in_turns(work, options.rounds)
    times = {name: [said["microseconds"] for said in all_] for name, all_ in turns.items()}
    for name, said in turns.items():
        made, log_px = said[0]["draws"], said[0]["log_px"]
        print(f"{name:12s} {statistics.median(times[name]):5.1f} us a draw", end="")
        print(f", {made:,} draws, log p(x) {log_px:.2f} nats", end="")
        if name != "pythae" and options.pythae:
            value = ratio(times, name, "pythae")
            bar = penalty and name == "ours"
            print(f", {judged(value, BAR) if bar else f'{value:.2f}'} times as fast", end="")
        print()


if __name__ == "__main__":
    main()
