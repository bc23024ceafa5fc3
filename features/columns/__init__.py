"""The feature columns, one module a family; a function's name is the column's name."""
