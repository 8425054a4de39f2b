"""The incident, reproduced: a log server that burns a core on completed pods, and its cure."""
