"""The CPU that a process uses and asks for, undisturbed by sampling where that was measured."""

from diag import rates
from diag.findings import Evidence
from diag.rates import Rates, Window
from diag.recording import Recording

CALM_SECONDS = 0.2
"""Time without sampling below which the whole window is taken instead."""

FLAT = 0.1
"""Relative spread of the CPU between readings up to which it is called flat."""


def undisturbed(recording: Recording, window: Window, pid: int) -> Rates | None:
    """Give the rates of a process in a window, of the time without sampling if there was any."""
    calm = rates.rates(recording, window, pid=pid, undisturbed=True)
    return calm if calm and calm.seconds >= CALM_SECONDS else rates.rates(recording, window, pid=pid)


def evidence(found: Rates | None, calm: Rates | None) -> list[Evidence]:
    """State cores, demand, switches and the kernel's share.

    Args:
        found: over the whole window.
        calm: over the time without sampling, which causes switches itself.
    """
    if found is None or calm is None:
        return []
    facts = [
        Evidence(
            kind="cores", value=round(found.cores, 3), unit="cores", text=f"It used {found.cores:.2f} cores."
        ),
        Evidence(
            kind="demand",
            value=round(found.demand, 3),
            unit="cores",
            text=f"It asked for {found.demand:.2f} cores: the time on a core or waiting for one.",
        ),
        Evidence(
            kind="system-share",
            value=round(found.system_share, 3),
            unit="share",
            text=f"{found.system_share:.0%} of its CPU time was spent in the kernel.",
        ),
    ]
    quiet = calm.voluntary < 1 and found.cores > FLAT
    facts.append(
        Evidence(
            kind="no-voluntary-switches" if quiet else "voluntary-switches",
            value=round(calm.voluntary, 1),
            unit="1/s",
            text="It never gave up its core by itself."
            if quiet
            else f"It gave up its core by itself {calm.voluntary:,.0f} times a second.",
        )
    )
    return facts
