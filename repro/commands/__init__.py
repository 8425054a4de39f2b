"""The commands of `repro`, a file each; the only place that knows the terminal and exit codes."""

HELP = """Reproduce the incident: a log server that burns a core on completed pods.

`repro run` does it all; the others are its parts, each usable alone."""

SUMMARIES = {
    "run": "Run variants of the log server against pods and write the comparison report.",
    "report": "Render the report of an earlier run again.",
    "kube": "Serve an embedded Kubernetes API with pods of every kind.",
    "serve": "Serve logs over WebSocket, in the faulty and the fixed variants.",
    "view": "Open log views like browser tabs and count what comes.",
}
