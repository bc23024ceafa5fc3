"""When: one Airflow DAG a file."""
