"""The regions that the catalogue has: for each cloud Virginia or next to it, Western Europe and South-East Asia."""

AWS = ("us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-1")
AZURE = ("eastus", "westeurope", "southeastasia")
GCP = ("us-east1", "us-east4", "europe-west1", "europe-west3", "asia-southeast1")
OCI = ("us-ashburn-1", "eu-frankfurt-1", "ap-singapore-1")
