"""Whether two samples come from one distribution: the Mann-Whitney U test, which assumes nothing of its shape."""
import math
import random
import statistics


def mann_whitney_p(a, b):
    """Two-sided p value by the normal approximation with correction for ties; for samples of 20 and more."""
    pooled = sorted([(value, 0) for value in a] + [(value, 1) for value in b])
    rank_sum, ties, i = 0.0, 0, 0
    while i < len(pooled):
        j = i
        while j < len(pooled) and pooled[j][0] == pooled[i][0]:
            j += 1
        rank = (i + 1 + j) / 2  # the mean of ranks i + 1 to j
        rank_sum += rank * sum(1 for _, which in pooled[i:j] if which == 0)
        ties += (j - i) ** 3 - (j - i)
        i = j
    n, m = len(a), len(b)
    u = rank_sum - n * (n + 1) / 2
    variance = n * m / 12 * ((n + m + 1) - ties / ((n + m) * (n + m - 1)))
    if variance == 0:
        return 1.0
    return math.erfc(abs(u - n * m / 2) / math.sqrt(2 * variance))


def superiority(a, b):
    """The chance that a random one of `a` is larger than a random one of `b`; 0.5 when they are alike."""
    merged = sorted([(value, 0) for value in a] + [(value, 1) for value in b])
    below, wins = 0, 0
    for _, which in merged:
        if which == 1:
            below += 1
        else:
            wins += below
    return wins / (len(a) * len(b))


def median_difference_interval(a, b, rounds=2000, seed=1):
    """The middle 99 % of what median(a) - median(b) is when both are drawn again from themselves (bootstrap)."""
    source = random.Random(seed)
    differences = sorted(
        statistics.median(source.choices(a, k=len(a))) - statistics.median(source.choices(b, k=len(b)))
        for _ in range(rounds))
    return differences[int(rounds * 0.005)], differences[int(rounds * 0.995)]
