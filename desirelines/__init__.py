"""The person's door: the command line, the demo and the local Airflow."""
