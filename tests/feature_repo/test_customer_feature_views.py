"""What Feast is told."""

from datetime import timedelta

from feast.types import Bool, Float64, Int64, String

from feature_repo.customer_feature_views import TIME_TO_LIVE, customer, declare
from features.catalogue import features_of
from tests.journeys.made_up import config_of


def test_every_feature_is_a_field() -> None:
    """The view has one documented field a feature, in its type, and no other."""
    found = features_of(config_of())
    view = declare("file:///lake/customer_features", found).view
    types = {"number": Float64, "count": Int64, "flag": Bool, "text": String}
    assert {field.name: field.dtype for field in view.schema if field.name != "customer_id"} == {
        name: types[feature.kind] for name, feature in found.items()
    }
    assert {field.name: field.description for field in view.schema if field.name in found} == {
        name: feature.documentation for name, feature in found.items()
    }


def test_times_and_keys() -> None:
    """Rows are joined by customer at snapshot_at, created at known_at, and answer for one day."""
    declared = declare("file:///lake/customer_features", features_of(config_of()))
    assert declared.source.timestamp_field == "snapshot_at"
    assert declared.source.created_timestamp_column == "known_at"
    assert declared.view.entities == ["customer"]
    assert customer.join_key == "customer_id"
    assert declared.view.ttl == TIME_TO_LIVE == timedelta(days=1)
    assert declared.view.online


def test_the_service_serves_the_view() -> None:
    """Models ask one service, which holds every feature of the view; all objects are applied."""
    found = features_of(config_of())
    declared = declare("file:///lake/customer_features", found)
    (projection,) = declared.service.feature_view_projections
    assert {field.name for field in projection.features} == set(found)
    assert [item.name for item in declared.objects()] == [
        "customer",
        "customer_features_table",
        "customer_features",
        "customer_scoring",
    ]
