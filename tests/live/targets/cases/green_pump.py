"""Pumps items between greenlets; there is nothing to pump."""

from gevent import monkey

monkey.patch_all()

import gevent  # noqa: E402
import lifetime  # noqa: E402

FIXED = lifetime.begin()
source, target = [], []


def pump():
    while len(target) < 10:
        if source:
            target.append(source.pop())
        gevent.sleep(0.2 if FIXED else 0)


lifetime.ready()
gevent.joinall([gevent.spawn(pump), gevent.spawn(gevent.sleep, 3600)])
