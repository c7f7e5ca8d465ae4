# SPDX-License-Identifier: Apache-2.0
"""Writes the SONATA edges files of these cases: each lacks or breaks one thing of a good one."""
import h5py


def write(name, populations=("E_to_I",), source=(0, 1), target=(0, 1)):
    with h5py.File(f"edges_{name}.h5", "w", libver="latest") as f:
        for p in populations:
            edges = f.create_group(f"edges/{p}")
            edges["source_node_id"] = source
            edges["target_node_id"] = target


write("lengths", target=(0, 1, 2))
write("no_edges", populations=())
write("negative", source=(0, -1))
write("index", target=(0, 5))
write("two_populations", populations=("a_to_b", "b_to_a"))
write("floats", source=(0.0, 0.5))
