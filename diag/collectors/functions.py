"""Functions that are about to be called."""

from diag.collectors.atoms import items_of
from diag.collectors.codes import Codes
from diag.collectors.frames import Call
from diag.collectors.peek import Source, word

_CODE, _OLD_CODE = 48, 16
_GLOBALS, _OLD_GLOBALS = 16, 24
_REORDERED = 10
"""Minor version since which a function object begins with its globals."""

_NOT_BEGUN = -2


class Functions:
    """Reads function objects of one process."""

    def __init__(self, source: Source, minor: int, codes: Codes) -> None:
        self._source = source
        self._minor = minor
        self._codes = codes

    def call(self, function: int, bound: int, arguments: int) -> Call:
        """Give the call of a function that has not begun, with what will be its arguments.

        Args:
            function: address of the function.
            bound: the object that it is bound to, 0 for none.
            arguments: address of the tuple of its other arguments, 0 if unknown.

        Raises:
            Torn: it is none.
        """
        new = self._minor >= _REORDERED
        code = self._codes.get(word(self._source, function + (_CODE if new else _OLD_CODE)))
        given = [bound] if bound else []
        if arguments:
            given += items_of(self._source, self._minor, arguments, len(code.variables))
        places = len(code.variables)
        return Call(
            address=function,
            code=code,
            offset=_NOT_BEGUN,
            generator=0,
            globals=word(self._source, function + (_GLOBALS if new else _OLD_GLOBALS)),
            locals=0,
            fast=tuple((given + [0] * places)[:places]),
        )
