"""A gate's answer as JSON; `diag.gate.judgement` names its fields."""

import msgspec

from diag.gate.judgement import Judgement


def render(judged: Judgement) -> str:
    """Write a judgement as JSON, indented for readers and diffs."""
    return msgspec.json.format(msgspec.json.encode(judged), indent=2).decode() + "\n"
