# SPDX-License-Identifier: Apache-2.0
"""docs/extending.md as a reader follows it: its models are built against an installation, run, and checked by theory."""
import re
import subprocess

import pages
import pytest
import volley

PAGE = "docs/extending.md"
BLOCKS = pages.blocks((pages.SOURCE / PAGE).read_text())
MODELS = [b for b in BLOCKS if b.language == "cpp"]

# With another value each check of the page must fail: it looks at what the model did.
OTHERWISE = {
    "lif_fast_slow": "populations.cell.parameters.tau_slow=9.99 ms",
    "qif": "projections.0.weight=5.01 mV",
    "fitzhugh_nagumo": "populations.cells.parameters.b=0.801",
    "augmentation": "projections.0.synapse.augmentation.A=0.101",
    "inhibitory_stdp": "projections.learning.plasticity.inhibitory_stdp.rate=6 Hz",
    "gamma_process": "populations.regular.parameters.k=5",
    "leaky_tanh": "populations.out.parameters.alpha=0.31",
    "hinge": "learning.backprop.loss.hinge.margin=1.01",
    "sign_descent": "learning.backprop.optimiser.sign_descent.rate=0.0101",
    "equal_norm": "learning.backprop.modulator={equal_norm: {power: 1.1}}",
    "windows": "learning.online.rule={windows: {width: 3 ms}}",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = pages.sandbox(tmp_path_factory.mktemp("extending"))
    wrong = pages.run(PAGE, folder)
    assert not wrong, "\n".join(wrong)
    return folder


def test_the_page_works_as_written(folder):
    assert (folder / "my_models/build/my_models.so").exists()


def test_there_is_one_of_each_kind():
    registered = [re.search(r"^VOLLEY_(\w+)\(", b.text, re.M)[1] for b in MODELS]
    assert sorted(registered) == ["LEARNING_RULE", "LOSS", "MODULATOR"] + ["NEURON"] * 4 + ["OPTIMISER", "RULE", "STIMULATOR", "SYNAPSE"]


def test_a_source_is_left_out_of_the_summary(folder):
    listed = subprocess.run(["bash", "-euc", f"{pages.setup()}\nvolley list --plugin my_models/build/my_models.so"],
                            cwd=folder, env=pages.environment(folder), check=True, capture_output=True, text=True).stdout
    assert "FitzHugh-Nagumo neuron, in its own units;" in listed  # its DOI has parentheses


def fine_spikes(I, dt=0.01, end=500.0):
    """Spikes of a FitzHugh-Nagumo neuron by the classical Runge-Kutta method with small steps."""
    slope = lambda V, w: (V - V**3 / 3 - w + I, 0.08 * (V + 0.7 - 0.8 * w))
    V, w, spikes = -1.0, -0.5, []
    for k in range(round(end / dt)):
        a = slope(V, w)
        b = slope(V + dt / 2 * a[0], w + dt / 2 * a[1])
        c = slope(V + dt / 2 * b[0], w + dt / 2 * b[1])
        d = slope(V + dt * c[0], w + dt * c[1])
        before, V = V, V + dt / 6 * (a[0] + 2 * b[0] + 2 * c[0] + d[0])
        w += dt / 6 * (a[1] + 2 * b[1] + 2 * c[1] + d[1])
        if before < 1 <= V:
            spikes.append((k + 1) * dt)
    return spikes


def test_the_stepped_neuron_spikes_when_a_finer_integration_does(folder):
    with volley.read(folder / "results/fitzhugh_nagumo.h5") as result:
        spikes = result.spikes("cells").of(1)
    assert spikes == pytest.approx(fine_spikes(0.5), abs=0.15)  # a tick and a half, after twelve periods
    assert len(spikes) == 13


@pytest.mark.parametrize("model", OTHERWISE)
def test_each_check_can_fail(folder, model):
    (check,) = [b.text for b in BLOCKS if b.language == "python" and model in b.text]
    run = f"{pages.setup()}\nvolley run my_models/{model}.yaml --overwrite --quiet --set '{OTHERWISE[model]}'"
    env = pages.environment(folder)
    subprocess.run(["bash", "-euc", run], cwd=folder, env=env, check=True)
    done = subprocess.run(["bash", "-euc", f"{pages.setup()}\npython3 -"], cwd=folder, env=env, input=check, text=True,
                          capture_output=True)
    assert "AssertionError" in done.stderr, done.stdout + done.stderr


def test_every_model_is_checked():
    assert set(OTHERWISE) == {re.search(r'name = "(\w+)"', b.text)[1] for b in MODELS}
