"""Task changes and log events to Firehose: decode, wrap, deliver. Deploys alone; orjson is in the zip."""
