"""`make deploy`: code and templates to the artifact bucket, then the lake's stack, by a change set seen first."""
