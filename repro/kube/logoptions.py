"""What a log request asks for, and which requests make no sense."""

from typing import Literal

import msgspec

from repro.kube import params, status
from repro.kube.status import FieldError

STREAMS = ("All", "Stderr", "Stdout")


class LogOptions(msgspec.Struct, frozen=True):
    """The parameters of a log request (PodLogOptions of the API)."""

    container: str = ""
    """Empty: the pod's only one."""
    follow: bool = False
    previous: bool = False
    since_seconds: int | None = None
    since_time: int | None = None
    """Seconds since 1970."""
    timestamps: bool = False
    tail_lines: int | None = None
    limit_bytes: int | None = None
    stream: Literal["All", "Stdout", "Stderr"] = "All"


def read_options(query: params.Query, pod: str) -> LogOptions:
    """Read and check the parameters of a request for a pod's log.

    Raises:
        ApiError: 400 for a value that cannot be read, 422 for one that is not allowed.
    """
    options = LogOptions(
        container=query.get("container", ""),
        follow=params.boolean(query, "follow"),
        previous=params.boolean(query, "previous"),
        since_seconds=params.integer(query, "sinceSeconds"),
        since_time=params.moment(query, "sinceTime"),
        timestamps=params.boolean(query, "timestamps"),
        tail_lines=params.integer(query, "tailLines"),
        limit_bytes=params.integer(query, "limitBytes"),
    )
    stream = query.get("stream", "All")
    errors = [*_range_errors(options), *_stream_errors(stream, options)]
    if errors:
        raise status.invalid("PodLogOptions", pod, errors)
    return msgspec.structs.replace(options, stream=stream)


def _range_errors(options: LogOptions) -> list[FieldError]:
    """Check in the order of ValidatePodLogOptions."""
    errors = []
    if options.tail_lines is not None and options.tail_lines < 0:
        errors.append(
            status.bad_value("tailLines", str(options.tail_lines), "must be greater than or equal to 0")
        )
    if options.limit_bytes is not None and options.limit_bytes < 1:
        errors.append(status.bad_value("limitBytes", str(options.limit_bytes), "must be greater than 0"))
    if options.since_seconds is not None and options.since_time is not None:
        # The server gives this error an empty path, which prints as "[]".
        why = "at most one of `sinceTime` or `sinceSeconds` may be specified"
        errors.append(status.forbidden_field("[]", why))
    elif options.since_seconds is not None and options.since_seconds < 1:
        errors.append(status.bad_value("sinceSeconds", str(options.since_seconds), "must be greater than 0"))
    return errors


def _stream_errors(stream: str, options: LogOptions) -> list[FieldError]:
    if stream not in STREAMS:
        return [status.unsupported("stream", stream, STREAMS)]
    if stream != "All" and options.tail_lines is not None:
        why = "`tailLines` and specific `stream` are mutually exclusive for now"
        return [status.forbidden_field("[]", why)]
    return []
