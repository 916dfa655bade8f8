"""What the world did to us, as opposed to what we did wrong.

A `Problem` is something a person can act on: a printer without paper, a full disk, a code nobody knows.
It has a type, a code that help can ask for, and a sentence that says what to do next. A bug is never
dressed up as one: bugs stay ordinary Python exceptions.
"""

from typing import ClassVar

from app.values.wording import Wording


class Problem(Exception):
    """Base of every error that a person is told about; one leaf per thing that can happen."""

    code: ClassVar[str] = "GENERAL"
    """Short stable code, shown in small type to cashiers and written to the log."""

    def __init__(self, sentence: Wording) -> None:
        """Keep the sentence: what happened, what it means here, and the one thing to do now."""
        super().__init__(str(sentence))
        self.sentence = sentence
