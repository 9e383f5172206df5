"""What attention makes of attention: the recursion of the Hawkes intensity process, compiled."""

from typing import Any

import numpy as np

from musictools._kernel import kernel


@kernel("void(float64[::1], float64[:, ::1], float64[:, ::1], int64[::1], float64[:, :, ::1])")
def bases_all(scale: Any, shape: Any, promotion: Any, lengths: Any, out: Any) -> None:
    """Give what the start, each later step and the promotion bring, each with all that follows.

    ``scale`` holds C of each series, ``shape`` its c and theta; ``out[i, 0]`` is the answer to one
    at step 0, ``out[i, 1]`` to one at each later step, ``out[i, 2]`` to the promotion.
    """
    longest = promotion.shape[1]
    memory, answer = np.zeros(longest + 1), np.zeros(longest)
    for i in range(len(scale)):
        n = lengths[i]
        for lag in range(1, n):
            memory[lag] = scale[i] * (lag + shape[i, 0]) ** (-1.0 - shape[i, 1])
        total = 0.0
        for t in range(n):
            value = 1.0 if t == 0 else 0.0
            for u in range(t):
                value += answer[u] * memory[t - u]
            answer[t] = value
            out[i, 0, t] = value
            out[i, 1, t] = total
            out[i, 2, t] = 0.0
            total += value
        for u in range(n):
            given = promotion[i, u]
            if given != 0.0:
                for t in range(u, n):
                    out[i, 2, t] += given * answer[t - u]
        for k in range(3):
            for t in range(n, longest):
                out[i, k, t] = 0.0
