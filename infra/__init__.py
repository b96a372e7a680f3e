"""The cloud, described once: the CloudFormation templates, and what packs the Lambda code for them."""
