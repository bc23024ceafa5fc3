"""From records to touchpoints: mapping, duplicates, quarantine, row accounting."""
