"""Where a project's things are: the file, the data, and the home of all that is made from them."""

from dataclasses import dataclass
from pathlib import Path

from journeys.config.journey_yaml import JourneyConfig, load_config


@dataclass(frozen=True)
class Project:
    """A loaded `journey.yaml` with its three folders."""

    config: JourneyConfig
    project_dir: Path
    data_dir: Path
    home: Path

    @property
    def name(self) -> str:
        """The project's name, which asset URIs and model names carry."""
        return self.config.project

    @property
    def lake_dir(self) -> Path:
        """The Delta tables."""
        return self.home / "lake"

    @property
    def landing_dir(self) -> Path:
        """Files fetched from elsewhere, before they are loaded."""
        return self.home / "landing"

    @property
    def feast_dir(self) -> Path:
        """Feast's registry and online store."""
        return self.home / "feast"

    @property
    def mlflow_dir(self) -> Path:
        """MLflow's database and artifacts."""
        return self.home / "mlflow"

    @property
    def ledger_url(self) -> str:
        """Database of decisions and deliveries, as SQLAlchemy writes it."""
        return f"sqlite:///{self.home / 'ledger.db'}"

    @property
    def output_dir(self) -> Path:
        """What people read: the map, the delivered files."""
        return self.home / "output"

    @property
    def key_file(self) -> Path:
        """The secret under which identifiers are hashed, where the environment gives none."""
        return self.home / "identifier.key"


def open_project(project_dir: Path, data_dir: Path | None = None, home: Path | None = None) -> Project:
    """Load the project in `project_dir`; data default to it, the home to its `.desirelines`."""
    project_dir = project_dir.expanduser().resolve()
    return Project(
        config=load_config(project_dir),
        project_dir=project_dir,
        data_dir=(data_dir or project_dir).expanduser().resolve(),
        home=(home or project_dir / ".desirelines").expanduser().resolve(),
    )
