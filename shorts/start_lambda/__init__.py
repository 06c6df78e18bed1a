"""`shorts local start-lambda`: Lambda's Invoke API on this machine, for SDKs and Step Functions."""
