"""Typed configuration: one `journey.yaml` a business."""
