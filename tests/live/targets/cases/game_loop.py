"""A game that draws sixty frames a second."""

import time

import lifetime

lifetime.begin()


class World:
    def __init__(self):
        self.bodies = [[n % 80, n % 24, 1, 1] for n in range(200)]

    def step(self):
        for body in self.bodies:
            for axis, limit in ((0, 80), (1, 24)):
                body[axis] += body[axis + 2]
                if not 0 <= body[axis] < limit:
                    body[axis + 2] = -body[axis + 2]

    def draw(self):
        cells = {(x, y) for x, y, *_ in self.bodies}
        return "\n".join("".join("#" if (x, y) in cells else " " for x in range(80)) for y in range(24))


world = World()
due = time.monotonic()
lifetime.ready()
while True:
    world.step()
    world.draw()
    due += 1 / 60
    time.sleep(max(0, due - time.monotonic()))
