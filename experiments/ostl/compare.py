# SPDX-License-Identifier: Apache-2.0
"""The loss curves of two runs, and how far apart they are: compare.py BPTT.h5 OSTL.h5"""
import sys

import numpy as np
import volley

with volley.read(sys.argv[1]) as bptt, volley.read(sys.argv[2]) as ostl:
    a, b = bptt.training(), ostl.training()
    for name in a.columns:
        if name == "loss" or name.startswith("valid_"):
            apart = np.abs(a[name] - b[name]).max()
            print(f"{name:<20}", *(f"{x:.8f}" for x in a[name]), f"largest difference {apart:.1e}")
