"""The API's Status objects: what a request that failed is answered."""

from collections.abc import Sequence

from repro.kube.objects import Json


class ApiError(Exception):
    """A request that failed: an HTTP code and a Status object."""

    def __init__(self, code: int, message: str, *, reason: str | None, details: Json | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.status = failure(code, message, reason=reason, details=details)


def failure(code: int, message: str, *, reason: str | None, details: Json | None = None) -> Json:
    """Give a Status object that says Failure; the keys are in the server's order."""
    status: Json = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
    }
    if reason is not None:
        status["reason"] = reason
    if details is not None:
        status["details"] = details
    status["code"] = code
    return status


def bad_request(message: str) -> ApiError:
    """The request itself cannot be understood or answered."""
    return ApiError(400, message, reason="BadRequest")


def not_found(resource: str, name: str) -> ApiError:
    """There is no object of that name."""
    details = {"name": name, "kind": resource}
    return ApiError(404, f'{resource} "{name}" not found', reason="NotFound", details=details)


def no_such_path() -> ApiError:
    """There is no such URL."""
    return ApiError(404, "the server could not find the requested resource", reason="NotFound", details={})


def already_exists(resource: str, name: str) -> ApiError:
    """The name is taken."""
    details = {"name": name, "kind": resource}
    return ApiError(409, f'{resource} "{name}" already exists', reason="AlreadyExists", details=details)


def conflict(resource: str, name: str, why: str) -> ApiError:
    """The object is not the one that the client saw."""
    message = f'Operation cannot be fulfilled on {resource} "{name}": {why}'
    return ApiError(409, message, reason="Conflict", details={"name": name, "kind": resource})


MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"
"""Why a write with an old resourceVersion is refused."""


class FieldError:
    """What is wrong with one field."""

    def __init__(self, field: str, reason: str, message: str) -> None:
        self.field = field
        self.reason = reason
        self.message = message

    @property
    def text(self) -> str:
        """Give field and fault, as they stand in the Status message."""
        return f"{self.field}: {self.message}"


def bad_value(field: str, value: str, why: str) -> FieldError:
    """A value that is not allowed; `value` is given as JSON would write it."""
    return FieldError(field, "FieldValueInvalid", f"Invalid value: {value}: {why}")


def required(field: str, why: str = "") -> FieldError:
    """A value is missing."""
    return FieldError(field, "FieldValueRequired", f"Required value: {why}" if why else "Required value")


def forbidden_field(field: str, why: str) -> FieldError:
    """A value may not be given here."""
    return FieldError(field, "FieldValueForbidden", f"Forbidden: {why}")


def unsupported(field: str, value: str, supported: Sequence[str]) -> FieldError:
    """A value is none of a fixed set."""
    known = ", ".join(f'"{choice}"' for choice in supported)
    return FieldError(
        field, "FieldValueNotSupported", f'Unsupported value: "{value}": supported values: {known}'
    )


def invalid(kind: str, name: str, errors: Sequence[FieldError]) -> ApiError:
    """The object is understood, but its fields are wrong."""
    texts = [error.text for error in errors]
    message = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    causes = [{"reason": e.reason, "message": e.message, "field": e.field} for e in errors]
    details = {**({"name": name} if name else {}), "kind": kind, "causes": causes}
    return ApiError(422, f'{kind} "{name}" is invalid: {message}', reason="Invalid", details=details)


def expired(message: str) -> ApiError:
    """A version so old that the changes since are forgotten."""
    return ApiError(410, message, reason="Expired")


def too_large_version(asked: int, current: int) -> ApiError:
    """A version that is yet to come."""
    message = f"Too large resource version: {asked}, current: {current}"
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    details = {"causes": [cause], "retryAfterSeconds": 1}
    return ApiError(504, f"Timeout: {message}", reason="Timeout", details=details)


def bad_version(text: str) -> ApiError:
    """A resourceVersion that is no number: the server answers 500."""
    why = f'strconv.ParseUint: parsing "{text}": invalid syntax'
    return ApiError(500, f'resourceVersion: Invalid value: "{text}": {why}', reason=None)


def unsupported_media_type() -> ApiError:
    """A body in a form that the server does not read."""
    message = (
        "the body of the request was in an unknown format - accepted media types include: application/json, "
        "application/yaml"
    )
    return ApiError(415, message, reason="UnsupportedMediaType")


def method_not_allowed() -> ApiError:
    """The method means nothing here."""
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, message, reason="MethodNotAllowed", details={})


def uid_conflict(kind: str, name: str, *, asked: str, found: str) -> ApiError:
    """The object of that name is another one."""
    why = (
        f"the UID in the precondition ({asked}) does not match the UID in record ({found}). The object might have "
        "been deleted and then recreated"
    )
    return conflict(kind, name, why)


def version_set() -> ApiError:
    """A new object cannot have a version yet."""
    return ApiError(500, "resourceVersion should not be set on objects to be created", reason=None)
