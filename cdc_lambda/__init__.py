"""DynamoDB task changes to Firehose: decode, wrap, deliver. Deploys alone; boto3 comes with Lambda."""
