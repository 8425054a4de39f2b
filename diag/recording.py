"""The Recording: everything measured about one process in one window, frozen, saved in open formats."""

import msgspec

SCHEMA = 1


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The process observed, as it was found."""

    pid: int
    created: float
    """Start of the process, in seconds since the epoch; with `pid` it names the process."""
    command: tuple[str, ...]
    executable: str
    user: str
    implementation: str = "CPython"
    version: str
    """Such as "3.11.7"; "" where it could not be read."""
    root: str = "/"
    """The process's root directory as seen from here: other than "/" for a chroot or container."""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What it was measured on and with."""

    cores: int
    processor: str
    memory_bytes: int
    kernel: str
    python: str
    """The observer's interpreter."""
    hotloop: str
    py_spy: str


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How it was sampled."""

    activity_interval: float
    """Seconds between two readings."""
    stack_rate: int
    """Samples a second that py-spy was asked for."""
    pausing: bool = False
    """Whether py-spy held the process during each look."""


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """A named part of the window; times in seconds since the recording's start."""

    name: str
    start: float
    end: float


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """One reading of one process: counters since its start, and levels."""

    at: float
    """Seconds since the recording's start."""
    pid: int
    cpu_user: float
    """CPU seconds in user mode, ended threads included."""
    cpu_system: float
    """CPU seconds in the kernel, ended threads included."""
    run_wait: float
    """Seconds that its threads were runnable and waited for a core (schedstat), since observation began."""
    voluntary: int
    involuntary: int
    """Context switches of all threads, since observation began."""
    threads: int
    rss_bytes: int
    descriptors: int
    """Open file descriptors."""
    connections: int
    """Established TCP connections; counted less often than the rest where counting them is dear."""
    sampled: bool
    """Whether stacks of this process were being sampled since the reading before, which itself causes switches
    and pauses."""


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A line of code on a stack."""

    function: str
    file: str
    line: int


class StackSample(msgspec.Struct, frozen=True, kw_only=True):
    """One thread's stack at one moment; indices into `Stacks.frames`, outermost first."""

    at: float
    """Seconds since the recording's start."""
    thread: str
    frames: tuple[int, ...]


class Stacks(msgspec.Struct, frozen=True, kw_only=True):
    """What py-spy saw of one process, in the order of time. Idle threads are left out."""

    pid: int
    start: float
    end: float
    """Seconds since the recording's start."""
    frames: tuple[Frame, ...]
    samples: tuple[StackSample, ...]
    ticks: int
    """Moments at which the sampler looked; a share of time is a share of these."""
    errors: int
    """Looks that failed, or found a stack that changed under the sampler's eyes."""
    late: float
    """Seconds by which the sampler fell behind at the worst; below one second it says nothing and this is 0."""
    paused: float | None = None
    """Seconds that the process was held still, all looks together: 0 where it is never held; None if unknown."""
    moments: tuple[float, ...] = ()
    """When the sampler looked, one time a tick, idle ones included; known only where it holds the process."""


class TaskGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Tasks alike."""

    coroutine: str
    """Qualified name of the coroutine."""
    file: str
    line: int
    """Where the coroutine is defined; "" and 0 where it could not be read."""
    state: str
    """"pending" or "done"."""
    count: int


class Census(msgspec.Struct, frozen=True, kw_only=True):
    """The asyncio tasks of one process at one moment."""

    at: float
    """Seconds since the recording's start."""
    pid: int
    groups: tuple[TaskGroup, ...]
    created: int | None
    """Highest default task number ("Task-N") seen: a count of the tasks made so far, from below."""
    seconds: float
    """How long the look took."""

    @property
    def live(self) -> int:
        """Tasks that are not done."""
        return sum(group.count for group in self.groups if group.state != "done")


class SourceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A source file that stacks point into, as it was when recorded."""

    path: str
    modified: float
    """Seconds since the epoch."""
    size: int


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """Everything measured about one process (and its children) in one window."""

    target: Target
    machine: Machine
    settings: Settings
    started: float
    """Seconds since the epoch."""
    seconds: float
    phases: tuple[Phase, ...]
    activity: tuple[Activity, ...]
    stacks: tuple[Stacks, ...]
    censuses: tuple[Census, ...]
    sources: tuple[SourceFile, ...]
    notes: tuple[str, ...] = ()
    """What could not be measured, in sentences."""
