"""Moves planets in pure Python."""

import lifetime

lifetime.begin()
BODIES = [[float(n * n), float(n), 1.0, 0.0, 0.1 * n, 0.0, 1.0 / (n + 1)] for n in range(5)]


def advance(bodies, step):
    for index, one in enumerate(bodies):
        for other in bodies[index + 1 :]:
            dx, dy, dz = (one[k] - other[k] for k in range(3))
            force = step / (dx * dx + dy * dy + dz * dz + 0.01) ** 1.5
            for k, delta in enumerate((dx, dy, dz)):
                one[3 + k] -= delta * other[6] * force
                other[3 + k] += delta * one[6] * force
    for body in bodies:
        for k in range(3):
            body[k] += step * body[3 + k]


lifetime.ready()
while True:
    advance(BODIES, 0.001)
