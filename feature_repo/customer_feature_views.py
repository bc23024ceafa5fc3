"""What Feast is told: the customer, where its features lie in the lake, and the services that models ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from feast import Entity, FeatureService, FeatureView, Field, FileSource, ValueType
from feast.types import Bool, FeastType, Float64, Int64, String

from features.catalogue import Feature

TIMESTAMP_FIELD = "snapshot_at"
CREATED_COLUMN = "known_at"
TIME_TO_LIVE = timedelta(days=1)
"""A row answers for its own snapshot and for a day after it, never longer."""

_TYPES: dict[str, FeastType] = {"number": Float64, "count": Int64, "flag": Bool, "text": String}

customer = Entity(
    name="customer",
    join_keys=["customer_id"],
    value_type=ValueType.STRING,
    description="One customer, as identities were believed at the snapshot",
)


@dataclass(frozen=True)
class Declarations:
    """All objects of the repository; `view` and `service` for those who read."""

    source: FileSource
    view: FeatureView
    service: FeatureService

    def objects(self) -> list[Entity | FileSource | FeatureView | FeatureService]:
        """Return what is applied to the registry."""
        return [customer, self.source, self.view, self.service]


def declare(table_uri: str, features: Mapping[str, Feature]) -> Declarations:
    """Return the declarations for `features` in the lake table at `table_uri`."""
    source = FileSource(
        name="customer_features_table",
        path=table_uri,
        timestamp_field=TIMESTAMP_FIELD,
        created_timestamp_column=CREATED_COLUMN,
        description="The lake's table customer_features",
    )
    view = FeatureView(
        name="customer_features",
        entities=[customer],
        ttl=TIME_TO_LIVE,
        schema=[
            Field(name=feature.name, dtype=_TYPES[feature.kind], description=feature.documentation)
            for feature in features.values()
        ],
        source=source,
        online=True,
    )
    return Declarations(source, view, FeatureService(name="customer_scoring", features=[view]))
