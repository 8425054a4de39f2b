"""The commands of `diag`, a file each; the only place that knows the terminal and exit codes."""

HELP = """Find the loop that burns a core in any running Python process.

The process needs no change and is never stopped, written to or injected into."""

SUMMARIES = {
    "inspect": "Find out what is wrong with a running process: where, why, what to do.",
    "run": "Start a command, and find out what is wrong with it.",
    "record": "Record CPU, demand, stacks and tasks of a running process.",
    "diagnose": "Judge a saved recording again, without the process.",
    "compare": "Put several recordings side by side.",
    "gate": "Judge measured runs by a budget, and beside those of another revision.",
    "census": "Count the asyncio tasks of a process by coroutine, or its objects by type.",
    "lint": "Find the fault in source, before it burns a core.",
    "top": "Watch a running process: verdict, CPU, tasks, functions at work.",
}
