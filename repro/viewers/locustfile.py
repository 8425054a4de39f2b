"""The log view as a Locust user, for load from many machines.

`locust -f .../locustfile.py --host http://SERVER:PORT --variant hardened --pod succeeded`; add `--master` on one
machine and `--worker --master-host NAME` on the others. Each view is reported as two requests: "first line" with
the time to the first line, and "view" with the time to its end. A view fails where lines were lost, skipped or
repeated, or where it did not end in order.
"""

import itertools
from argparse import ArgumentParser
from typing import Any

from locust import User, constant, events, task

from repro.viewers.addresses import base_address
from repro.viewers.conduct import Conduct, Place
from repro.viewers.greenview import GreenView, RefusedError


class ViewError(Exception):
    """What was wrong with a view."""


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]  # Locust leaves it untyped
def add_options(parser: ArgumentParser, **_: Any) -> None:  # noqa: ANN401 - Locust's signature
    """Add the options of `repro view` to Locust's own; the master hands them on to its workers."""
    group = parser.add_argument_group("log views")
    group.add_argument("--variant", default="hardened", help="variant of the log server to view through")
    group.add_argument("--namespace", default="default", help="namespace of the pods")
    group.add_argument("--pod", action="append", default=[], help="pod to view; repeatable")
    group.add_argument("--leave-after", type=float, help="seconds after which a viewer walks away")
    group.add_argument("--abruptly", action="store_true", help="leave without a close frame")
    group.add_argument("--stop-reading-after", type=float, help="seconds after which a viewer stops reading")
    group.add_argument("--open-timeout", type=float, default=10.0, help="seconds to wait for the opening")
    group.add_argument("--pause", type=float, default=1.0, help="seconds between a viewer's views")
    group.add_argument("--expect", type=int, help="lines that a view should get")


class Viewer(User):
    """Views one log after the other, going round the pods."""

    _turn = itertools.count()

    def wait_time(self) -> float:
        """Pause between two views."""
        pause: float = constant(self.environment.parsed_options.pause)(self)
        return pause

    @task
    def view(self) -> None:
        """View a log, and report it."""
        options = self.environment.parsed_options
        if not options.pod:
            raise SystemExit("Name the pods to view with --pod.")
        pod = options.pod[next(self._turn) % len(options.pod)]
        view = GreenView(
            Place(options.variant, options.namespace, pod),
            Conduct(
                leave_after=options.leave_after,
                abruptly=options.abruptly,
                stop_reading_after=options.stop_reading_after,
                opening=options.open_timeout,
            ),
        )
        refusal: Exception | None = None
        try:
            view.watch(base_address(self.host or ""))
        except RefusedError as error:
            refusal = error
        self._report(view, refusal)

    def _report(self, view: GreenView, refusal: Exception | None) -> None:
        faults = [] if refusal else view.faults(self.environment.parsed_options.expect)
        times = {"view": view.ended_after, "first line": view.first_line_after}
        for name, seconds in times.items():
            if seconds is None:
                continue
            self.environment.events.request.fire(
                request_type=view.place.variant,
                name=name,
                response_time=seconds * 1000,
                response_length=view.stream.log_bytes if name == "view" else 0,
                exception=(refusal or (ViewError(", ".join(faults)) if faults else None))
                if name == "view"
                else None,
                context={},
            )
