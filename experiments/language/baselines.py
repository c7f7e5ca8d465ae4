# SPDX-License-Identifier: Apache-2.0
"""What counting alone knows of the text of these experiments, with the parts and the vocabulary of the `text` reader.

A unigram gives each character its frequency; a bigram and a trigram, interpolated with what has one character less (Witten
and Bell 1991, doi:10.1109/18.87000), know one and two characters before it. Prints bits a character and perplexity.
"""
import gzip
import math
from collections import Counter, defaultdict
from pathlib import Path

STEPS = 1000
text = gzip.decompress((Path(__file__).parent / "data/genesis.txt.gz").read_bytes()).decode()
pieces = math.ceil((len(text) - 1) / STEPS)
ends = [0, int(0.8 * pieces)]
ends += [ends[1] + int(0.1 * pieces), ends[1] + 2 * int(0.1 * pieces)]
train = text[:ends[1] * STEPS + 1]
size = len(set(train)) + 1  # and the unknown token

counts = defaultdict(Counter)  # by the characters before
for order in range(3):
    for k in range(order, len(train)):
        counts[train[k - order:k]][train[k]] += 1


def probability(context, character):
    """Of the longest context, with as much of a shorter one as the context has kinds of followers."""
    if context is None:
        return 1 / size
    shorter = probability(context[1:] if context else None, character)
    seen = counts[context]
    total, kinds = sum(seen.values()), len(seen)
    return (seen[character] + kinds * shorter) / (total + kinds) if total else shorter


def bits(order, first, last):
    """A character, of those that pieces first .. last - 1 foresee."""
    places = range(first * STEPS + 1, min(last * STEPS + 1, len(text)))
    return -sum(math.log2(probability(text[max(0, k - order):k], text[k])) for k in places) / len(places)


print("| | validation, bits a character | test | test perplexity |")
print("|---|---|---|---|")
for order, name in enumerate(("unigram", "bigram", "trigram")):
    valid, test = bits(order, ends[1], ends[2]), bits(order, ends[2], ends[3])
    print(f"| {name} | {valid:.3f} | {test:.3f} | {2 ** test:.2f} |")
