"""What can be wrong with a whole file, so that nothing of it is imported."""

from app.values.problems import Problem
from app.values.wording import wording


class ImportProblem(Problem):
    """Base of what keeps a file from being imported."""

    code = "IMPORT"


class UnreadableFile(ImportProblem):
    """Raised when a file is missing, cut off, or not what its name says."""

    code = "IMPORT-UNREADABLE"


class UnknownEncoding(ImportProblem):
    """Raised when a text file is in none of the encodings that product files come in."""

    code = "IMPORT-ENCODING"


class MissingColumns(ImportProblem):
    """Raised when the header does not name what a product needs."""

    code = "IMPORT-COLUMNS"


class ImportCancelled(ImportProblem):
    """Raised when a person stopped the reading; nothing has changed."""

    code = "IMPORT-CANCELLED"


def unreadable(name: str, detail: str) -> UnreadableFile:
    """Return the problem of a file that cannot be read."""
    return UnreadableFile(
        wording(
            "{name} cannot be read ({detail}). Save it again as CSV, TSV or XLSX and try once more.",
            name=name,
            detail=detail[:120],
        )
    )


def cancelled_by_person() -> ImportCancelled:
    """Return the problem of a reading that was stopped."""
    return ImportCancelled(wording("The import was stopped. Nothing has changed."))
