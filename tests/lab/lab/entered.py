# SPDX-License-Identifier: GPL-2.0-or-later
"""What is entered as a whole or not at all."""


class Entered:
    """For a `with`: where _start() fails, __exit__() ends what it had begun."""

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self):
        raise NotImplementedError

    def __exit__(self, *exc):
        raise NotImplementedError
