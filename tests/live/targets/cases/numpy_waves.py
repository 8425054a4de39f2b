"""Integrates a wave equation with numpy."""

import lifetime
import numpy as np

lifetime.begin()
field = np.zeros(200_000)
field[1000:1100] = 1.0
velocity = np.zeros_like(field)
lifetime.ready()
while True:
    velocity[1:-1] += 0.1 * (field[2:] - 2 * field[1:-1] + field[:-2])
    field += velocity
