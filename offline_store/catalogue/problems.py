"""What can be wrong with a catalogue file or with the making of one."""

from app.values.problems import Problem


class CatalogueProblem(Problem):
    """Base of what the world does to a catalogue."""

    code = "CATALOGUE"


class NoCatalogue(CatalogueProblem):
    """Raised when a shelf holds no catalogue that can be sold from."""

    code = "CATALOGUE-NONE"


class CatalogueDamaged(CatalogueProblem):
    """Raised when a file is not what was published: missing, cut off, altered, or unreadable in places."""

    code = "CATALOGUE-DAMAGED"


class CatalogueFormat(CatalogueProblem):
    """Raised when a file was made by a version of the product that keeps catalogues in another form."""

    code = "CATALOGUE-FORMAT"


class CatalogueRefused(CatalogueProblem):
    """Raised when records contradict each other, so that no catalogue can be made of them."""

    code = "CATALOGUE-REFUSED"


class CatalogueDisk(CatalogueProblem):
    """Raised when the disk has no room for a catalogue or fails while one is written."""

    code = "CATALOGUE-DISK"


class CatalogueBusy(CatalogueProblem):
    """Raised when another process is making a catalogue on the same shelf."""

    code = "CATALOGUE-BUSY"


class CatalogueCancelled(CatalogueProblem):
    """Raised when a person stopped the making; the catalogue in use is as it was."""

    code = "CATALOGUE-CANCELLED"
