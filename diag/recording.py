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
    waiting: str = ""
    """Where they wait, as "function (file:line)" of the innermost coroutine that is suspended outside asyncio itself;
    "not started" or "running" where they do not wait, "" if unknown."""
    waits_for: str = ""
    """What they wait for: the type of the awaited object, such as "_asyncio.Future"; "" if none or unknown."""


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
    package: str = ""
    """The installed distribution that it belongs to, as "name version"; "" for the user's own and for the standard
    library's."""
    text: str = ""
    """The source itself, for the files that the busy stacks go through; "" for the others and where it could not be
    read."""


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The value of a variable, as far as it is cheap to read from another process's memory."""

    type: str
    """Name of the type, such as "bytes", "NoneType", "_asyncio.Future", "WSMessage"."""
    size: int | None = None
    """Bytes, characters or items in what has a length; None for what has none."""
    text: str = ""
    """A short text: the value of None, bool, int, float, the beginning of str and bytes, the name of an enum's member, the
    state of a future or task ("pending", "finished", "cancelled"), the arguments of an exception; else ""."""
    digest: int = 0
    """Of the content, to a bounded depth and without addresses: equal contents have equal digests."""
    identity: int = 0
    """Address of the object."""
    attributes: tuple[tuple[str, int], ...] = ()
    """Names and values (indices into `Snapshots.values`) of an instance's attributes, one level deep."""


class SnapshotFrame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A call with its local variables."""

    frame: int
    """Index into `Snapshots.frames`."""
    identity: int = 0
    """Address of the frame, or of the coroutine or generator that it belongs to: a persistent one keeps it."""
    coroutine: bool = False
    """Whether `identity` is that of a coroutine or generator."""
    variables: tuple[tuple[str, int], ...] = ()
    """Names and values (indices into `Snapshots.values`) of the local variables; () where they were not read."""


class ThreadSnapshot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A thread's whole stack at a moment, whether it runs or sleeps."""

    thread: int
    """Its number in the system (TID)."""
    name: str = ""
    state: str = "R"
    """As in /proc/PID/task/TID/stat: R on or waiting for a core, S asleep, D in the kernel."""
    frames: tuple[SnapshotFrame, ...] = ()
    """Outermost first."""


class Ready(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A callback that an event loop is about to run."""

    callback: str
    """Qualified name of the function or method, or type of the callable."""
    frames: tuple[SnapshotFrame, ...] = ()
    """For a task's step or wake-up: its suspended coroutines, outermost first. For a Python function: its first line."""
    task: int = 0
    """Address of the task, 0 for a plain callback."""


class LoopSnapshot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An asyncio event loop at a moment."""

    identity: int
    """Address of the loop."""
    kind: str
    """Its type, such as "_UnixSelectorEventLoop" or "Loop" (uvloop)."""
    thread: int = 0
    """TID of the thread that runs it; 0 if unknown."""
    operations: int | None = None
    """Additions to and removals from its ready queue, ever (modulo 2**64): every callback run counts two. None if unknown."""
    ready: int | None = None
    """Callbacks that are ready."""
    scheduled: int | None = None
    """Timers."""
    overdue: float | None = None
    """Seconds since the earliest timer should have been run; 0 if none is due, None if unknown."""
    next: tuple[Ready, ...] = ()
    """The first of the ready callbacks, at most eight."""
    waiting: tuple[Ready, ...] = ()
    """Tasks that ran or were ready at several looks before, and that wait at this one; `callback` is ""."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The threads and event loops of one process at a moment."""

    at: float
    """Seconds since the recording's start."""
    threads: tuple[ThreadSnapshot, ...]
    loops: tuple[LoopSnapshot, ...] = ()


class Snapshots(msgspec.Struct, frozen=True, kw_only=True):
    """What was read from the memory of one process, in the order of time; the process runs on meanwhile."""

    pid: int
    frames: tuple[Frame, ...]
    values: tuple[Value, ...]
    taken: tuple[Snapshot, ...]
    errors: int = 0
    """Looks whose stacks changed while they were read."""


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """One TCP connection of a process at a moment: counters since it was made."""

    at: float
    pid: int
    identity: int
    """The socket's inode: it tells connections apart."""
    local: str
    remote: str
    """"address:port"."""
    state: str
    """"ESTAB", "CLOSE-WAIT", "LISTEN" ..."""
    received: int | None = None
    sent: int | None = None
    """Payload bytes; None where the kernel does not tell."""
    segments_in: int | None = None
    segments_out: int | None = None
    """Segments that carried data."""
    unread: int = 0
    """Bytes that wait to be read by the process; for a listening socket, connections that wait to be accepted."""


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """What a process read, wrote and opened, counters and churn at a moment."""

    at: float
    pid: int
    read_bytes: int = 0
    written_bytes: int = 0
    """`rchar` and `wchar` of /proc/PID/io: files, pipes and terminals, but no sockets that use send and recv."""
    sockets: int = 0
    pipes: int = 0
    files: int = 0
    """Open descriptors by kind; files are all the rest."""
    new_sockets: int = 0
    """Sockets (inodes) seen for the first time since the first reading, all readings together: churn, from below."""


class TypeCount(msgspec.Struct, frozen=True, kw_only=True):
    """The objects of one type in one process at a moment."""

    type: str
    count: int


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
    snapshots: tuple[Snapshots, ...] = ()
    connections: tuple[Connection, ...] = ()
    traffic: tuple[Traffic, ...] = ()
    notes: tuple[str, ...] = ()
    """What could not be measured, in sentences."""
