// SPDX-License-Identifier: Apache-2.0
#pragma once

// Versions of a loop among which the processor chooses. Sanitizers start too late for that choice.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define VOLLEY_VECTOR_CLONES __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#define VOLLEY_FLATTEN [[gnu::flatten]]  // all that it calls becomes part of it
#else
#define VOLLEY_VECTOR_CLONES
#define VOLLEY_FLATTEN
#endif
