"""Brings a till's store to the present form, step by step, in one transaction."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from offline_store.connection import APPLICATION_ID, StoreConnection

SCRIPTS: Final = Path(__file__).parent / "migrations"


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration


def latest_revision() -> str:
    """Return the last step there is."""
    revision = ScriptDirectory.from_config(_configuration()).get_current_head()
    if revision is None:
        raise RuntimeError("the package holds no migrations")
    return revision


def knows(revision: str) -> bool:
    """Return whether a step is one of ours."""
    scripts = ScriptDirectory.from_config(_configuration())
    return revision in {script.revision for script in scripts.walk_revisions()}


def migrate(connection: StoreConnection) -> None:
    """Take every step the store has not taken yet: all of them, or none.

    Raises:
        StoreProblem: the store is as it was.
    """
    configuration = _configuration()
    configuration.attributes["connection"] = connection.core
    try:
        # Alembic commits by itself wherever no transaction of SQLAlchemy's is open, so the steps run inside one.
        connection.core.rollback()
        connection.cursor.execute("BEGIN IMMEDIATE")
        with connection.core.begin():
            connection.cursor.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            command.upgrade(configuration, "head")
    except Exception as error:
        problem = connection.problem(error)
        if problem is None:
            raise
        raise problem from error
