"""Where a till keeps its things: one folder with configuration, catalogue, ledger and logs."""

import errno
import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.checkout.settings import TillSettings
from app.commands.configuration import BadConfiguration, Configuration, read_configuration, read_quick_keys
from app.commands.device_sections import DEVICES_FILE
from app.values.problems import Problem
from app.values.wording import wording

if TYPE_CHECKING:
    from app.commands.members.settings import MemberSettings

MEMBERS_FILE: Final = "members.toml"
SAMPLE_MEMBERS_FILE: Final = "sample_members.toml"


def default_folder() -> Path:
    """Return where a till keeps its things unless told otherwise: the platform's place for a program's data."""
    from platformdirs import user_data_path

    return user_data_path("guitai", appauthor=False)


def sample_store() -> Path:
    """Return the folder of the sample store that comes with the product."""
    return Path(str(files("resources.sample_store")))


class FolderNotWritable(Problem):
    """Raised when a folder a till must write into does not let it."""

    code = "FOLDER-NOT-WRITABLE"


def writable(folder: Path) -> Path:
    """Return a folder that can be written into, made where it is not there.

    Raises:
        FolderNotWritable: naming the folder and what the system says.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise FolderNotWritable(
            wording(
                "{folder} cannot be written into: {reason}. Choose another folder with --data, or set its rights.",
                folder=str(folder),
                reason=error.strerror or str(error),
            )
        ) from error
    return folder


@dataclass(frozen=True, slots=True)
class Site:
    """One till's folder."""

    folder: Path
    sample: bool = False
    """Whether configuration and pictures are those of the sample store."""

    @property
    def configuration_folder(self) -> Path:
        """Where `store.toml`, `members.toml`, `promotions.toml`, `quick_keys.toml` and `pictures/` are."""
        return sample_store() if self.sample else self.folder

    @property
    def pictures(self) -> Path:
        """Where products' and departments' pictures are."""
        return self.configuration_folder / "pictures"

    @property
    def members_folder(self) -> Path:
        """Where the book of members is, where the till keeps it itself."""
        return self.folder / "members"

    @property
    def catalogue_folder(self) -> Path:
        """Where the catalogue's files stand."""
        return self.folder / "catalogue"

    @property
    def ledger_folder(self) -> Path:
        """Where the till's store is."""
        return self.folder / "ledger"

    @property
    def log_folder(self) -> Path:
        """Where the logs are."""
        return self.folder / "logs"

    def configuration(self) -> Configuration:
        """Read the store's configuration.

        Raises:
            BadConfiguration: there is none, or it is wrong.
        """
        path = self.configuration_folder / "store.toml"
        if not path.exists():
            raise BadConfiguration(
                wording(
                    "There is no store.toml in {folder}. Write one after the sample store's, or start with --sample.",
                    folder=str(self.folder),
                )
            )
        return read_configuration(path, self.folder / DEVICES_FILE)

    def require_real_payments(self) -> None:
        """See that no till but the sample store's plays its own payment providers.

        A shop that copied the sample's file would hand out goods for money that is not there.

        Raises:
            BadConfiguration: one does; names it.
        """
        played = [section.id for section in self.configuration().provider if section.simulated]
        if played and not self.sample:
            raise BadConfiguration(
                wording(
                    "provider.simulated: {provider} would only play at paying. Take the line out and write its"
                    " [provider.settings], or start with --sample.",
                    provider=", ".join(played),
                )
            )

    def member_settings(self, configuration: Configuration) -> "MemberSettings | None":
        """Read what the shop decided about its members; None where it has none.

        Raises:
            BadConfiguration: BadMembers: BadCoupons: it is wrong; names the key.
        """
        from app.commands.members.reading import read_members

        return read_members(self.configuration_folder / MEMBERS_FILE, configuration)

    def settings(self, operator_number: str = "") -> TillSettings:
        """Return what the till is told about its shop.

        Raises:
            BadConfiguration: the configuration is missing or wrong.
        """
        quick_keys = read_quick_keys(self.configuration_folder / "quick_keys.toml")
        return self.configuration().till_settings(quick_keys, operator_number)
