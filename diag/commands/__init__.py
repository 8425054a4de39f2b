"""The commands of `diag`, a file each; the only place that knows the terminal and exit codes."""

HELP = """Find the loop that burns a core in any running Python process.

The process needs no change and is never stopped, written to or injected into."""

SUMMARIES = {
    "record": "Record CPU, demand, stacks and tasks of a running process.",
    "census": "Count the live asyncio tasks of a running process by coroutine.",
}
