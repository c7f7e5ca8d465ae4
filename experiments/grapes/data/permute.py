# SPDX-License-Identifier: Apache-2.0
"""Makes permuted.csv.gz: the digits of ../../snu/data with the pixels of all images exchanged in one random way."""
import gzip
import random
from pathlib import Path

here = Path(__file__).parent
order = list(range(64))
random.Random(0).shuffle(order)
rows = [line.split(",") for line in gzip.open(here / "../../snu/data/digits.csv.gz", "rt").read().splitlines()]
text = "".join(",".join([*(row[k] for k in order), row[64]]) + "\n" for row in rows)
with open(here / "permuted.csv.gz", "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
    out.write(text.encode())
