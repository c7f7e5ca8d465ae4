# SPDX-License-Identifier: Apache-2.0
"""The cost model counts what a network does and finds the costs that made up a time. No time is asserted."""
import os
import sys
from pathlib import Path

import pytest
import yaml

HERE = Path(os.environ["VOLLEY_SOURCE"]) / "tests/bench"
sys.path.insert(0, str(HERE))
import cost_model  # noqa: E402
import workloads  # noqa: E402


def experiment(name):
    return yaml.safe_load((workloads.EXPERIMENTS / f"{name}.yaml").read_text())


def test_costs_are_found_again():
    planted = {"event": 2.0, "window": 100.0}
    counts = [{"event": 1e6, "window": 1e3}, {"event": 1e5, "window": 2e4}, {"event": 5e6}]
    observed = [(c, cost_model.predict(planted, c)) for c in counts]
    assert cost_model.fit(observed) == pytest.approx(planted)


def test_no_cost_is_negative():
    found = cost_model.fit([({"event": 1.0}, 1.0), ({"event": 1.0, "window": 1.0}, 0.8)])
    assert list(found) == ["event"] and 0.8 < found["event"] < 1.0


def test_what_a_run_did_is_counted():
    def counted(name, block_size=65536, **stats):
        s = {"sim_time_ms": 100.0, "window_ms": 0.5, "spikes": 10, "synaptic_events": 1000, "external_events": 0,
             "neurons": 4000, **stats}
        return cost_model.features(experiment(name), block_size, s)

    # 200 windows; cuba's E_L lies above threshold, brunel_dc's drive pushes it above, brunel_delta's neurons have none.
    assert counted("cuba") == {"event, 3 elements": 1000, "slice of a spike, linear": 10,
                               "window and block, linear": 200, "driven neuron and ms, 3 elements": 400_000}
    assert counted("cuba", 1000)["window and block, linear"] == 800
    assert counted("brunel_dc")["driven neuron and ms, 1 element"] == 1_250_000
    delta = counted("brunel_delta", external_events=70)
    assert delta == {"event, 1 element": 1000, "event of a stream, 1 element": 70, "slice of a spike, linear": 10,
                     "window and block, linear": 200}
    assert counted("coba")["neuron and step"] == 4_000_000
    assert counted("sparse_quiet")["slice of a spike, linear"] == 20  # 100,000 neurons are two blocks
    # 10,000 * 1,000 plastic synapses of 15,625,000, each changed at both ends
    assert counted("brunel_stdp")["plastic event"] == pytest.approx(2 * 1000 * 0.64)


def test_a_row_is_cut_by_projection_delay_and_block():
    assert cost_model.slices(experiment("brunel_delta"), 3) == pytest.approx(3.0, rel=1e-9)  # drives are not rows
    spread = cost_model.set_values(experiment("brunel_delta"), {"projections.*.delay": cost_model.SPREAD})
    shares = cost_model.share_of_delays(yaml.safe_load(cost_model.SPREAD))
    assert sum(shares) == pytest.approx(1.0) and shares[14] == max(shares)  # 1.5 ms is the fifteenth tenth
    met = sum(1 - (1 - p) ** 1250 for p in shares)  # a row of E and one of I have 1,250 synapses
    assert cost_model.slices(spread, 1) == pytest.approx(met) and 30 < met < len(shares)
    spread["projections"][0]["connect"]["fixed_indegree"]["indegree"] = 0.8  # rows of one synapse
    spread["projections"] = spread["projections"][:1]
    assert cost_model.slices(spread, 1) == pytest.approx(0.8)  # E alone has rows


def test_a_setting_changes_the_counts():
    changed = cost_model.set_values(experiment("brunel_stdp"), {"populations.E.size": 20, "populations.I.size": 5,
                                                                "projections.0.connect.fixed_indegree.indegree": 7})
    assert changed["populations"]["E"]["size"] == 20 and cost_model.plastic_share(changed) == pytest.approx(
        20 * 7 / (20 * 7 + 5 * 1000 + 25 * 250))


def test_every_network_of_the_model_is_a_workload():
    assert {n.base for n in cost_model.FITTED} | set(cost_model.PREDICTED) <= set(workloads.BY_NAME)


def test_a_longer_run_beyond_a_shorter_one_is_observed():
    counts, cost = cost_model.observe(os.environ["VOLLEY"], cost_model.Network("cuba", "", (10, 210), {}), 1)
    assert cost > 0 and counts["driven neuron and ms, 3 elements"] == 4000 * 200
