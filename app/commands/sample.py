"""The sample store's catalogue, made from its tables at first use."""

from typing import TYPE_CHECKING

from app.commands.site import Site, sample_store
from app.values.clock import Clock

if TYPE_CHECKING:
    from offline_store.catalogue.shelf import CatalogueShelf


def prepared_shelf(site: Site, clock: Clock) -> "CatalogueShelf":
    """Return a till's shelf; that of the sample store is filled from its tables at first use.

    Raises:
        ImportProblem: CatalogueProblem: the sample store could not be put there.
    """
    from offline_store.catalogue.shelf import CatalogueShelf

    shelf = CatalogueShelf(site.catalogue_folder)
    if site.sample and shelf.pointer() is None:
        from app.catalogue.importing.options import ImportMode, ImportOptions, sources_at
        from offline_store.catalogue.deliveries import import_into

        options = ImportOptions(mode=ImportMode.REPLACE, zone=site.settings().zone)
        import_into(shelf, sources_at(sample_store()), options, at=clock.now())
    return shelf
