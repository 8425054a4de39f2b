"""How it was measured and on what: facts, definitions, and notes of what could not be measured."""

from diag.recording import Recording
from repro.report import words
from repro.report.selection import ordered
from repro.report.views import Report

_LABELS = {
    "cores": "Cores",
    "processor": "Processor",
    "memory_bytes": "Memory",
    "kernel": "Kernel",
    "python": "Python",
    "hotloop": "hotloop",
    "py_spy": "py-spy",
}

DEFINITIONS = (
    ("cores", "CPU seconds a second of the server's processes together, from the kernel's accounts."),
    (
        "demand",
        (
            "cores that were asked for: CPU time plus the time that runnable threads waited for a core, a second, from "
            "/proc/PID/task/*/schedstat. It shows on a small machine what a large one would have been asked for."
        ),
    ),
    (
        "tasks",
        (
            "asyncio tasks that are not done, counted by reading the process's memory at each phase's end. Created: "
            "by the highest task number, a second of viewing."
        ),
    ),
    ("peak memory", "the highest resident memory of all phases, the server's processes together."),
    ("health check", "latency of GET /healthz while viewing; failed: not answered within a second."),
    ("lines", "log lines summed over the views; lost and repeated are known by the lines' own numbers."),
    (
        "verdict",
        "what diag says of the recording: spin, storm, leak, blocked, healthy or unknown (too little was measured).",
    ),
    ("left behind", "tasks and connections after everyone left, beyond those when quiet."),
    (
        "self, through",
        "share of the stack samples in which the line itself ran, and in which it ran or waited for what it called.",
    ),
)


def facts(report: Report) -> list[tuple[str, str]]:
    """Give name and value of everything that the figures depend on."""
    comparison = report.comparison
    rows = [("Command", comparison.command), ("Cluster", comparison.cluster)]
    rows += [(_LABELS.get(key, key), _machine(key, value)) for key, value in comparison.machine.items()]
    rows += [
        ("Memory limit of the server", f"{comparison.memory_limit_mb:,} MiB"),
        ("Whole time", _duration(comparison.seconds)),
        ("Runs", words.plural(len(comparison.runs), "run")),
    ]
    recording = next((view.recording for view in report.runs if view.recording), None)
    return rows + (_recorded(recording) if recording else [])


def _machine(key: str, value: str | int) -> str:
    return f"{int(value) / 2**30:.1f} GiB" if key == "memory_bytes" else str(value)


def _duration(seconds: float) -> str:
    """Write a duration in minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _recorded(recording: Recording) -> list[tuple[str, str]]:
    """Give the settings of the recorder; they are the same for all runs."""
    phases = ", ".join(f"{phase.name} {phase.end - phase.start:.1f} s" for phase in recording.phases)
    settings = recording.settings
    return [
        ("Server's Python", f"{recording.target.implementation} {recording.target.version}".strip()),
        ("Phases of a run", phases or "none"),
        ("Readings of CPU and memory", f"every {settings.activity_interval:g} s"),
        ("Stack samples", f"{settings.stack_rate} a second, running threads only"),
    ]


def notes(report: Report) -> list[str]:
    """Say what could not be measured."""
    found = []
    for view in report.runs:
        if view.problem:
            found.append(f"{view.name}: {view.problem}")
        elif view.recording:
            found += [f"{view.name}: {note}" for note in view.recording.notes]
            found += _sampler(view.name, view.recording)
    unmeasured = [run for run in ordered(report.comparison.runs) if run.cores.viewing is None]
    found += [
        f"{run.variant} on {run.pod}: its cores while viewing could not be measured ({run.ended})."
        for run in unmeasured
    ]
    return found


def _sampler(name: str, recording: Recording) -> list[str]:
    """Warn where the stack sampler itself had trouble."""
    found = []
    ticks = sum(stacks.ticks for stacks in recording.stacks)
    errors = sum(stacks.errors for stacks in recording.stacks)
    late = max((stacks.late for stacks in recording.stacks), default=0)
    if errors and errors > ticks / 20:
        found.append(f"{name}: {errors:,} of the sampler's {ticks:,} looks failed.")
    if late > 1:
        found.append(f"{name}: the sampler fell behind by up to {late:.1f} s.")
    return found
