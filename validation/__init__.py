"""The decision record's five validations, each run on a lake of its own: `make validate` writes docs/validation.md."""
