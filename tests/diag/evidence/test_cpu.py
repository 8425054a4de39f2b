"""The CPU as evidence."""

from made_recordings import reading, recording

from diag.evidence import cpu
from diag.rates import Rates, Window
from diag.recording import Recording

WHOLE = Window(0.0, 3.0)


def sampled_late(*, all_along: bool = False) -> Recording:
    """Make three seconds of a process that switches often only while its stacks are sampled, after the first second."""
    return recording(
        seconds=3.0,
        activity=tuple(
            reading(at, cpu_user=at, voluntary=max(0, round(900 * (at - 1))), sampled=all_along or at > 1)
            for at in (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
        ),
    )


def made(**changes: float) -> Rates:
    """Make the rates of a spin, but for `changes`."""
    fields = {
        "cores": 1.0,
        "demand": 1.2,
        "system_share": 0.1,
        "voluntary": 0.0,
        "involuntary": 9.0,
        "seconds": 3.0,
    }
    return Rates(**(fields | changes))


def test_sampling_does_not_count() -> None:
    """Switches that the sampler itself causes are no switches of the process's own."""
    calm = cpu.undisturbed(sampled_late(), WHOLE, 7)
    assert calm is not None
    assert (calm.voluntary, calm.seconds) == (0.0, 1.0)


def test_disturbed_is_better_than_nothing() -> None:
    """Where stacks were sampled all the time, that time is taken."""
    calm = cpu.undisturbed(sampled_late(all_along=True), WHOLE, 7)
    assert calm is not None
    assert calm.voluntary == 600.0
    assert cpu.undisturbed(recording(), WHOLE, 7) is None


def test_what_is_stated() -> None:
    """Cores and demand, the kernel's share and switches, in numbers."""
    facts = {fact.kind: fact.value for fact in cpu.evidence(made(), made(voluntary=321.04))}
    assert facts == {"cores": 1.0, "demand": 1.2, "system-share": 0.1, "voluntary-switches": 321.0}


def test_never_giving_up_the_core_is_a_fact_of_its_own() -> None:
    """But not for a process that does nothing, which has no core to give up."""
    assert "no-voluntary-switches" in {fact.kind for fact in cpu.evidence(made(), made())}
    idle = cpu.evidence(made(cores=0.0), made(cores=0.0))
    assert "no-voluntary-switches" not in {fact.kind for fact in idle}


def test_nothing_measured_states_nothing() -> None:
    """Without readings there is no evidence."""
    assert cpu.evidence(None, None) == []
