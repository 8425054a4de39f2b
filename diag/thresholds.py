"""Every threshold of the diagnosis, with the measurement or reason that set it."""

SPIN_DEMAND = 0.5
"""Cores that a process must ask for to be called spinning. A loop without a wait asks for a whole one (0.98-1.00 measured,
also where others compete for the cores, because demand counts the wait for them); a poll every millisecond asks for
0.05-0.15. What lies between is a loop that does wait at times."""

STORM_DEMAND = 0.15
"""Cores from which a loop that does I/O to no effect is called a storm: it waits for the other side on each turn, and so
need not fill a core. Below, it asks for something less than a thousand times a second."""

BUSY_THREAD = 0.12
"""Share of the looks at which a thread must be on a core or wait for one, to be looked into. With two threads that fight
for the GIL each is seen so at 0.4-0.6 of them."""

PERSISTS = 0.95
"""Share of the looks at a thread in which a call must be there to be taken for one that never returned. Reading a stack
while it changes spoils up to 3 % of the looks."""

SEEN_TASK = 0.1
"""Share of the looks at which a task must be running or ready to be taken for one that turns all the time. The main loop of
the half-fixed log view, one of about six steps a round, is seen at 0.15-0.3."""

LASTING = 0.35
"""Share of the window over which the same task must be seen: requests come and go, a spin stays."""

FRESH = 0.6
"""Share of the looks at which a variable must have had a content that no other look saw, for the loop to be taken for one
that receives something: the chance that the next look sees something new (Good and Turing's estimate). Where nothing
comes a variable has one content, or a few that return."""

FRESH_LEAST = 5
"""Such contents at least."""

LEAST_LOOKS = 8
"""Looks at a place below which no statement about its variables is made."""

CAUSE_CONFIDENCE = 0.5
"""Agreement of facts from which a cause is stated."""

CERTAIN, FEW_LOOKS = 0.9, 3
"""Agreement of a cause with which so few looks at a place are enough."""

SURE = 0.75
"""Agreement from which a cause that explains why nothing comes outweighs variables that look new."""

BYTES_PER_CPU_SECOND = 20_000
"""Payload that a process moves for each second of CPU where it does work: 124 bytes a line at 6-10 microseconds a line are
15 MB, a slow page template of 10 kB in 20 ms is 500 kB. A spin moves what others ask of the process, or nothing."""

TURNS_PER_SECOND = 10_000
"""Callbacks a second of an event loop from which it is taken to turn without pause. A spin that suspends runs
30,000-600,000; a poll every millisecond 1,000."""

HELD_SECONDS = 0.25
"""Time for which one call must hold an event loop to be called blocking it, where something waits for the loop
meanwhile. asyncio's own debug mode warns at 0.1 s; a healthy server under load, waiting for a core on a machine with
twice as many busy processes as cores, was held up to 0.12 s."""

HELD_OFTEN_SECONDS = 0.1
"""The same for calls that follow each other, where together they are most of what the process does: asyncio's debug
mode warns from here on."""

HELD_IDLE_SECONDS = 0.25
"""The same for a call that does not even use the CPU: a blocking call that should have been awaited."""

GROWTH_LOOKS = 3
"""Censuses that tell growth from a step. Numbers that go up and down by chance rise at each of five looks in one of
120 cases, at each of three in one of six: where so few could be taken, growth must be even as well."""

STAYING = {2: 0.5, 3: 0.15, 4: 0.15, 5: 0.03}
"""Share of all tasks made that must stay, by the number of censuses. A server whose requests make four tasks each and leak
one has 0.24; a starved process whose short tasks pile up for a while had 0.07 at three looks."""

EVEN = 0.25
"""Share of the mean growth that each interval must have at least: what leaks with the traffic grows with it."""

LEAKED_TASKS = 12
"""Tasks by which a coroutine must have grown over the window."""

LEAKED_THREADS = 6
LEAKED_DESCRIPTORS = 12
"""Threads and descriptors by which a process must have grown over the window, in each third of it."""

STORM_NEW_SOCKETS = 5.0
"""New sockets a second from which a loop that gets nothing is a storm. Seen from below: a look sees one of many."""

STORM_SEGMENTS = 50.0
"""Data segments a second, likewise: the re-watching client sends 700 requests a second."""

STORM_SYSTEM = 0.25
"""The kernel's share of the CPU time, likewise: connecting to a closed port costs 0.3-0.5, a spin in memory 0.00-0.05."""

WORK = 0.5
"""Share of a hot loop's looks inside functions that do something other than wait or receive, from which it is taken for
a computation, unless a cause says otherwise."""

KERNEL = 0.1
"""The kernel's share of the CPU time below which no I/O is done to speak of: a UDP receiver at full rate has 0.4, a spin that
suspends 0.02-0.04."""

EMPTY = 0.3
"""Share of the looks at which an event loop's thread may be in somebody's own code, for its turns to be called empty."""

PAUSES = 1_000.0
"""Voluntary switches a second, undisturbed by sampling, from which a process is taken to wait again and again. Pipelines
between threads and drained sockets make 5,000-15,000; a spin makes none, threads that fight for the GIL up to 200 each."""

ALL_BUSY = 0.85
"""Share of the looks at which a thread is on a core or waits for one, from which it is taken never to sleep itself,
whatever the other threads do."""

YOUNG_SECONDS = 5.0
"""Age of a process below which growth may be its start."""
