"""The whole lake on one machine: AWS's documented behaviour around the code that is deployed."""
